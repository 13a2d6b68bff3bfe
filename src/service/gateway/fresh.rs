//! What is remembered of the database, and since when it is known to hold.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use tokio::time::Instant;

/// What has not been confirmed for this long is not used.
pub(super) const STALE: Duration = Duration::from_secs(5);

/// Milliseconds since the gateway was made; never goes back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticks(Instant);

impl Ticks {
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    pub(super) fn now(self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// When the database was asked, and what was known of changes then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    /// In ticks, when the question was sent.
    pub(super) at: u64,
    /// How many changes were known of, of any organization, when the question was sent.
    pub(super) changes: u64,
    /// The organization's own changes that the answer reckons with; see [`crate::store::OwnChanges::of`].
    pub(super) own_changes: u64,
}

/// A value from the database, with the text that tells whether the database would still say the same.
#[derive(Debug)]
pub(super) struct Fresh<T> {
    pub(super) value: T,
    /// As [`crate::store::routes`] gives it.
    pub(super) state: String,
    /// When it was asked for.
    pub(super) asked: Asked,
    confirmed: AtomicU64,
    used: AtomicBool,
}

impl<T> Fresh<T> {
    /// A value that was true when the question was sent.
    pub(super) const fn new(value: T, state: String, asked: Asked) -> Self {
        Self {
            value,
            state,
            asked,
            confirmed: AtomicU64::new(asked.at),
            used: AtomicBool::new(true),
        }
    }

    /// Whether it may be used at `now`, its organization's own changes being what they are; that somebody asked is
    /// remembered.
    pub(super) fn serves(&self, now: u64, own_changes: u64) -> bool {
        if !self.used.load(Ordering::Relaxed) {
            self.used.store(true, Ordering::Relaxed);
        }
        let age = now.saturating_sub(self.confirmed.load(Ordering::Relaxed));
        self.asked.own_changes == own_changes && u128::from(age) < STALE.as_millis()
    }

    /// Whether somebody asked since the last time this was asked.
    pub(super) fn take_used(&self) -> bool {
        self.used.swap(false, Ordering::Relaxed)
    }

    /// The database said the same at `asked`.
    pub(super) fn confirm(&self, asked: u64) {
        self.confirmed.fetch_max(asked, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(at: u64) -> Asked {
        Asked {
            at,
            changes: 7,
            own_changes: 3,
        }
    }

    #[test]
    fn what_was_not_confirmed_for_five_seconds_is_not_used() {
        let value = Fresh::new((), String::new(), asked(1_000));
        assert!(value.serves(5_999, 3));
        assert!(!value.serves(6_000, 3));
        value.confirm(4_000);
        assert!(value.serves(8_999, 3));
        value.confirm(2_000);
        assert!(value.serves(8_999, 3), "an older answer does not take a newer one back");
    }

    #[test]
    fn what_was_changed_here_since_is_not_used() {
        let value = Fresh::new((), String::new(), asked(1_000));
        assert!(value.serves(1_001, 3));
        value.confirm(1_002);
        assert!(!value.serves(1_003, 4));
    }

    #[test]
    fn use_is_remembered_once() {
        let value = Fresh::new((), String::new(), asked(0));
        assert!(value.take_used());
        assert!(!value.take_used());
        value.serves(1, 3);
        assert!(value.take_used());
    }
}
