//! The audit trail: written in the transaction of the change it tells of.

mod chain;
mod event;
mod export;
mod heads;
mod names;
mod offline;
mod trail;
mod verification;
mod verify;

#[cfg(test)]
mod tampering;

pub use event::Event;
pub use export::ExportedEvent;
pub use heads::{ExportedHead, HeadsError, HeadsFile};
pub use names::{KeyOnTrail, Names, ProjectOnTrail};
pub use offline::{Evidence, ExportError, verify_export};
pub use trail::{AuditEvent, AuditFilter, Place};
pub use verification::Subject;
pub use verify::{Finding, Flaw, Verification};

use super::notifications;
use super::{Foundation, ServiceError};
use crate::domain::{Actor, KeyId, Principal, ProviderSlug, RequestId};
use crate::store::audit;
use crate::store::{OrgTx, StoreError};
use heads::Heads;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use uuid::Uuid;

/// Of so many unreadable keys it is remembered which request raised the alarm last.
const MOST_ALARMS: usize = 10_000;

/// So many chains are verified at a time; more wait.
const MOST_VERIFYING: usize = 2;

/// What it was done to.
#[derive(Clone, Debug)]
pub struct Target {
    /// `project`, `provider_key`, …
    pub kind: &'static str,
    /// Which one.
    pub id: String,
}

impl Target {
    /// The thing of this kind with this id.
    pub(crate) fn new(kind: &'static str, id: &(impl ToString + ?Sized)) -> Self {
        Self {
            kind,
            id: id.to_string(),
        }
    }
}

/// Writes and reads the audit trail.
pub struct Audit {
    foundation: Arc<Foundation>,
    /// The request that raised the last alarm over a key.
    alarms: Mutex<HashMap<KeyId, RequestId>>,
    /// The ends of chains, kept outside of the database.
    heads: Heads,
    /// Verifying reads a whole chain; so many at a time.
    verifying: Semaphore,
}

impl Audit {
    pub(crate) fn new(foundation: Arc<Foundation>, heads: PathBuf) -> Self {
        Self {
            foundation,
            alarms: Mutex::default(),
            heads: Heads::new(heads),
            verifying: Semaphore::new(MOST_VERIFYING),
        }
    }

    /// A stored key does not open, or may be sent nowhere: it was altered, or moved from elsewhere. An alarm, and on the
    /// trail in a transaction of its own, since nothing else is changed. One for a request, which may look twice when
    /// the database tells of a change meanwhile.
    pub(crate) async fn alarm_unreadable_key(
        &self,
        actor: &Actor,
        key: KeyId,
        provider: &ProviderSlug,
        error: &(impl ToString + ?Sized + Sync),
    ) -> Result<(), ServiceError> {
        let request = actor.request.request_id;
        if self.alarms().get(&key) == Some(&request) {
            return Ok(());
        }
        let error = error.to_string();
        tracing::error!(
            alarm = "sealed_key_unreadable", key.id = %key, org.id = %actor.org, error,
            "a stored key cannot be used: it was altered, or moved from elsewhere"
        );
        let mut tx = self.foundation.store.org(actor.org).await?;
        let target = Target::new("provider_key", &key);
        let details = json!({ "provider": provider.as_str(), "error": error });
        self.record(&mut tx, actor, Event::KeyOpenFailed, &target, details)
            .await?;
        tx.commit().await?;
        let mut alarms = self.alarms();
        if alarms.len() >= MOST_ALARMS {
            alarms.clear();
        }
        alarms.insert(key, request);
        Ok(())
    }

    fn alarms(&self) -> MutexGuard<'_, HashMap<KeyId, RequestId>> {
        self.alarms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends an event to the organization's chain, in the transaction of the change itself, and not before the event
    /// before it: so that what happened within a time is a stretch of the chain, whatever the servers' clocks say. Has
    /// people told of it where it is of a kind that they are told of.
    ///
    /// Nobody else appends to this chain from here to the transaction's end. Record last, and commit.
    pub(crate) async fn record(
        &self,
        tx: &mut OrgTx,
        actor: &Actor,
        what: Event,
        target: &Target,
        details: Value,
    ) -> Result<(), StoreError> {
        let head = audit::lock_head(tx).await?;
        let now = to_microseconds(self.foundation.clock.now());
        let (actor_kind, actor_id) = match actor.principal {
            Principal::User(user) => ("user", Some(user.as_uuid())),
            Principal::Token(token) => ("token", Some(token.as_uuid())),
            Principal::CommandLine => ("command_line", None),
            Principal::System => ("system", None),
        };
        let mut event = AuditEvent {
            sequence: head.sequence + 1,
            id: self.new_id(),
            occurred_at: head.occurred_at.map_or(now, |before| before.max(now)),
            event: what.as_str().to_owned(),
            actor_kind: actor_kind.to_owned(),
            actor_id,
            client_address: actor.request.client.map(|address| address.to_string()),
            request_id: actor.request.request_id.as_uuid(),
            target_kind: target.kind.to_owned(),
            target_id: target.id.clone(),
            details,
            previous_mac: head.mac,
            mac: [0; 32],
        };
        event.mac = chain::mac(&self.foundation.roots.audit, actor.org, &event);
        audit::append(tx, &event).await?;
        notifications::note(tx, &self.foundation, what, &event).await
    }

    /// Records what a person did about their own account, and commits it with all that `tx` did before.
    pub(super) async fn record_own(
        &self,
        mut tx: OrgTx,
        actor: &Actor,
        event: Event,
        details: Value,
    ) -> Result<(), ServiceError> {
        let person = actor.user().ok_or(ServiceError::PersonsOnly)?;
        let target = Target::new("user", &person);
        self.record(&mut tx, actor, event, &target, details).await?;
        Ok(tx.commit().await?)
    }

    fn new_id(&self) -> Uuid {
        crate::domain::RequestId::new(&*self.foundation.clock, &*self.foundation.random).as_uuid()
    }
}

/// Postgres keeps microseconds; what is signed must be what comes back.
pub(super) fn to_microseconds(time: OffsetDateTime) -> OffsetDateTime {
    time.replace_nanosecond(time.nanosecond() / 1_000 * 1_000)
        .unwrap_or(time)
}
