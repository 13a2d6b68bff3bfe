//! The same secret stored more than once in an organization.

use super::Keys;
use crate::domain::{Actor, Scope};
use crate::service::ServiceError;
use crate::store::keys::secrets;
pub use crate::store::keys::secrets::Twin as KeyTwin;

impl Keys {
    /// Keys of the organization that have their secret in common, as far as the actor may know of them: groups of at
    /// least two. Nothing is opened for it. Deleted keys do not count, nor do secrets that were stored before there
    /// were fingerprints and have not been probed since.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:byok`.
    pub async fn twins(&self, actor: &Actor) -> Result<Vec<Vec<KeyTwin>>, ServiceError> {
        actor.require(Scope::ReadByok)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let mut twins = secrets::twins(&mut tx).await?;
        twins.retain(|twin| actor.reaches(twin.project));
        let groups = twins.chunk_by(|left, right| left.fingerprint == right.fingerprint);
        Ok(groups.filter(|group| group.len() > 1).map(<[_]>::to_vec).collect())
    }
}
