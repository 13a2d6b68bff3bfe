//! Usage events on their way to the database: nothing on a call's path waits for them.
//!
//! A bounded queue takes them; one task prices them and writes them in batches. When the database is away the
//! queue fills, and then events are lost: counted, and told once a minute.

mod writer;

use super::notifications::Fallbacks;
use crate::domain::{Fee, UsageEvent};
use crate::providers::prices::Prices;
use crate::store::Store;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use writer::Writer;

/// How many events wait at most.
const CAPACITY: usize = 65_536;
/// How often events that are lost are told of.
const ALARM_EVERY: Duration = Duration::from_mins(1);

/// An event and what the operator charges for it.
struct Entry {
    event: UsageEvent,
    fee: Fee,
}

/// What became of the events.
#[derive(Debug, Default)]
struct Counts {
    dropped: AtomicU64,
    written: AtomicU64,
}

/// Takes usage events down.
pub struct Ledger {
    sender: mpsc::Sender<Entry>,
    counts: Arc<Counts>,
    told: Mutex<Option<Instant>>,
    stop: CancellationToken,
    writing: Mutex<Option<JoinHandle<()>>>,
}

impl Ledger {
    /// Begins to write to `store`, and shows `fallbacks` what it writes.
    pub(crate) fn start(store: Store, prices: Prices, fallbacks: Fallbacks) -> Self {
        Self::with_capacity(store, prices, fallbacks, CAPACITY)
    }

    fn with_capacity(store: Store, prices: Prices, fallbacks: Fallbacks, capacity: usize) -> Self {
        let (sender, receiver) = mpsc::channel(capacity);
        let counts = Arc::new(Counts::default());
        let stop = CancellationToken::new();
        let writer = Writer::new(store, prices, fallbacks, receiver, counts.clone(), stop.clone());
        Self {
            sender,
            counts,
            told: Mutex::default(),
            stop,
            writing: Mutex::new(Some(tokio::spawn(writer.run()))),
        }
    }

    /// Takes an event down. Never waits: when the queue is full, the event is lost and counted.
    pub fn record(&self, event: UsageEvent, fee: Fee) {
        if self.sender.try_send(Entry { event, fee }).is_err() {
            let dropped = self.counts.dropped.fetch_add(1, Ordering::Relaxed) + 1;
            self.raise_alarm(dropped);
        }
    }

    /// How many events were lost since the start.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.counts.dropped.load(Ordering::Relaxed)
    }

    /// How many events were written since the start.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.counts.written.load(Ordering::Relaxed)
    }

    /// How many events wait to be written, those of the batch at hand not counted.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.sender.max_capacity() - self.sender.capacity()
    }

    /// Writes what waits and takes no more; what is not written within `limit` is lost and counted.
    pub async fn flush_and_stop(&self, limit: Duration) {
        self.stop.cancel();
        let writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut writing) = writing else { return };
        if tokio::time::timeout(limit, &mut writing).await.is_err() {
            writing.abort();
            tracing::error!(
                alarm = "usage_events_dropped",
                waiting = self.waiting(),
                "usage events could not be written before the end"
            );
        }
    }

    fn raise_alarm(&self, dropped: u64) {
        // Who meets the lock taken is not the one to tell.
        let Ok(mut told) = self.told.try_lock() else { return };
        if told.is_none_or(|told| told.elapsed() >= ALARM_EVERY) {
            *told = Some(Instant::now());
            tracing::error!(
                alarm = "usage_events_dropped",
                dropped,
                "the queue of usage events is full: calls are served, but not recorded"
            );
        }
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(writing) = self.writing.lock().unwrap_or_else(PoisonError::into_inner).take() {
            writing.abort();
        }
    }
}
