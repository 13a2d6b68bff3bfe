//! Keeping what live traffic and unasked probes find out about keys.

use super::Keys;
use crate::domain::{Actor, Health, HealthReason, HealthStatus, KeyId, NextProbe, Verdict};
use crate::service::audit::{Event, Target};
use crate::service::{Foundation, ServiceError};
use crate::store::key_health::{self, StoredHealth};
use crate::store::{OrgTx, StoreError, keys};
use serde_json::json;
use time::{Duration, OffsetDateTime};

/// How long a key without a retry time counts as having made too many calls, whatever succeeds meanwhile.
const RATE_LIMIT_LASTS: Duration = Duration::MINUTE;

/// How something was found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// A provider's answer to a call.
    LiveTraffic,
    /// A probe that nobody asked for.
    Probe,
}

impl Source {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Source::LiveTraffic => "live_traffic",
            Source::Probe => "probe",
        }
    }
}

impl Keys {
    /// Keeps what was found out about one secret of a key, and has people told when it stops working or works
    /// again. A secret that was replaced meanwhile keeps its own health. Where the key took over from another
    /// one that still works, and is refused, that one takes over again.
    pub(crate) async fn keep_verdict(
        &self,
        actor: &Actor,
        key: KeyId,
        secret_version: i64,
        verdict: &Verdict,
        source: Source,
    ) -> Result<(), ServiceError> {
        self.keep_health(actor, key, secret_version, verdict, source).await?;
        if verdict.reason.is_some_and(HealthReason::refuses_storage) {
            self.undo_rotation(actor, key, secret_version, source).await?;
        }
        Ok(())
    }

    async fn keep_health(
        &self,
        actor: &Actor,
        key: KeyId,
        secret_version: i64,
        verdict: &Verdict,
        source: Source,
    ) -> Result<(), ServiceError> {
        let Foundation {
            store, clock, random, ..
        } = &*self.foundation;
        let now = clock.now();
        let mut tx = store.org(actor.org).await?;
        let stored = key_health::lock(&mut tx, key).await?;
        let Some(stored) = stored.filter(|stored| stored.secret_version == secret_version) else {
            return Ok(());
        };
        let health = Health::from_verdict(verdict, now);
        let failures = if source == Source::Probe { stored.failures } else { 0 };
        let next = NextProbe::after(&health, failures, now, &**random);
        if is_news(&stored.health, &health, now, source) {
            keys::update_health(&mut tx, key, secret_version, &health, &next).await?;
            self.tell(&mut tx, actor, key, &stored, &health, source).await?;
        } else if source == Source::Probe {
            key_health::plan_probe(&mut tx, key, &next).await?;
        } else {
            return Ok(());
        }
        Ok(tx.commit().await?)
    }

    /// Puts into the audit trail that a key stopped working, or works again.
    async fn tell(
        &self,
        tx: &mut OrgTx,
        actor: &Actor,
        key: KeyId,
        before: &StoredHealth,
        after: &Health,
        source: Source,
    ) -> Result<(), StoreError> {
        let Some(event) = turn(&before.health, after) else {
            return Ok(());
        };
        let details = json!({
            "project": before.project,
            "provider": before.provider.as_str(),
            "name": before.name,
            "redacted": before.redacted,
            "reason": after.reason.map(HealthReason::as_str),
            "message": after.message,
            "found_by": source.as_str(),
        });
        let target = Target::new("provider_key", &key);
        self.audit.record(tx, actor, event, &target, details).await
    }
}

/// Whether a key stopped working, or works again; also when one whose credit was spent is refused for good.
pub(super) fn turn(before: &Health, after: &Health) -> Option<Event> {
    let was_refused = before.reason.is_some_and(HealthReason::refuses_storage);
    match (before.status(), after.status()) {
        (HealthStatus::Unhealthy, HealthStatus::Unhealthy) => {
            let is_refused = after.reason.is_some_and(HealthReason::refuses_storage);
            (is_refused && !was_refused).then_some(Event::KeyBecameUnhealthy)
        }
        (_, HealthStatus::Unhealthy) => Some(Event::KeyBecameUnhealthy),
        (HealthStatus::Unhealthy, HealthStatus::Healthy) => Some(Event::KeyRecovered),
        _ => None,
    }
}

/// Whether what was found out at `now` replaces what is known.
///
/// A probe asks for nothing else than whether the key works, so it is believed, except that a provider which cannot
/// be reached says nothing of a key that does not work. Live traffic is believed when it says something definite:
/// one call that succeeds does not show that a restricted key may do everything, or that a refused one is accepted
/// again (it may have begun before).
fn is_news(before: &Health, after: &Health, now: OffsetDateTime, source: Source) -> bool {
    let was_refused = before.reason.is_some_and(HealthReason::refuses_storage);
    match (source, after.reason) {
        (Source::Probe, Some(HealthReason::Unreachable)) => before.status() != HealthStatus::Unhealthy,
        (Source::Probe, _) => true,
        (Source::LiveTraffic, Some(HealthReason::Unreachable)) => false,
        (Source::LiveTraffic, Some(HealthReason::Invalid | HealthReason::Blocked)) => !was_refused,
        (Source::LiveTraffic, Some(HealthReason::Restricted)) => {
            before.status() != HealthStatus::Unhealthy && !matches!(before.reason, Some(HealthReason::Restricted))
        }
        (Source::LiveTraffic, Some(reason)) => {
            let is_over = before.retry_at.is_none_or(|at| at <= now);
            !was_refused && (before.reason != Some(reason) || is_over && after.retry_at.is_some())
        }
        (Source::LiveTraffic, None) => match before.reason {
            Some(HealthReason::Exhausted | HealthReason::Unreachable) => true,
            Some(HealthReason::RateLimited) => {
                let lasts_until = before.checked_at.map(|at| at + RATE_LIMIT_LASTS);
                before.retry_at.or(lasts_until).is_none_or(|until| until <= now)
            }
            _ => false,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use HealthReason::{Blocked, Exhausted, Invalid, RateLimited, Restricted, Unreachable};

    fn now() -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap()
    }

    fn health(reason: impl Into<Option<HealthReason>>, retry_in: Option<i64>, age: i64) -> Health {
        let reason = reason.into();
        Health {
            reason,
            message: reason.map(|reason| reason.to_string()),
            checked_at: Some(now() - Duration::seconds(age)),
            retry_at: retry_in.map(|seconds| now() + Duration::seconds(seconds)),
        }
    }

    fn live(before: &Health, after: impl Into<Option<HealthReason>>) -> bool {
        is_news(before, &health(after, None, 0), now(), Source::LiveTraffic)
    }

    #[test]
    fn a_refusal_is_news_once_and_a_success_does_not_undo_it() {
        assert!(live(&health(None, None, 9), Invalid));
        assert!(live(&health(Exhausted, Some(60), 9), Blocked));
        assert!(!live(&health(Invalid, None, 9), Blocked));
        assert!(!live(&health(Invalid, None, 9), None));
        assert!(!live(&health(Blocked, None, 9), RateLimited));
    }

    #[test]
    fn a_success_shows_that_a_quota_is_there_again() {
        assert!(live(&health(Exhausted, Some(60), 9), None));
        assert!(live(&health(Unreachable, None, 9), None));
        assert!(!live(&health(None, None, 9), None), "nothing new");
        assert!(
            !live(&health(Restricted, None, 9), None),
            "it shows nothing of the rest"
        );
    }

    #[test]
    fn a_rate_limit_lasts_its_time() {
        assert!(!live(&health(RateLimited, None, 59), None));
        assert!(live(&health(RateLimited, None, 60), None));
        assert!(!live(&health(RateLimited, Some(1), 600), None));
        assert!(live(&health(RateLimited, Some(0), 1), None));
    }

    #[test]
    fn a_new_retry_time_is_news_when_the_old_one_is_over() {
        let after = health(Exhausted, Some(60), 0);
        let is_news = |before| is_news(&before, &after, now(), Source::LiveTraffic);
        assert!(!is_news(health(Exhausted, Some(5), 9)));
        assert!(is_news(health(Exhausted, Some(-5), 9)));
        assert!(is_news(health(RateLimited, Some(5), 9)));
    }

    #[test]
    fn a_provider_out_of_reach_says_nothing_of_a_key_that_does_not_work() {
        let probe = |before: Health, after| is_news(&before, &health(after, None, 0), now(), Source::Probe);
        assert!(!probe(health(Invalid, None, 9), Unreachable));
        assert!(probe(health(None, None, 9), Unreachable));
        assert!(!live(&health(None, None, 9), Unreachable));
        assert!(is_news(
            &health(Invalid, None, 9),
            &health(None, None, 0),
            now(),
            Source::Probe
        ));
    }
}
