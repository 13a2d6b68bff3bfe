//! Which events people are told of, and how those that come in a storm are folded.

use crate::domain::{HealthReason, NotificationId, NotificationKind, ProjectId};
use crate::service::Foundation;
use crate::service::audit::Event;
use crate::store::audit::AuditEvent;
use crate::store::notifications::mails::Part;
use crate::store::notifications::{self, NewItem};
use crate::store::{OrgTx, StoreError, queue};
use serde_json::Value;
use time::Duration;

use super::announce::Announce;

/// How long events of a kind join the first one of them.
pub(super) const FOLDED_FOR: Duration = Duration::minutes(5);
/// The closing waits this much longer, for events that were noted in time and are committed late, and because the queue
/// goes by the database's clock.
const LATECOMERS: Duration = Duration::seconds(10);

/// Has people told of an event, where it is of a kind that they are told of, in the transaction of the event itself:
/// both are there, or neither. The caller holds the head of the organization's trail.
pub(crate) async fn note(
    tx: &mut OrgTx,
    foundation: &Foundation,
    what: Event,
    event: &AuditEvent,
) -> Result<(), StoreError> {
    let Some((kind, fold_key)) = kind_of(what, event) else {
        return Ok(());
    };
    let Foundation { clock, random, .. } = foundation;
    let item = NewItem {
        sequence: event.sequence,
        event: &event.event,
        occurred_at: event.occurred_at,
        project: project_of(&event.details),
        actor: event.actor_id,
        target: &event.target_id,
        details: &event.details,
    };
    let new = NotificationId::new(&**clock, &**random);
    let closes_at = event.occurred_at + FOLDED_FOR;
    let joined = notifications::join(tx, new, kind, &fold_key, closes_at, &item).await?;
    let announce = Announce {
        org: tx.org(),
        notification: joined.id,
        part: if joined.is_new { Part::Opening } else { Part::Closing },
    };
    let run_at = (!joined.is_new).then_some(joined.closes_at + LATECOMERS);
    queue::add_with(tx, &[announce.job(run_at)]).await
}

/// The kind of an event that people are told of, and what it is folded by: what has the same key joins.
fn kind_of(what: Event, event: &AuditEvent) -> Option<(NotificationKind, String)> {
    let provider = || event.details["provider"].as_str().unwrap_or_default().to_owned();
    let is_exhausted = event.details["reason"].as_str() == Some(HealthReason::Exhausted.as_str());
    Some(match what {
        Event::KeyBecameUnhealthy if is_exhausted => (NotificationKind::KeyExhausted, provider()),
        Event::KeyBecameUnhealthy => (NotificationKind::KeyUnhealthy, provider()),
        Event::KeyRecovered => (NotificationKind::KeyRecovered, provider()),
        Event::CallsFellBack => (NotificationKind::KeyFellBack, provider()),
        Event::KeyRotationUndone => (NotificationKind::RotationUndone, provider()),
        Event::KeyOpenFailed => (NotificationKind::KeyUnreadable, provider()),
        Event::KeyNeglected => (NotificationKind::KeyNeglected, String::new()),
        Event::TokenExpiresSoon => (NotificationKind::TokenExpiring, String::new()),
        // The panic switch is told at once, each time.
        Event::CallsLocked | Event::CallsUnlocked => (
            NotificationKind::CallsLocked,
            format!("{} {}", event.event, event.target_id),
        ),
        Event::MemberJoined | Event::MemberRoleChanged | Event::MemberRemoved | Event::MemberLeft => {
            (NotificationKind::MembersChanged, String::new())
        }
        Event::WebhookGivenUp => (NotificationKind::WebhookFailing, event.target_id.clone()),
        _ => return None,
    })
}

fn project_of(details: &Value) -> Option<ProjectId> {
    details["project"].as_str()?.parse().ok()
}
