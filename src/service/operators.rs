//! Who operates this deployment: outside of organizations, whatever role they have in one.

use super::{Foundation, ServiceError};
use crate::domain::{Actor, UserId};
use crate::store::organizations;

/// The operator who asks.
///
/// # Errors
/// [`ServiceError::PersonsOnly`] to a token; [`ServiceError::OperatorOnly`] to anybody else.
pub(super) async fn require_operator(foundation: &Foundation, actor: &Actor) -> Result<UserId, ServiceError> {
    let user = actor.user().ok_or(ServiceError::PersonsOnly)?;
    let mut tx = foundation.store.system().await?;
    let memberships = organizations::memberships_of(&mut tx, user).await?;
    if memberships.iter().any(|membership| membership.is_operator) {
        Ok(user)
    } else {
        Err(ServiceError::OperatorOnly)
    }
}
