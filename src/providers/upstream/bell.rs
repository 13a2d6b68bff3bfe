//! Waking a task once for what happens to it, and not for what it does itself.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

const FREE: u8 = 0;
/// Somebody is at work, who looks whether it rang before they go.
const HELD: u8 = 1;
const RANG: u8 = 2;

/// Wakes whoever waits for a connection.
///
/// hyper expects the two ends of a connection in two tasks, which wake each other at every step. Here both are one
/// task's: its own steps would wake it, each time for a poll that finds nothing.
pub(super) struct Bell {
    shared: Arc<Shared>,
    waker: Waker,
}

struct Shared {
    state: AtomicU8,
    waiting: Mutex<Waker>,
}

impl Bell {
    pub(super) fn new() -> Self {
        let shared = Arc::new(Shared {
            state: AtomicU8::new(FREE),
            waiting: Mutex::new(Waker::noop().clone()),
        });
        Self {
            waker: shared.clone().into(),
            shared,
        }
    }

    /// Does `work` for `waiting`, who is woken for what happens once it is done; for what happens meanwhile only
    /// where nothing came of it, since whoever gets something comes back for more.
    pub(super) fn hold<T>(&self, waiting: &Waker, work: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        self.shared.wait_as(waiting);
        self.shared.state.store(HELD, Ordering::Release);
        let outcome = work(&mut Context::from_waker(&self.waker));
        let state = self.shared.state.swap(FREE, Ordering::AcqRel);
        if state == RANG && outcome.is_pending() {
            waiting.wake_by_ref();
        }
        outcome
    }
}

impl Shared {
    fn wait_as(&self, waker: &Waker) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.clone_from(waker);
    }
}

impl Wake for Shared {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let held = self
            .state
            .compare_exchange(HELD, RANG, Ordering::AcqRel, Ordering::Acquire);
        if held == Err(FREE) {
            let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[derive(Default)]
    struct Sleeper(AtomicUsize);

    impl Wake for Sleeper {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How often a task is woken by a bell that rings while held, with this outcome, and so often later.
    fn woken(outcome: Poll<()>, later: usize) -> usize {
        let sleeper = Arc::new(Sleeper::default());
        let bell = Bell::new();
        let waker = sleeper.clone().into();
        let mut rope = None;
        let done = bell.hold(&waker, |context| {
            context.waker().wake_by_ref();
            rope = Some(context.waker().clone());
            outcome
        });
        assert_eq!(done, outcome);
        (0..later).for_each(|_| rope.iter().for_each(Waker::wake_by_ref));
        sleeper.0.load(Ordering::Relaxed)
    }

    #[test]
    fn it_is_heard_behind_the_work_and_where_nothing_came_of_it() {
        assert_eq!(woken(Poll::Ready(()), 0), 0);
        assert_eq!(woken(Poll::Ready(()), 2), 2);
        assert_eq!(woken(Poll::Pending, 0), 1);
        assert_eq!(woken(Poll::Pending, 1), 2);
    }

    #[test]
    fn it_wakes_whoever_held_it_last() {
        let (first, second) = (Arc::new(Sleeper::default()), Arc::new(Sleeper::default()));
        let bell = Bell::new();
        let wait = |sleeper: &Arc<Sleeper>| bell.hold(&sleeper.clone().into(), |_| Poll::<()>::Pending);
        assert!(wait(&first).is_pending() && wait(&second).is_pending());
        bell.waker.wake_by_ref();
        assert_eq!(first.0.load(Ordering::Relaxed), 0);
        assert_eq!(second.0.load(Ordering::Relaxed), 1);
    }
}
