//! Organizations: a person's own, new ones, and what the operator allows them and charges.

mod profile;

pub use profile::{OrganizationProfile, ProfileChange};

use super::accounts::SignedIn;
use super::audit::{Audit, Event, Target};
use super::projects::check_name;
use super::{Foundation, Missing, ServiceError, operators};
use crate::domain::{Actor, Fee, OrgId, Principal, Refusal, Role, Scope};
pub use crate::store::organizations::{Membership, Terms};
use crate::store::{StoreError, memberships, organizations};
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

/// Turns people to their organizations, creates new ones, and reads and changes their terms, which are the operator's
/// to change, not their owner's.
pub struct Organizations {
    foundation: Arc<Foundation>,
    audit: Arc<Audit>,
    allows_platform_keys: bool,
}

impl Organizations {
    pub(crate) const fn new(foundation: Arc<Foundation>, audit: Arc<Audit>, allows_platform_keys: bool) -> Self {
        Self {
            foundation,
            audit,
            allows_platform_keys,
        }
    }

    /// The organizations that the person who asks belongs to, by name.
    ///
    /// # Errors
    /// [`ServiceError::PersonsOnly`] to a token.
    pub async fn of(&self, actor: &Actor) -> Result<Vec<Membership>, ServiceError> {
        let user = actor.user().ok_or(ServiceError::PersonsOnly)?;
        let mut tx = self.foundation.store.system().await?;
        let mut memberships = organizations::memberships_of(&mut tx, user).await?;
        memberships.sort_by_cached_key(|membership| membership.organization.to_lowercase());
        Ok(memberships)
    }

    /// Turns to another of the person's organizations, and gives their session's new place.
    ///
    /// # Errors
    /// [`ServiceError::PersonsOnly`] to a token; [`ServiceError::Missing`] for one that they do not belong to.
    pub async fn enter(&self, actor: &Actor, org: OrgId) -> Result<SignedIn, ServiceError> {
        let user = actor.user().ok_or(ServiceError::PersonsOnly)?;
        let mut tx = self.foundation.store.org(org).await?;
        if !memberships::enter(&mut tx, user, self.foundation.clock.now()).await? {
            return Err(ServiceError::Missing(Missing::Organization));
        }
        let there = Actor { org, ..actor.clone() };
        let target = Target::new("organization", &org);
        self.audit
            .record(&mut tx, &there, Event::OrganizationEntered, &target, json!({}))
            .await?;
        tx.commit().await?;
        Ok(SignedIn {
            user,
            org,
            verified_at: actor.verified_at,
            credentials_version: None,
        })
    }

    /// Creates an organization with the operator who asks as its owner, and gives their session's new place.
    ///
    /// # Errors
    /// [`ServiceError::PersonsOnly`] to a token; [`ServiceError::OperatorOnly`]; [`ServiceError::Invalid`] for the name;
    /// [`ServiceError::Conflict`] when it is taken.
    pub async fn create(&self, actor: &Actor, name: &str) -> Result<SignedIn, ServiceError> {
        let user = operators::require_operator(&self.foundation, actor).await?;
        let name = check_name("name", name)?;
        let Foundation {
            store, clock, random, ..
        } = &*self.foundation;
        let (org, now) = (OrgId::new(&**clock, &**random), clock.now());
        let mut tx = store.system().await?;
        organizations::create(&mut tx, org, &name, self.allows_platform_keys, now)
            .await
            .map_err(name_taken)?;
        let mut tx = tx.enter(org).await?;
        memberships::insert(&mut tx, user, Role::Owner, now).await?;
        let there = Actor { org, ..actor.clone() };
        let target = Target::new("organization", &org);
        let details = json!({ "name": name });
        self.audit
            .record(&mut tx, &there, Event::OrganizationCreated, &target, details)
            .await?;
        tx.commit().await?;
        Ok(SignedIn {
            user,
            org,
            verified_at: actor.verified_at,
            credentials_version: None,
        })
    }

    /// The organization's terms.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] to all but the command line; [`ServiceError::Missing`].
    pub async fn terms(&self, actor: &Actor) -> Result<Terms, ServiceError> {
        require_command_line(actor)?;
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
        require_command_line(actor)?;
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

fn name_taken(error: StoreError) -> ServiceError {
    if error.breaks("organizations_by_name") {
        ServiceError::Conflict("There is an organization of that name already.".to_owned())
    } else {
        error.into()
    }
}

/// An owner's `*` covers their organization, and this is about it rather than in it.
fn require_command_line(actor: &Actor) -> Result<(), ServiceError> {
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
