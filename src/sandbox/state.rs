//! What changes while the sandbox runs.

use super::inbox::ReceivedMessage;
use super::journal::Journal;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

#[derive(Debug, Default)]
pub(super) struct State {
    revoked: Mutex<HashSet<String>>,
    journal: Mutex<Journal>,
    inboxes: Mutex<HashMap<String, Vec<ReceivedMessage>>>,
    redirect_hits: AtomicUsize,
    answers: AtomicUsize,
    streams: watch::Sender<Streams>,
    pub(super) stopping: CancellationToken,
}

/// The streamed answers of a sandbox, and model calls that wait for one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Streams {
    /// Under way now.
    pub open: usize,
    /// Those whose client left before the end.
    pub abandoned: usize,
}

impl State {
    pub(super) fn revoke(&self, key: &str) {
        locked(&self.revoked).insert(key.to_owned());
    }

    pub(super) fn restore(&self, key: &str) {
        locked(&self.revoked).remove(key);
    }

    pub(super) fn is_revoked(&self, key: &str) -> bool {
        locked(&self.revoked).contains(key)
    }

    pub(super) fn journal(&self) -> MutexGuard<'_, Journal> {
        locked(&self.journal)
    }

    pub(super) fn inboxes(&self) -> MutexGuard<'_, HashMap<String, Vec<ReceivedMessage>>> {
        locked(&self.inboxes)
    }

    pub(super) fn count_redirect(&self) {
        self.redirect_hits.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn redirect_hits(&self) -> usize {
        self.redirect_hits.load(Ordering::Relaxed)
    }

    /// The number of the next answer.
    pub(super) fn number_answer(&self) -> usize {
        self.answers.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn streams(&self) -> watch::Receiver<Streams> {
        self.streams.subscribe()
    }
}

/// A stream under way. Dropped before [`OpenStream::finish`], its client has left.
pub(super) struct OpenStream {
    state: Arc<State>,
    is_finished: bool,
}

impl OpenStream {
    pub(super) fn begin(state: &Arc<State>) -> Self {
        state.streams.send_modify(|streams| streams.open += 1);
        Self {
            state: Arc::clone(state),
            is_finished: false,
        }
    }

    pub(super) fn finish(&mut self) {
        self.is_finished = true;
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.state.streams.send_modify(|streams| {
            streams.open -= 1;
            streams.abandoned += usize::from(!self.is_finished);
        });
    }
}

fn locked<Value>(mutex: &Mutex<Value>) -> MutexGuard<'_, Value> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
