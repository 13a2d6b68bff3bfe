//! The prices that `genai-prices` bundles.
//!
//! Its calculator weighs everything that a call may be priced by, which takes longer than all else that is recorded of
//! one. Nearly all models cost so much a token and no more: such a model's rate is asked for once a minute, since prices
//! change with the day and the hour, and multiplied out in whole numbers.

use super::rate::{PLACES, Rate};
use crate::domain::{MicroDollars, TokenCounts};
use genai_prices::{Calculator, PriceRequest, Usage, UsageKey};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use time::OffsetDateTime;

/// Models remembered at most; beyond it, all are forgotten. Callers may name what they like.
const MOST_REMEMBERED: usize = 1024;
/// Calls that a rate must be right for: some prices rise with the length of a call, some stand for the call itself.
const SIZES: [i64; 4] = [0, 1, 1_000_000, 1_000_000_000];

/// The bundled prices.
pub(super) struct Bundled {
    calculator: &'static Calculator,
    known: Mutex<Known>,
}

/// Rates by model, of a provider and a minute. `None`: the model's price is not so much a token.
type Known = HashMap<(&'static str, i64), HashMap<String, Option<Rate>>>;

impl Bundled {
    /// Decodes them, unless that was done before.
    pub(super) fn load() -> Self {
        Self {
            calculator: Calculator::bundled(),
            known: Mutex::default(),
        }
    }

    /// The price of a call to `provider`, as `genai-prices` calls it.
    pub(super) fn cost(
        &self,
        provider: &'static str,
        model: &str,
        tokens: &TokenCounts,
        at: OffsetDateTime,
    ) -> Option<MicroDollars> {
        let asked = Asked {
            calculator: self.calculator,
            provider,
            model,
            at,
        };
        let known = is_plain(tokens).then(|| self.rate(&asked)).flatten();
        let cost = known.and_then(|rate| rate.cost(tokens));
        // What comes to nothing may be free or unknown; the calculator can tell.
        cost.filter(|cost| cost.0 > 0).or_else(|| asked.cost(tokens))
    }

    fn rate(&self, asked: &Asked<'_>) -> Option<Rate> {
        let minute = asked.at.unix_timestamp().div_euclid(60);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let models = known.entry((asked.provider, minute)).or_default();
        if let Some(rate) = models.get(asked.model) {
            return *rate;
        }
        if known.values().map(HashMap::len).sum::<usize>() >= MOST_REMEMBERED {
            known.clear();
        }
        let rate = asked.rate();
        let models = known.entry((asked.provider, minute)).or_default();
        models.insert(asked.model.to_owned(), rate);
        rate
    }
}

/// Whether the counts are such that a rate says the same as the calculator.
fn is_plain(tokens: &TokenCounts) -> bool {
    let of = |count: Option<i64>| count.unwrap_or(0);
    let cached = [tokens.cached_input, tokens.cache_write, tokens.reasoning].map(of);
    cached.iter().all(|count| *count >= 0)
        && cached[0].saturating_add(cached[1]) <= of(tokens.input)
        && cached[2] <= of(tokens.output)
}

/// A model whose price is asked for.
struct Asked<'call> {
    calculator: &'static Calculator,
    provider: &'static str,
    model: &'call str,
    at: OffsetDateTime,
}

impl Asked<'_> {
    fn cost(&self, tokens: &TokenCounts) -> Option<MicroDollars> {
        let dollars = self.dollars(&usage(tokens))?;
        // Free, or priced by what these counts do not tell?
        let is_unknown = dollars == 0.0 && self.dollars(&other_units())? > 0.0;
        if is_unknown {
            None
        } else {
            rounded(dollars, 6).map(MicroDollars)
        }
    }

    fn dollars(&self, usage: &Usage) -> Option<f64> {
        let request = PriceRequest::new(self.model, usage)
            .with_provider_id(self.provider)
            .with_timestamp(self.at);
        let price = self.calculator.calculate(&request).ok()?;
        Some(price.total_price)
    }

    /// The model's rate, when a call of any size is charged by it.
    fn rate(&self) -> Option<Rate> {
        let (none, million) = (TokenCounts::default(), Some(1_000_000));
        let input = TokenCounts { input: million, ..none };
        let output = TokenCounts {
            output: million,
            ..none
        };
        let cached = TokenCounts {
            cached_input: million,
            ..input
        };
        let written = TokenCounts {
            cache_write: million,
            ..input
        };
        let rate = Rate {
            input: self.exact(&input)?,
            cached_input: self.exact(&cached)?,
            cache_write: self.exact(&written)?,
            output: Some(self.exact(&output)?),
        };
        let holds = |count: i64| {
            let count = Some(count);
            // Reasoning is output; where it has a price of its own, there is no rate.
            let call = TokenCounts {
                input: count,
                output: count,
                reasoning: count,
                ..none
            };
            let (said, ours) = (self.exact(&call), rate.exact(&call));
            said.zip(ours).is_some_and(|(said, ours)| said.abs_diff(ours) <= 1)
        };
        SIZES.into_iter().all(holds).then_some(rate)
    }

    /// The price in billionths of a dollar.
    fn exact(&self, tokens: &TokenCounts) -> Option<i128> {
        rounded(self.dollars(&usage(tokens))?, PLACES).map(i128::from)
    }
}

fn usage(tokens: &TokenCounts) -> Usage {
    let counts = [
        (UsageKey::INPUT_TOKENS, tokens.input),
        (UsageKey::OUTPUT_TOKENS, tokens.output),
        (UsageKey::CACHE_READ_TOKENS, tokens.cached_input),
        (UsageKey::CACHE_WRITE_TOKENS, tokens.cache_write),
        (UsageKey::OUTPUT_REASONING_TOKENS, tokens.reasoning),
    ];
    #[expect(clippy::cast_precision_loss, reason = "token counts are far below 2^52")]
    counts
        .into_iter()
        .filter_map(|(key, count)| count.map(|count| (key, count as f64)))
        .collect()
}

/// Some of everything but tokens that a model may be priced by.
fn other_units() -> Usage {
    let units = [
        UsageKey::AUDIO_SECONDS,
        UsageKey::INPUT_AUDIO_SECONDS,
        UsageKey::INPUT_CHARACTERS,
        UsageKey::INPUT_DOCUMENT_PAGES,
        UsageKey::INPUT_TEXT_MESSAGES,
    ];
    units.into_iter().map(|unit| (unit, 1_000_000.0)).collect()
}

/// Dollars in whole numbers of their `places`th decimal place, half up. Here, and only here, a float becomes money.
fn rounded(dollars: f64, places: i32) -> Option<i64> {
    let whole = (dollars * 10_f64.powi(places)).round();
    #[expect(clippy::cast_possible_truncation, reason = "checked to be in range")]
    (0.0..9e15).contains(&whole).then_some(whole as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const WHEN: OffsetDateTime = datetime!(2026-10-01 12:00 UTC);

    #[test]
    fn micro_dollars_are_rounded_half_up() {
        assert_eq!(rounded(0.000_000_4, 6), Some(0));
        assert_eq!(rounded(0.000_001_5, 6), Some(2));
        assert_eq!(rounded(f64::NAN, 6), None);
        assert_eq!(rounded(1e300, 6), None);
    }

    fn counts([input, cached_input, cache_write, output, reasoning]: [i64; 5]) -> TokenCounts {
        TokenCounts {
            input: Some(input),
            output: Some(output),
            cached_input: Some(cached_input),
            cache_write: Some(cache_write),
            reasoning: Some(reasoning),
        }
    }

    #[test]
    fn rates_say_what_the_calculator_says() {
        let calls = [
            [1, 0, 0, 1, 0],
            [231, 128, 0, 118, 0],
            [100_003, 40_000, 20_001, 7_919, 5_000],
            [450_001, 0, 3, 1, 1],
            [0, 0, 0, 12_345, 0],
            [3_000_000, 1_000_000, 0, 0, 0],
        ];
        let (mut by_rate, mut models) = (0, 0);
        for provider in Calculator::bundled().providers() {
            for model in provider.models() {
                let asked = Asked {
                    calculator: Calculator::bundled(),
                    provider: provider.id(),
                    model: model.id(),
                    at: WHEN,
                };
                models += 1;
                let Some(rate) = asked.rate() else { continue };
                by_rate += 1;
                for call in calls.map(counts) {
                    let said = asked.cost(&call).map(|cost| cost.0);
                    let cost = rate.cost(&call).filter(|cost| cost.0 > 0).map(|cost| cost.0);
                    // Floats may come out beside a half.
                    let is_near = cost.is_none_or(|cost| said.is_some_and(|said| (said - cost).abs() <= 1));
                    assert!(is_near, "{} {}: {cost:?}, not {said:?}", asked.provider, asked.model);
                }
            }
        }
        assert!(by_rate * 2 > models, "{by_rate} of {models} models have a rate");
    }

    #[test]
    fn what_rises_with_a_calls_length_has_no_rate() {
        let asked = |model| Asked {
            calculator: Calculator::bundled(),
            provider: "google",
            model,
            at: WHEN,
        };
        assert_eq!(asked("gemini-2.5-pro").rate(), None);
        assert!(asked("gemini-2.5-flash-lite").rate().is_some());
    }

    #[test]
    fn what_is_known_is_forgotten_in_time() {
        let bundled = Bundled::load();
        let tokens = counts([10, 0, 0, 0, 0]);
        for number in 0..=MOST_REMEMBERED {
            assert_eq!(
                bundled.cost("openai", &format!("unknown-{number}"), &tokens, WHEN),
                None
            );
        }
        let known = bundled.known.lock().unwrap();
        assert_eq!(known.values().map(HashMap::len).sum::<usize>(), 1);
    }
}
