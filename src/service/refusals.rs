//! Refusals of signed-in callers, folded per actor and minute on their way to the audit trail.

use super::audit::{Audit, Event, Target};
use super::{Foundation, ServiceError};
use crate::domain::{Actor, OrgId, Principal};
use serde_json::json;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use time::Duration;

const FOLD: Duration = Duration::minutes(1);
/// More callers than this within a minute are written before their minute is over.
const MOST_WAITING: usize = 10_000;

/// Collects refusals and writes one event for each actor and minute.
pub struct Refusals {
    foundation: Arc<Foundation>,
    audit: Arc<Audit>,
    waiting: Mutex<HashMap<(OrgId, Principal), Folded>>,
}

struct Folded {
    first: Actor,
    operation: String,
    since: time::OffsetDateTime,
    times: u32,
}

impl Refusals {
    pub(crate) fn new(foundation: Arc<Foundation>, audit: Arc<Audit>) -> Self {
        Self {
            foundation,
            audit,
            waiting: Mutex::default(),
        }
    }

    /// Counts a refusal of `operation`.
    pub fn note(&self, actor: &Actor, operation: &str) {
        let now = self.foundation.clock.now();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting
            .entry((actor.org, actor.principal))
            .and_modify(|folded| folded.times = folded.times.saturating_add(1))
            .or_insert_with(|| Folded {
                first: actor.clone(),
                operation: operation.to_owned(),
                since: now,
                times: 1,
            });
    }

    /// How many callers have refusals that wait to be written.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Writes what has waited for a minute; with `everything`, what is younger too (at shutdown).
    /// What cannot be written is counted again.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn flush(&self, everything: bool) -> Result<(), ServiceError> {
        let mut due = self.take_due(everything).into_iter();
        while let Some(folded) = due.next() {
            if let Err(error) = self.write(&folded).await {
                self.put_back(folded);
                due.for_each(|folded| self.put_back(folded));
                return Err(error);
            }
        }
        Ok(())
    }

    fn take_due(&self, everything: bool) -> Vec<Folded> {
        let now = self.foundation.clock.now();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let everything = everything || waiting.len() > MOST_WAITING;
        waiting
            .extract_if(|_, folded| everything || now - folded.since >= FOLD)
            .map(|(_, folded)| folded)
            .collect()
    }

    fn put_back(&self, folded: Folded) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (folded.first.org, folded.first.principal);
        let times = folded.times;
        waiting
            .entry(key)
            .and_modify(|newer| newer.times = newer.times.saturating_add(times))
            .or_insert(folded);
    }

    async fn write(&self, folded: &Folded) -> Result<(), ServiceError> {
        let mut tx = self.foundation.store.org(folded.first.org).await?;
        let target = Target::new("operation", &folded.operation);
        let details = json!({ "times": folded.times });
        self.audit
            .record(&mut tx, &folded.first, Event::AccessRefused, &target, details)
            .await?;
        Ok(tx.commit().await?)
    }
}
