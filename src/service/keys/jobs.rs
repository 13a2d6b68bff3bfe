//! Probes that nobody asked for: of every key once a day, of one that does not work after growing pauses, and of one
//! whose provider refused it in a way that may mean something else.

use super::Keys;
use super::health::Source;
use crate::domain::{Actor, HealthReason, KeyId, NextProbe, OrgId, ProviderKey, Verdict};
use crate::providers::Depth;
use crate::service::{Foundation, ServiceError};
use crate::store::queue::{self, NewJob};
use crate::store::{OrgTx, StoreError, key_health, keys};
use crate::vault::OpenError;
use serde::{Deserialize, Serialize};
use serde_json::json;
use time::{Duration, OffsetDateTime};

/// How many keys are looked up at once; the next look is a minute later.
const MOST_DUE: i64 = 1_000;
/// How long a second refusal waits for a third.
const OPINIONS_APART: Duration = Duration::MINUTE;
/// When a key that does not open is looked at again.
const UNREADABLE_AGAIN: Duration = Duration::DAY;

/// Probe one key whose probe is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reprobe {
    /// The key's organization.
    pub org: OrgId,
    /// The key.
    pub key: KeyId,
}

/// Ask again about a key that a provider refused in a way that may mean something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondOpinion {
    /// The key's organization.
    pub org: OrgId,
    /// The key.
    pub key: KeyId,
    /// The secret that was refused.
    pub secret_version: i64,
    /// Whether a probe has refused it too, a minute ago.
    pub was_refused_again: bool,
}

impl Reprobe {
    /// The task's name in the queue.
    pub const TASK: &'static str = "reprobe";

    fn job(self) -> NewJob {
        NewJob {
            task: Self::TASK,
            payload: json!(self),
            queue: Some(queue_of(self.key)),
            key: Some(format!("reprobe:{}", self.key)),
            run_at: None,
        }
    }
}

impl SecondOpinion {
    /// The task's name in the queue.
    pub const TASK: &'static str = "second_opinion";

    fn job(self, run_at: Option<OffsetDateTime>) -> NewJob {
        let round = if self.was_refused_again { "last" } else { "first" };
        NewJob {
            task: Self::TASK,
            payload: json!(self),
            queue: Some(queue_of(self.key)),
            key: Some(format!("second_opinion:{}:{}:{round}", self.key, self.secret_version)),
            run_at,
        }
    }
}

/// Jobs about one key are done one after the other: no two instances probe it at once.
fn queue_of(key: KeyId) -> String {
    format!("key:{key}")
}

impl Keys {
    /// Adds a job for each key whose probe is due, and says how many. A job that waits already stays where it is.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn queue_due_probes(&self) -> Result<usize, ServiceError> {
        let Foundation { store, clock, .. } = &*self.foundation;
        let mut tx = store.system().await?;
        let due = key_health::due(&mut tx, clock.now(), MOST_DUE).await?;
        let jobs: Vec<_> = due.iter().map(|&(org, key)| Reprobe { org, key }.job()).collect();
        queue::add(&mut tx, &jobs).await?;
        tx.commit().await?;
        Ok(jobs.len())
    }

    /// Probes a key if its probe is still due, keeps what is found out, and plans the next probe.
    ///
    /// # Errors
    /// Whatever store and vault say.
    pub async fn reprobe(&self, job: Reprobe) -> Result<(), ServiceError> {
        let actor = self.foundation.system(job.org);
        let mut tx = self.foundation.store.org(job.org).await?;
        let key = find_in_use(&mut tx, job.key).await?;
        let stored = key_health::lock(&mut tx, job.key).await?;
        drop(tx);
        let (Some(key), Some(stored)) = (key, stored) else {
            return Ok(());
        };
        let now = self.foundation.clock.now();
        if stored.probe_at.is_some_and(|at| at > now) {
            return Ok(());
        }
        let verdict = self.probe_stored(&actor, &key, Depth::Listed).await;
        self.conclude(&actor, &key, verdict).await
    }

    /// Probes a key that was refused in live traffic. Refused again, it is probed once more a minute later; only
    /// the third refusal counts.
    ///
    /// # Errors
    /// Whatever store and vault say.
    pub async fn second_opinion(&self, job: SecondOpinion) -> Result<(), ServiceError> {
        let actor = self.foundation.system(job.org);
        let mut tx = self.foundation.store.org(job.org).await?;
        let key = find_in_use(&mut tx, job.key).await?;
        drop(tx);
        let Some(key) = key.filter(|key| key.secret_version == job.secret_version) else {
            return Ok(());
        };
        let verdict = self.probe_stored(&actor, &key, Depth::Listed).await;
        let reason = verdict.as_ref().ok().and_then(|verdict| verdict.reason);
        if reason.is_some_and(HealthReason::refuses_storage) && !job.was_refused_again {
            let last = SecondOpinion {
                was_refused_again: true,
                ..job
            };
            // The queue goes by the database's clock, of which this machine's is near enough.
            let run_at = self.foundation.clock.now() + OPINIONS_APART;
            return self.add_job(last.job(Some(run_at))).await;
        }
        self.conclude(&actor, &key, verdict).await
    }

    /// Asks for a second opinion, at once.
    pub(crate) async fn ask_second_opinion(
        &self,
        org: OrgId,
        key: KeyId,
        secret_version: i64,
    ) -> Result<(), ServiceError> {
        let first = SecondOpinion {
            org,
            key,
            secret_version,
            was_refused_again: false,
        };
        self.add_job(first.job(None)).await
    }

    async fn conclude(
        &self,
        actor: &Actor,
        key: &ProviderKey,
        verdict: Result<Verdict, ServiceError>,
    ) -> Result<(), ServiceError> {
        match verdict {
            Ok(verdict) => {
                self.keep_verdict(actor, key.id, key.secret_version, &verdict, Source::Probe)
                    .await
            }
            // Told as an alarm by now, which need not be told again every minute.
            Err(ServiceError::Open(error)) if !matches!(error, OpenError::Unavailable(_)) => {
                let probe = NextProbe {
                    at: self.foundation.clock.now() + UNREADABLE_AGAIN,
                    failures: 0,
                };
                let mut tx = self.foundation.store.org(actor.org).await?;
                key_health::plan_probe(&mut tx, key.id, &probe).await?;
                Ok(tx.commit().await?)
            }
            Err(error) => Err(error),
        }
    }

    async fn add_job(&self, job: NewJob) -> Result<(), ServiceError> {
        let mut tx = self.foundation.store.system().await?;
        queue::add(&mut tx, &[job]).await?;
        Ok(tx.commit().await?)
    }
}

/// A key that is switched on and not deleted, whatever its project.
async fn find_in_use(tx: &mut OrgTx, id: KeyId) -> Result<Option<ProviderKey>, StoreError> {
    let found = keys::find_anywhere(tx, id).await?;
    Ok(found.filter(|key| key.is_active && key.deleted_at.is_none()))
}
