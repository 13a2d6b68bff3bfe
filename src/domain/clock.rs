//! Time and randomness, passed in so that tests can hold them still.

use time::OffsetDateTime;

/// Where the present comes from.
pub trait Clock: Send + Sync {
    /// The present, in UTC, to the microsecond: as Postgres keeps it, so that what is answered and what is read later
    /// are the same.
    fn now(&self) -> OffsetDateTime;
}

/// Where unpredictable bytes come from.
pub trait Random: Send + Sync {
    /// Fills `bytes` with unpredictable bytes.
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Random + '_ {
    /// `N` unpredictable bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc().truncate_to_microsecond()
    }
}

/// The operating system's random source.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    #[expect(
        clippy::panic,
        clippy::disallowed_methods,
        reason = "the one place that asks; without randomness no key may be made"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        if let Err(error) = getrandom::fill(bytes) {
            panic!("the operating system gives no randomness: {error}");
        }
    }
}

#[cfg(test)]
pub(crate) mod testing {
    //! A clock that stands still and a random source that repeats itself.

    use super::{Clock, Random};
    use std::sync::Mutex;
    use time::{Duration, OffsetDateTime};

    /// A clock that moves only when told.
    #[derive(Debug)]
    pub(crate) struct FixedClock(Mutex<OffsetDateTime>);

    impl FixedClock {
        /// A clock standing at `seconds` after the Unix epoch.
        ///
        /// # Panics
        /// When no calendar reaches so far.
        #[must_use]
        pub(crate) fn at_unix(seconds: i64) -> Self {
            Self(Mutex::new(OffsetDateTime::from_unix_timestamp(seconds).unwrap()))
        }

        /// Moves the clock forward.
        ///
        /// # Panics
        /// When another thread panicked while it held the clock.
        pub(crate) fn advance(&self, by: Duration) {
            *self.0.lock().unwrap() += by;
        }
    }

    impl Clock for FixedClock {
        fn now(&self) -> OffsetDateTime {
            *self.0.lock().unwrap()
        }
    }

    /// A repeatable stream of bytes (splitmix64); never for secrets.
    #[derive(Debug)]
    pub(crate) struct SeededRandom(Mutex<u64>);

    impl SeededRandom {
        /// The stream that belongs to `seed`.
        #[must_use]
        pub(crate) fn new(seed: u64) -> Self {
            Self(Mutex::new(seed))
        }
    }

    impl Random for SeededRandom {
        fn fill(&self, bytes: &mut [u8]) {
            let mut state = self.0.lock().unwrap();
            for chunk in bytes.chunks_mut(8) {
                *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
                let mut word = *state;
                word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
                word ^= word >> 31;
                chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
            }
        }
    }
}
