//! The audit trail: written in the transaction of the change it tells of.

use super::{Foundation, ServiceError};
use crate::domain::{Actor, KeyId, OrgId, Principal, ProviderSlug, Scope};
use crate::store::audit::{self, AuditEvent};
use crate::store::{OrgTx, StoreError};
use serde_json::{Value, json};
use std::sync::Arc;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// An organization and its first owner were created.
    OrganizationCreated,
    /// A person was created.
    UserCreated,
    /// A person signed in.
    SignedIn,
    /// A person signed out.
    SignedOut,
    /// A project was created.
    ProjectCreated,
    /// A project was renamed.
    ProjectRenamed,
    /// It was changed how calls through the gateway are answered in a project.
    ProjectGatewayChanged,
    /// The operator changed what an organization is allowed and charged.
    OrganizationChanged,
    /// A provider key was added.
    KeyAdded,
    /// A provider key's secret was replaced.
    KeyReplaced,
    /// A provider key was probed on demand.
    KeyTested,
    /// A provider key was switched on.
    KeyEnabled,
    /// A provider key was switched off.
    KeyDisabled,
    /// A provider key was deleted, recoverably.
    KeyDeleted,
    /// A deleted provider key was brought back.
    KeyRestored,
    /// A sealed secret did not open.
    KeyOpenFailed,
    /// It was decided whose key serves when a provider key does not.
    KeyFallbackChanged,
    /// A provider key was found not to work, by live traffic or by a probe that nobody asked for.
    KeyBecameUnhealthy,
    /// A provider key works again.
    KeyRecovered,
    /// A token was created.
    TokenCreated,
    /// A token was revoked.
    TokenRevoked,
    /// A signed-in caller was refused, perhaps several times within the minute.
    AccessRefused,
}

impl Event {
    /// The event as the trail writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Event::OrganizationCreated => "organization.created",
            Event::UserCreated => "user.created",
            Event::SignedIn => "session.started",
            Event::SignedOut => "session.ended",
            Event::ProjectCreated => "project.created",
            Event::ProjectRenamed => "project.renamed",
            Event::ProjectGatewayChanged => "project.gateway_changed",
            Event::OrganizationChanged => "organization.changed",
            Event::KeyAdded => "key.added",
            Event::KeyReplaced => "key.replaced",
            Event::KeyTested => "key.tested",
            Event::KeyEnabled => "key.enabled",
            Event::KeyDisabled => "key.disabled",
            Event::KeyDeleted => "key.deleted",
            Event::KeyRestored => "key.restored",
            Event::KeyOpenFailed => "key.open_failed",
            Event::KeyFallbackChanged => "key.fallback_changed",
            Event::KeyBecameUnhealthy => "key.became_unhealthy",
            Event::KeyRecovered => "key.recovered",
            Event::TokenCreated => "token.created",
            Event::TokenRevoked => "token.revoked",
            Event::AccessRefused => "access.refused",
        }
    }
}

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
}

impl Audit {
    pub(crate) const fn new(foundation: Arc<Foundation>) -> Self {
        Self { foundation }
    }

    /// A stored key does not open, or may be sent nowhere: it was altered, or moved from elsewhere. An alarm, and on the
    /// trail in a transaction of its own, since nothing else is changed.
    pub(crate) async fn alarm_unreadable_key(
        &self,
        actor: &Actor,
        key: KeyId,
        provider: &ProviderSlug,
        error: &(impl ToString + ?Sized + Sync),
    ) -> Result<(), ServiceError> {
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
        Ok(tx.commit().await?)
    }

    /// Appends an event to the organization's chain, in the transaction of the change itself.
    pub(crate) async fn record(
        &self,
        tx: &mut OrgTx,
        actor: &Actor,
        event: Event,
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
            event: event.as_str().to_owned(),
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
        audit::append(tx, &event).await
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
