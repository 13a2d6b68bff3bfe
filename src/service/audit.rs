//! The audit trail: written in the transaction of the change it tells of.

mod event;
mod trail;

pub use event::Event;
pub use trail::{AuditEvent, AuditFilter};

use super::notifications;
use super::{Foundation, ServiceError};
use crate::domain::{Actor, KeyId, OrgId, Principal, ProviderSlug, RequestId, Scope};
use crate::store::audit;
use crate::store::{OrgTx, StoreError};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

/// Of so many unreadable keys it is remembered which request raised the alarm last.
const MOST_ALARMS: usize = 10_000;

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
}

impl Audit {
    pub(crate) fn new(foundation: Arc<Foundation>) -> Self {
        Self {
            foundation,
            alarms: Mutex::default(),
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

    /// Appends an event to the organization's chain, in the transaction of the change itself, and has people told of it
    /// where it is of a kind that they are told of.
    pub(crate) async fn record(
        &self,
        tx: &mut OrgTx,
        actor: &Actor,
        what: Event,
        target: &Target,
        details: Value,
    ) -> Result<(), StoreError> {
        let head = audit::lock_head(tx).await?;
        let (actor_kind, actor_id) = match actor.principal {
            Principal::User(user) => ("user", Some(user.as_uuid())),
            Principal::Token(token) => ("token", Some(token.as_uuid())),
            Principal::CommandLine => ("command_line", None),
            Principal::System => ("system", None),
        };
        let mut event = AuditEvent {
            sequence: head.sequence + 1,
            id: self.new_id(),
            occurred_at: to_microseconds(self.foundation.clock.now()),
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
        event.mac = self.mac(actor.org, &event);
        audit::append(tx, &event).await?;
        notifications::note(tx, &self.foundation, what, &event).await
    }

    /// The organization's events behind place `after`, in order, at most `limit`.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:audit`; whatever the store says.
    pub async fn list(&self, actor: &Actor, after: i64, limit: u16) -> Result<Vec<AuditEvent>, ServiceError> {
        actor.require(Scope::ReadAudit)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        Ok(audit::list(&mut tx, after, i64::from(limit)).await?)
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

    /// Whether `event` stands as it was written, behind an event with the MAC that it names.
    #[must_use]
    pub fn is_intact(&self, org: OrgId, event: &AuditEvent) -> bool {
        let parts = message(org, event);
        self.foundation.roots.audit.verify(&slices(&parts), &event.mac)
    }

    fn mac(&self, org: OrgId, event: &AuditEvent) -> [u8; 32] {
        let parts = message(org, event);
        self.foundation.roots.audit.mac(&slices(&parts))
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

/// All fields of an event, in a fixed order. JSON objects are written with sorted keys, as
/// `serde_json` keeps them, whatever order Postgres gives them back in.
fn message(org: OrgId, event: &AuditEvent) -> Vec<Vec<u8>> {
    let occurred_at = event
        .occurred_at
        .to_offset(time::UtcOffset::UTC)
        .format(&Rfc3339)
        .unwrap_or_default();
    let parts = [
        org.to_string(),
        event.sequence.to_string(),
        event.id.to_string(),
        occurred_at,
        event.event.clone(),
        event.actor_kind.clone(),
        event.actor_id.map(|id| id.to_string()).unwrap_or_default(),
        event.client_address.clone().unwrap_or_default(),
        event.request_id.to_string(),
        event.target_kind.clone(),
        event.target_id.clone(),
        event.details.to_string(),
    ];
    let mut parts: Vec<Vec<u8>> = parts.into_iter().map(String::into_bytes).collect();
    parts.push(event.previous_mac.to_vec());
    parts
}

fn slices(parts: &[Vec<u8>]) -> Vec<&[u8]> {
    parts.iter().map(Vec::as_slice).collect()
}
