//! The panic switch: locks one provider or everything, for a project or the organization. In force on every
//! instance as soon as it is committed, since the database tells the gateways.

use super::audit::{Audit, Event, Target};
use super::projects::{ProjectRef, Projects};
use super::{Foundation, Missing, ServiceError};
use crate::domain::{Actor, CallLock, LockId, ProviderSlug, Scope};
use crate::providers;
use crate::store::{StoreError, call_locks};
use serde_json::{Value, json};
use std::sync::Arc;

/// The longest reason, in characters.
const LONGEST_REASON: usize = 200;

/// What to lock.
#[derive(Clone, Debug)]
pub struct NewLock {
    /// The project whose calls are locked; `None` for every project.
    pub project: Option<ProjectRef>,
    /// The provider's slug; `None` for every provider.
    pub provider: Option<String>,
    /// Why; may be empty, for nobody should have to think first.
    pub reason: String,
    /// The locker's address or name.
    pub locked_by_name: String,
}

/// Locks calls, and unlocks them.
pub struct Locks {
    foundation: Arc<Foundation>,
    projects: Arc<Projects>,
    audit: Arc<Audit>,
}

impl Locks {
    pub(crate) const fn new(foundation: Arc<Foundation>, projects: Arc<Projects>, audit: Arc<Audit>) -> Self {
        Self {
            foundation,
            projects,
            audit,
        }
    }

    /// The locks that there are, the newest first; for a token of one project those that cover it.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:byok`.
    pub async fn list(&self, actor: &Actor) -> Result<Vec<CallLock>, ServiceError> {
        actor.require(Scope::ReadByok)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let locks = call_locks::list(&mut tx).await?;
        let covers = |lock: &CallLock| lock.project.is_none_or(|project| actor.reaches(project));
        Ok(locks.into_iter().filter(covers).collect())
    }

    /// Locks. Calls that are under way end as they began; none begins.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:settings`; [`ServiceError::OneProjectOnly`];
    /// [`ServiceError::Missing`]; [`ServiceError::Invalid`]; [`ServiceError::Conflict`] when that is locked already.
    pub async fn lock(&self, actor: &Actor, new: NewLock) -> Result<CallLock, ServiceError> {
        actor.require(Scope::WriteSettings)?;
        let reason = checked_reason(&new.reason)?;
        let provider = new.provider.as_deref().map(catalogued).transpose()?;
        if new.project.is_none() {
            actor.require_whole_organization()?;
        }
        let Foundation {
            store, clock, random, ..
        } = &*self.foundation;
        let mut tx = store.org(actor.org).await?;
        let project = match &new.project {
            Some(project) => Some(self.projects.find(&mut tx, actor, project).await?.id),
            None => None,
        };
        let lock = CallLock {
            id: LockId::new(&**clock, &**random),
            project,
            provider,
            reason,
            locked_by: actor.user(),
            locked_by_name: new.locked_by_name,
            locked_at: clock.now(),
        };
        call_locks::insert(&mut tx, &lock).await.map_err(locked_already)?;
        let target = Target::new("call_lock", &lock.id);
        self.audit
            .record(
                &mut tx,
                actor,
                Event::CallsLocked,
                &target,
                details(&lock, &lock.reason),
            )
            .await?;
        tx.commit().await?;
        Ok(lock)
    }

    /// Unlocks, for a reason that the audit trail keeps.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:settings`; [`ServiceError::Missing`]; [`ServiceError::Invalid`]
    /// without a reason.
    pub async fn unlock(&self, actor: &Actor, lock: LockId, reason: &str) -> Result<CallLock, ServiceError> {
        actor.require(Scope::WriteSettings)?;
        let reason = checked_reason(reason)?;
        if reason.is_empty() {
            return Err(ServiceError::invalid("reason", "Say why calls may pass again."));
        }
        let mut tx = self.foundation.store.org(actor.org).await?;
        let lock = call_locks::delete(&mut tx, lock, actor.project)
            .await?
            .ok_or(ServiceError::Missing(Missing::Lock))?;
        let target = Target::new("call_lock", &lock.id);
        self.audit
            .record(&mut tx, actor, Event::CallsUnlocked, &target, details(&lock, &reason))
            .await?;
        tx.commit().await?;
        Ok(lock)
    }
}

/// Which calls a lock of that provider and project covers, as a sentence begins: `Calls to OpenAI in every project`.
pub(crate) fn covers(provider: Option<&str>, project: Option<&str>) -> String {
    let calls = match provider {
        None => "All calls".to_owned(),
        Some(slug) => format!("Calls to {}", providers::name_of(slug)),
    };
    format!("{calls} in {}", project.unwrap_or("every project"))
}

fn details(lock: &CallLock, reason: &str) -> Value {
    json!({
        "project": lock.project,
        "provider": lock.provider.as_ref().map(ProviderSlug::as_str),
        "reason": reason,
    })
}

fn checked_reason(reason: &str) -> Result<String, ServiceError> {
    let reason = reason.trim();
    if reason.chars().count() > LONGEST_REASON || reason.chars().any(char::is_control) {
        let message = format!("Use up to {LONGEST_REASON} characters on one line.");
        return Err(ServiceError::invalid("reason", message));
    }
    Ok(reason.to_owned())
}

fn catalogued(slug: &str) -> Result<ProviderSlug, ServiceError> {
    let missing = ServiceError::Missing(Missing::Provider);
    match (providers::find(slug), slug.parse()) {
        (Some(_), Ok(slug)) => Ok(slug),
        _ => Err(missing),
    }
}

fn locked_already(error: StoreError) -> ServiceError {
    if error.breaks("call_locks_one_of_each") {
        ServiceError::Conflict("That is locked already.".to_owned())
    } else {
        error.into()
    }
}
