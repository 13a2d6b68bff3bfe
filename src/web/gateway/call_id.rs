//! Ids of calls: sorted by time, unique, made without asking the system for randomness each time.

use crate::domain::{CallId, Random};
use std::sync::atomic::{AtomicU64, Ordering};
use time::OffsetDateTime;
use uuid::Builder;

/// Makes ids of calls. They are no secrets: a random start of this process, then a count.
#[derive(Debug)]
pub(super) struct CallIds {
    process: [u8; 2],
    next: AtomicU64,
}

impl CallIds {
    pub(super) fn new(random: &dyn Random) -> Self {
        Self {
            process: random.bytes(),
            next: AtomicU64::new(u64::from_be_bytes(random.bytes())),
        }
    }

    pub(super) fn next(&self, now: OffsetDateTime) -> CallId {
        let milliseconds = u64::try_from(now.unix_timestamp_nanos() / 1_000_000).unwrap_or_default();
        let mut rest = [0; 10];
        rest[..2].copy_from_slice(&self.process);
        rest[2..].copy_from_slice(&self.next.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        CallId::from_uuid(Builder::from_unix_timestamp_millis(milliseconds, &rest).into_uuid())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SeededRandom;

    #[test]
    fn calls_of_one_millisecond_have_ids_of_their_own() {
        let now = OffsetDateTime::from_unix_timestamp(1_790_000_000).unwrap();
        let ids = CallIds::new(&SeededRandom::new(3));
        let made: std::collections::HashSet<_> = (0..10_000).map(|_| ids.next(now)).collect();
        assert_eq!(made.len(), 10_000);
    }
}
