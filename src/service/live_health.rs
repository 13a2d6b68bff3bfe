//! Live traffic as a probe: what providers say of keys in their answers, kept beside the calls.

use super::keys::{Keys, Source};
use crate::domain::{Actor, HealthReason, KeyId, ProjectId, Verdict};
use crate::providers::Provider;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How many sightings wait at most; what is lost is seen again in the next call.
const CAPACITY: usize = 1_024;
/// The same sighting within this time is none.
const SAME_WITHIN: Duration = Duration::from_secs(10);
/// From this many remembered sightings on, old ones are forgotten.
const FORGET_FROM: usize = 4_096;

/// What a provider's answer to a call says of a key.
pub struct Sighting {
    /// The token of the call.
    pub actor: Actor,
    /// The key's project.
    pub project: ProjectId,
    /// The key that served.
    pub key: KeyId,
    /// Which secret of it.
    pub secret_version: i64,
    /// The provider that answered.
    pub provider: &'static dyn Provider,
    /// What the answer says.
    pub verdict: Verdict,
    /// Whether a refusal may mean something else than a bad key.
    pub needs_second_opinion: bool,
}

impl fmt::Debug for Sighting {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Sighting")
            .field("project", &self.project)
            .field("key", &self.key)
            .field("provider", &self.provider.slug())
            .field("reason", &self.verdict.reason)
            .finish_non_exhaustive()
    }
}

type Seen = (KeyId, i64, Option<HealthReason>);

/// Takes sightings, and keeps those that are news.
pub struct LiveHealth {
    sender: mpsc::Sender<Sighting>,
    seen: Mutex<HashMap<Seen, Instant>>,
    dropped: AtomicU64,
    keeping: JoinHandle<()>,
}

impl LiveHealth {
    pub(crate) fn start(keys: Arc<Keys>) -> Self {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        Self {
            sender,
            seen: Mutex::default(),
            dropped: AtomicU64::new(0),
            keeping: tokio::spawn(keep(keys, receiver)),
        }
    }

    /// Takes a sighting. Never waits, and drops what was just seen.
    pub fn observe(&self, sighting: Sighting) {
        let seen = (sighting.key, sighting.secret_version, sighting.verdict.reason);
        if self.is_new(seen, Instant::now()) && self.sender.try_send(sighting).is_err() {
            self.recent().remove(&seen);
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many sightings were lost since the start, because too many came at once.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    fn is_new(&self, seen: Seen, now: Instant) -> bool {
        let mut recent = self.recent();
        if recent.len() >= FORGET_FROM {
            recent.retain(|_, at| now - *at < SAME_WITHIN);
        }
        let is_new = recent.get(&seen).is_none_or(|at| now - *at >= SAME_WITHIN);
        if is_new {
            recent.insert(seen, now);
        }
        is_new
    }

    fn recent(&self) -> MutexGuard<'_, HashMap<Seen, Instant>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for LiveHealth {
    fn drop(&mut self) {
        self.keeping.abort();
    }
}

async fn keep(keys: Arc<Keys>, mut receiver: mpsc::Receiver<Sighting>) {
    while let Some(sighting) = receiver.recv().await {
        let Sighting {
            actor,
            key,
            secret_version,
            verdict,
            needs_second_opinion,
            ..
        } = &sighting;
        let is_refused = verdict.reason.is_some_and(HealthReason::refuses_storage);
        let kept = if is_refused && *needs_second_opinion {
            keys.ask_second_opinion(actor.org, *key, *secret_version).await
        } else {
            keys.keep_verdict(actor, *key, *secret_version, verdict, Source::LiveTraffic)
                .await
        };
        if let Err(error) = kept {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, ?sighting, "what a provider said of a key could not be kept");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{FixedClock, OrgId, RequestContext, RequestId, SeededRandom};
    use crate::providers;

    fn sightings() -> impl FnMut(Option<HealthReason>) -> Sighting {
        let (clock, random) = (FixedClock::at_unix(1_700_000_000), SeededRandom::new(1));
        let request = RequestContext {
            request_id: RequestId::new(&clock, &random),
            client: None,
        };
        let actor = Actor::system(OrgId::new(&clock, &random), request);
        let (project, key) = (ProjectId::new(&clock, &random), KeyId::new(&clock, &random));
        move |reason| Sighting {
            actor: actor.clone(),
            project,
            key,
            secret_version: 1,
            provider: providers::catalogue()[0],
            verdict: reason.map_or_else(Verdict::healthy, |reason| Verdict::because(reason, "No.")),
            needs_second_opinion: false,
        }
    }

    /// Nobody keeps what is seen.
    fn unkept(capacity: usize) -> (LiveHealth, mpsc::Receiver<Sighting>) {
        let (sender, receiver) = mpsc::channel(capacity);
        let live_health = LiveHealth {
            sender,
            seen: Mutex::default(),
            dropped: AtomicU64::new(0),
            keeping: tokio::spawn(std::future::pending()),
        };
        (live_health, receiver)
    }

    #[tokio::test]
    async fn the_same_is_news_again_after_a_while() {
        let (live_health, mut receiver) = unkept(9);
        let mut sighting = sightings();
        for reason in [Some(HealthReason::Invalid), None, Some(HealthReason::Invalid), None] {
            live_health.observe(sighting(reason));
        }
        assert_eq!(receiver.len(), 2);
        let first = receiver.recv().await.unwrap();
        let (seen, now) = ((first.key, first.secret_version, first.verdict.reason), Instant::now());
        assert!(!live_health.is_new(seen, now));
        assert!(live_health.is_new(seen, now + SAME_WITHIN));
        assert!(!live_health.is_new(seen, now + SAME_WITHIN), "it was just seen");
    }

    #[tokio::test]
    async fn what_was_lost_is_taken_from_the_next_call() {
        let (live_health, mut receiver) = unkept(1);
        let mut sighting = sightings();
        live_health.observe(sighting(Some(HealthReason::RateLimited)));
        live_health.observe(sighting(Some(HealthReason::Invalid)));
        assert_eq!(live_health.dropped(), 1);
        receiver.recv().await.unwrap();
        live_health.observe(sighting(Some(HealthReason::Invalid)));
        let taken = receiver.recv().await.unwrap();
        assert_eq!(taken.verdict.reason, Some(HealthReason::Invalid));
    }
}
