//! That the platform key took over: told once an episode, however many calls fall back.
//!
//! The ledger hands in what it writes anyway, away from the path of calls.

use crate::domain::{FallbackReason, OrgId, ProjectId, ProviderSlug, UsageEvent};
use crate::service::audit::{Audit, Event, Target};
use crate::service::{Foundation, ServiceError};
use crate::store::fallback_episodes;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use tokio::sync::mpsc;

/// An episode is over when no call fell back for so long.
const QUIET: Duration = Duration::hours(1);
/// The database is told of an episode again after this long.
const TELL_EVERY: Duration = Duration::minutes(5);
/// From this many remembered places on, old ones are forgotten.
const FORGET_FROM: usize = 4_096;
/// How many episodes wait at most to be told.
const CAPACITY: usize = 256;

type Place = (OrgId, ProjectId, ProviderSlug);

/// Episodes that no call renewed since then are over.
pub(crate) fn quiet_since(now: OffsetDateTime) -> OffsetDateTime {
    now - QUIET
}

/// Calls of one project to one provider fall back.
struct Episode {
    place: Place,
    reason: FallbackReason,
    at: OffsetDateTime,
}

/// Watches for calls that fell back although the project has a key. What it finds is told by a task of its own, so that
/// who shows it events waits for nothing.
pub(crate) struct Fallbacks {
    told: HashMap<Place, OffsetDateTime>,
    sender: mpsc::Sender<Episode>,
}

impl Fallbacks {
    pub(crate) fn start(foundation: Arc<Foundation>, audit: Arc<Audit>) -> Self {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        tokio::spawn(Teller { foundation, audit }.run(receiver));
        Self {
            told: HashMap::new(),
            sender,
        }
    }

    /// Looks at a call. Never waits; what is lost is seen again in a later call.
    pub(crate) fn observe(&mut self, event: &UsageEvent) {
        // A project without a key meant it so.
        let Some(reason) = event.fallback_reason.filter(|reason| *reason != FallbackReason::NoKey) else {
            return;
        };
        let (place, at) = ((event.org, event.project, event.provider.clone()), event.occurred_at);
        if self.told.get(&place).is_some_and(|told| at - *told < TELL_EVERY) {
            return;
        }
        let episode = Episode {
            place: place.clone(),
            reason,
            at,
        };
        if self.sender.try_send(episode).is_ok() {
            if self.told.len() >= FORGET_FROM {
                self.told.retain(|_, told| at - *told < TELL_EVERY);
            }
            self.told.insert(place, at);
        }
    }
}

/// Tells of episodes that begin.
struct Teller {
    foundation: Arc<Foundation>,
    audit: Arc<Audit>,
}

impl Teller {
    /// Until who observes is gone.
    async fn run(self, mut receiver: mpsc::Receiver<Episode>) {
        while let Some(episode) = receiver.recv().await {
            if let Err(error) = self.tell(&episode).await {
                let error: &dyn std::error::Error = &error;
                tracing::warn!(error, "that calls fall back could not be told; a later one tries again");
            }
        }
    }

    async fn tell(&self, episode: &Episode) -> Result<(), ServiceError> {
        let (org, project, provider) = &episode.place;
        let mut tx = self.foundation.store.org(*org).await?;
        let quiet_since = quiet_since(episode.at);
        if fallback_episodes::note(&mut tx, *project, provider, episode.at, quiet_since).await? {
            let details = json!({
                "project": project,
                "provider": provider.as_str(),
                "reason": episode.reason.as_str(),
            });
            let target = Target::new("project", project);
            let actor = self.foundation.system(*org);
            self.audit
                .record(&mut tx, &actor, Event::CallsFellBack, &target, details)
                .await?;
        }
        Ok(tx.commit().await?)
    }
}
