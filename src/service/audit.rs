//! The audit trail: written in the transaction of the change it tells of.

mod trail;

pub use trail::{AuditEvent, AuditFilter};

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
    /// A person ended other sessions of theirs.
    SessionsEnded,
    /// A person changed their password.
    PasswordChanged,
    /// A person chose a new password by a link that was mailed to them.
    PasswordReset,
    /// A person is asked for a code from now on when they sign in.
    SecondFactorEnabled,
    /// A person is asked for no code any more.
    SecondFactorDisabled,
    /// A person got new recovery codes.
    RecoveryCodesRenewed,
    /// A person used a recovery code up.
    RecoveryCodeUsed,
    /// A project was created.
    ProjectCreated,
    /// A project was renamed.
    ProjectRenamed,
    /// It was changed how calls through the gateway are answered in a project.
    ProjectGatewayChanged,
    /// The operator changed what an organization is allowed and charged.
    OrganizationChanged,
    /// An organization changed its name or its default project.
    OrganizationProfileChanged,
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
    /// Another one of a provider's keys became the default.
    KeyDefaultChanged,
    /// A provider key was renamed.
    KeyRenamed,
    /// A provider's keys were put into another order.
    KeysReordered,
    /// A provider key took over from another.
    KeyRotated,
    /// The key before took over again, because the provider refused the new one.
    KeyRotationUndone,
    /// A provider key that was rotated out went out of use.
    KeyRetired,
    /// A deleted provider key's secret was erased.
    KeyPurged,
    /// Calls were locked.
    CallsLocked,
    /// Calls were unlocked.
    CallsUnlocked,
    /// A token was created.
    TokenCreated,
    /// A token was revoked.
    TokenRevoked,
    /// A token took over from another.
    TokenRotated,
    /// Somebody was invited.
    InvitationCreated,
    /// An invitation was revoked before it was accepted.
    InvitationRevoked,
    /// Somebody accepted an invitation, or was added at the command line.
    MemberJoined,
    /// A person's role was changed.
    MemberRoleChanged,
    /// A person was removed from the organization.
    MemberRemoved,
    /// A person left the organization.
    MemberLeft,
    /// A person's session turned to this organization.
    OrganizationEntered,
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
            Event::SessionsEnded => "session.others_ended",
            Event::PasswordChanged => "user.password_changed",
            Event::PasswordReset => "user.password_reset",
            Event::SecondFactorEnabled => "user.second_factor_enabled",
            Event::SecondFactorDisabled => "user.second_factor_disabled",
            Event::RecoveryCodesRenewed => "user.recovery_codes_renewed",
            Event::RecoveryCodeUsed => "user.recovery_code_used",
            Event::ProjectCreated => "project.created",
            Event::ProjectRenamed => "project.renamed",
            Event::ProjectGatewayChanged => "project.gateway_changed",
            Event::OrganizationChanged => "organization.changed",
            Event::OrganizationProfileChanged => "organization.profile_changed",
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
            Event::KeyDefaultChanged => "key.default_changed",
            Event::KeyRenamed => "key.renamed",
            Event::KeysReordered => "key.reordered",
            Event::KeyRotated => "key.rotated",
            Event::KeyRotationUndone => "key.rotation_undone",
            Event::KeyRetired => "key.retired",
            Event::KeyPurged => "key.purged",
            Event::CallsLocked => "calls.locked",
            Event::CallsUnlocked => "calls.unlocked",
            Event::TokenCreated => "token.created",
            Event::TokenRevoked => "token.revoked",
            Event::TokenRotated => "token.rotated",
            Event::InvitationCreated => "invitation.created",
            Event::InvitationRevoked => "invitation.revoked",
            Event::MemberJoined => "member.joined",
            Event::MemberRoleChanged => "member.role_changed",
            Event::MemberRemoved => "member.removed",
            Event::MemberLeft => "member.left",
            Event::OrganizationEntered => "organization.entered",
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
