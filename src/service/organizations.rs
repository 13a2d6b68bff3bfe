//! What the operator allows an organization, and charges it.

use super::audit::{Audit, Event, Target};
use super::{Foundation, Missing, ServiceError};
use crate::domain::{Actor, Fee, Principal, Refusal, Scope};
use crate::store::organizations;
pub use crate::store::organizations::Terms;
use serde_json::json;
use std::sync::Arc;

/// What to change; `None` stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TermsChange {
    /// Whether the organization may use platform keys.
    pub allows_platform_keys: Option<bool>,
    /// What every call costs, in micro-dollars.
    pub fee_per_call: Option<crate::domain::MicroDollars>,
    /// The share of a call's cost, in hundredths of a percent.
    pub fee_basis_points: Option<u32>,
}

/// Reads and changes an organization's terms. They are the operator's to change, not its owner's.
pub struct Organizations {
    foundation: Arc<Foundation>,
    audit: Arc<Audit>,
}

impl Organizations {
    pub(crate) const fn new(foundation: Arc<Foundation>, audit: Arc<Audit>) -> Self {
        Self { foundation, audit }
    }

    /// The organization's terms.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] to all but the command line; [`ServiceError::Missing`].
    pub async fn terms(&self, actor: &Actor) -> Result<Terms, ServiceError> {
        require_operator(actor)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let terms = organizations::terms(&mut tx).await?;
        terms.ok_or(ServiceError::Missing(Missing::Organization))
    }

    /// Changes the organization's terms.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] to all but the command line; [`ServiceError::Missing`];
    /// [`ServiceError::Invalid`] for a fee that makes no sense.
    pub async fn change(&self, actor: &Actor, change: TermsChange) -> Result<Terms, ServiceError> {
        require_operator(actor)?;
        check(change)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let before = organizations::terms(&mut tx).await?;
        let before = before.ok_or(ServiceError::Missing(Missing::Organization))?;
        let after = Terms {
            allows_platform_keys: change.allows_platform_keys.unwrap_or(before.allows_platform_keys),
            fee: Fee {
                per_call: change.fee_per_call.unwrap_or(before.fee.per_call),
                basis_points: change.fee_basis_points.unwrap_or(before.fee.basis_points),
            },
            ..before
        };
        organizations::set_terms(&mut tx, &after).await?;
        let details = json!({
            "allows_platform_keys": after.allows_platform_keys,
            "fee_per_call_micros": after.fee.per_call.0,
            "fee_basis_points": after.fee.basis_points,
        });
        let target = Target::new("organization", &actor.org);
        self.audit
            .record(&mut tx, actor, Event::OrganizationChanged, &target, details)
            .await?;
        tx.commit().await?;
        Ok(after)
    }
}

/// An owner's `*` covers their organization, and this is about it rather than in it.
fn require_operator(actor: &Actor) -> Result<(), ServiceError> {
    match actor.principal {
        Principal::CommandLine => Ok(()),
        _ => Err(ServiceError::Refused(Refusal {
            scope: Scope::WriteSettings,
        })),
    }
}

fn check(change: TermsChange) -> Result<(), ServiceError> {
    if change.fee_per_call.is_some_and(|fee| fee.0 < 0) {
        return Err(ServiceError::invalid("fee_per_call", "Enter 0 or more micro-dollars."));
    }
    if change
        .fee_basis_points
        .is_some_and(|points| points > Fee::MOST_BASIS_POINTS)
    {
        return Err(ServiceError::invalid("fee_percent", "Enter 0 to 1000 percent."));
    }
    Ok(())
}
