//! Chance that can be had again: what is thrown follows from a seed, which is printed.

use latchkey::domain::{Random, SystemRandom};
use std::ops::Range;
use std::sync::Mutex;

/// With it in the environment, the same is thrown as then.
const SEED: &str = "LATCHKEY_TEST_SEED";

/// A stream of numbers (splitmix64).
pub(super) struct Dice(Mutex<u64>);

impl Dice {
    pub(super) fn thrown() -> Self {
        let random: &dyn Random = &SystemRandom;
        let given = std::env::var(SEED).ok().map(|seed| seed.parse().unwrap());
        let seed = given.unwrap_or_else(|| u64::from(u32::from_le_bytes(random.bytes())));
        eprintln!("{SEED}={seed}");
        Self(Mutex::new(seed))
    }

    /// Another stream, which follows from this one.
    pub(super) fn another(&self) -> Self {
        Self(Mutex::new(self.next()))
    }

    pub(super) fn within(&self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }

    pub(super) fn index(&self, length: usize) -> usize {
        usize::try_from(self.within(0..u64::try_from(length).unwrap())).unwrap()
    }

    fn next(&self) -> u64 {
        let mut state = self.0.lock().unwrap();
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = *state;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        word ^ (word >> 31)
    }
}
