//! What a model costs whose price is so much a token and no more.

use crate::domain::{MicroDollars, TokenCounts};

/// Prices are held in billionths of a dollar for a million tokens, to this many decimal places.
pub(super) const PLACES: i32 = 9;

/// That many times a billionth of a dollar is what tokens times such prices come to.
const MILLION: i128 = 1_000_000;
/// Of those, so many are a micro-dollar.
const MICRO: i128 = 1_000 * MILLION;

/// What a model costs for a million tokens of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    pub(super) input: i128,
    pub(super) cached_input: i128,
    pub(super) cache_write: i128,
    pub(super) output: Option<i128>,
}

impl Rate {
    /// What these tokens cost, half up. `None` when a price is missing for some, or the counts contradict each
    /// other.
    pub(super) fn cost(&self, tokens: &TokenCounts) -> Option<MicroDollars> {
        i64::try_from(half_up(self.sum(tokens)?, MICRO)).ok().map(MicroDollars)
    }

    /// The same in billionths of a dollar.
    pub(super) fn exact(&self, tokens: &TokenCounts) -> Option<i128> {
        Some(half_up(self.sum(tokens)?, MILLION))
    }

    fn sum(&self, tokens: &TokenCounts) -> Option<i128> {
        let count = |tokens: Option<i64>| i128::from(tokens.unwrap_or(0));
        let (cached, written) = (count(tokens.cached_input), count(tokens.cache_write));
        let uncached = count(tokens.input) - cached - written;
        let output = count(tokens.output);
        if uncached < 0 || output < 0 {
            return None;
        }
        let output_price = if output == 0 { 0 } else { self.output? };
        Some(uncached * self.input + cached * self.cached_input + written * self.cache_write + output * output_price)
    }
}

/// Of sums that are not negative.
const fn half_up(sum: i128, unit: i128) -> i128 {
    (sum + unit / 2) / unit
}
