//! The one task that prices events and writes them.

use super::{Counts, Entry};
use crate::domain::{MicroDollars, UsageEvent};
use crate::providers::prices::Prices;
use crate::service::audit::to_microseconds;
use crate::service::notifications::Fallbacks;
use crate::store::usage::{self, Batch, Charge};
use crate::store::{Store, StoreError};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// How many events go into one statement: about a quarter of a megabyte.
const BATCH: usize = 500;
/// How long events are gathered at the most before they are written.
const GATHER: Duration = Duration::from_millis(50);
/// How often it is seen whether they are many already: what waits long leaves the processor's cache.
const LOOK: Duration = Duration::from_millis(10);
/// After so many events others get their turn: pricing must not hold up calls on the same thread.
const TURN: usize = 32;
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Texts that callers and providers choose are kept to this many characters.
const LONGEST_TEXT: usize = 256;

pub(super) struct Writer {
    store: Store,
    prices: Prices,
    fallbacks: Fallbacks,
    receiver: mpsc::Receiver<Entry>,
    counts: Arc<Counts>,
    stop: CancellationToken,
}

impl Writer {
    pub(super) const fn new(
        store: Store,
        prices: Prices,
        fallbacks: Fallbacks,
        receiver: mpsc::Receiver<Entry>,
        counts: Arc<Counts>,
        stop: CancellationToken,
    ) -> Self {
        Self {
            store,
            prices,
            fallbacks,
            receiver,
            counts,
            stop,
        }
    }

    /// Writes until told to stop and nothing waits any more.
    ///
    /// While it gathers it sleeps, rather than wait at the queue, so that no call has to wake it.
    pub(super) async fn run(mut self) {
        let mut entries = Vec::with_capacity(BATCH);
        while let Some(first) = self.next().await {
            entries.push(first);
            self.gather().await;
            loop {
                while entries.len() < BATCH
                    && let Ok(entry) = self.receiver.try_recv()
                {
                    entries.push(entry);
                }
                if entries.is_empty() {
                    break;
                }
                self.write(&mut entries).await;
                entries.clear();
            }
        }
    }

    /// Lets events come in for a while.
    async fn gather(&self) {
        let mut passed = Duration::ZERO;
        while passed < GATHER && self.receiver.len() < BATCH / 2 && !self.stop.is_cancelled() {
            let _ = tokio::time::timeout(LOOK, self.stop.cancelled()).await;
            passed += LOOK;
        }
    }

    async fn next(&mut self) -> Option<Entry> {
        tokio::select! {
            biased;
            entry = self.receiver.recv() => entry,
            () = self.stop.cancelled() => {
                self.receiver.close();
                self.receiver.try_recv().ok()
            }
        }
    }

    /// Writes a batch; where the database refuses it, its events one by one, so that one that cannot be written
    /// does not take the others with it.
    async fn write(&mut self, entries: &mut [Entry]) {
        for entry in &mut *entries {
            clean(&mut entry.event);
            self.fallbacks.observe(&entry.event);
        }
        if self.send(&self.priced(entries).await).await {
            return;
        }
        for entry in entries {
            if !self.send(&self.priced(std::slice::from_ref(entry)).await).await {
                self.counts.dropped.fetch_add(1, Ordering::Relaxed);
                tracing::error!(alarm = "usage_event_refused", call.id = %entry.event.id, "an event cannot be written");
            }
        }
    }

    /// The events with their prices.
    async fn priced<'events>(&'events self, entries: &'events [Entry]) -> Batch<'events> {
        let mut batch = Batch::with_room_for(entries.len());
        for turn in entries.chunks(TURN) {
            for Entry { event, fee } in turn {
                let reached_a_provider = event.key_source.is_some();
                let (cost, prices_version) = self.cost(event);
                let fee = if reached_a_provider {
                    fee.of(cost)
                } else {
                    MicroDollars(0)
                };
                batch.push(
                    event,
                    Charge {
                        cost,
                        prices_version,
                        fee,
                    },
                );
            }
            tokio::task::yield_now().await;
        }
        batch
    }

    /// What the provider charges, and which prices say so: the provider's own word counts for more than any.
    fn cost(&self, event: &UsageEvent) -> (Option<MicroDollars>, Option<&str>) {
        if event.key_source.is_none() || event.reported_cost.is_some() {
            return (event.reported_cost, None);
        }
        let models = [event.model_answered.as_deref(), event.model_asked.as_deref()];
        let cost = models.into_iter().flatten().find_map(|model| {
            self.prices
                .cost(&event.provider, model, &event.tokens, event.occurred_at)
        });
        (cost, Some(self.prices.version()))
    }

    /// Writes events, for as long as it takes the database to be there; `false` when it refuses them.
    async fn send(&self, events: &Batch<'_>) -> bool {
        let count = events.len();
        let mut pause = FIRST_PAUSE;
        loop {
            match self.try_send(events).await {
                Ok(()) => {
                    let count = u64::try_from(count).unwrap_or_default();
                    self.counts.written.fetch_add(count, Ordering::Relaxed);
                    return true;
                }
                Err(StoreError::Unavailable(error)) => {
                    tracing::warn!(%error, events = count, "usage events wait for the database");
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::error!(error, events = count, "the database refused usage events");
                    return false;
                }
            }
        }
    }

    async fn try_send(&self, events: &Batch<'_>) -> Result<(), StoreError> {
        let mut tx = self.store.system().await?;
        usage::add(&mut tx, events).await?;
        tx.commit().await
    }
}

/// Takes out of an event what Postgres cannot hold or what is longer than anybody reads.
fn clean(event: &mut UsageEvent) {
    event.occurred_at = to_microseconds(event.occurred_at);
    let texts = [&mut event.model_asked, &mut event.model_answered, &mut event.session];
    texts.into_iter().flatten().for_each(clean_text);
    let unclean = event
        .labels
        .iter()
        .any(|(key, value)| !is_clean(key) || !is_clean(value));
    if unclean {
        let labels = std::mem::take(&mut event.labels).into_iter();
        event.labels = labels
            .map(|(mut key, mut value)| {
                clean_text(&mut key);
                clean_text(&mut value);
                (key, value)
            })
            .collect();
    }
}

fn is_clean(text: &str) -> bool {
    text.len() <= LONGEST_TEXT && !text.chars().any(char::is_control)
}

fn clean_text(text: &mut String) {
    if !is_clean(text) {
        *text = text
            .chars()
            .filter(|letter| !letter.is_control())
            .take(LONGEST_TEXT)
            .collect();
    }
}
