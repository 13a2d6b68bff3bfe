//! The `usage` object in OpenAI's two vocabularies, `prompt_tokens` and `input_tokens`, with what others add to
//! it: `DeepSeek` its `prompt_cache_hit_tokens`, xAI its `cost_in_usd_ticks`, `OpenRouter` its `cost`.

use super::Metered;
use super::decimal;
use super::numbers::{Count, Lenient};
use crate::domain::TokenCounts;
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Usage<'json> {
    prompt_tokens: Count,
    input_tokens: Count,
    completion_tokens: Count,
    output_tokens: Count,
    total_tokens: Count,
    prompt_tokens_details: Lenient<InputDetails>,
    input_tokens_details: Lenient<InputDetails>,
    completion_tokens_details: Lenient<OutputDetails>,
    output_tokens_details: Lenient<OutputDetails>,
    prompt_cache_hit_tokens: Count,
    #[serde(borrow)]
    cost_in_usd_ticks: Option<&'json RawValue>,
    #[serde(borrow)]
    cost: Option<&'json RawValue>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct InputDetails {
    cached_tokens: Count,
    cache_write_tokens: Count,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
struct OutputDetails {
    reasoning_tokens: Count,
}

/// Reads a `usage` object over what was read before; `null` and what is no such object change nothing.
pub(super) fn read_usage(value: &[u8], read: &mut Metered) {
    // Checked once here, each text in it need not be checked again.
    let json = std::str::from_utf8(value).unwrap_or_default();
    let Ok(usage) = serde_json::from_str::<Usage<'_>>(json) else {
        return;
    };
    let tokens = usage.tokens();
    if tokens.input.is_some() || tokens.output.is_some() {
        read.tokens = tokens;
        read.has_usage = true;
    }
    let ticks = usage.cost_in_usd_ticks.and_then(|ticks| decimal::ticks(ticks.get()));
    let dollars = || usage.cost.and_then(|cost| decimal::dollars(cost.get()));
    if let Some(cost) = ticks.or_else(dollars) {
        read.reported_cost = Some(cost);
    }
}

impl Usage<'_> {
    fn tokens(&self) -> TokenCounts {
        let input_details = self
            .prompt_tokens_details
            .0
            .or(self.input_tokens_details.0)
            .unwrap_or_default();
        let output_details = self
            .completion_tokens_details
            .0
            .or(self.output_tokens_details.0)
            .unwrap_or_default();
        TokenCounts {
            input: self.input(),
            output: self.output(),
            cached_input: input_details.cached_tokens.0.or(self.prompt_cache_hit_tokens.0),
            cache_write: input_details.cache_write_tokens.0,
            reasoning: output_details.reasoning_tokens.0,
        }
    }

    fn input(&self) -> Option<i64> {
        self.prompt_tokens.0.or(self.input_tokens.0)
    }

    /// All of the output. xAI, and Gemini where it speaks OpenAI's language, leave reasoning out of
    /// `completion_tokens` but not out of `total_tokens` (Wei-Shaw/sub2api#5771, vercel/ai#12425,
    /// Clarifai/clarifai-python#978); elsewhere input and output make the total.
    fn output(&self) -> Option<i64> {
        let said = self.completion_tokens.0.or(self.output_tokens.0)?;
        let beside_input = self
            .total_tokens
            .0
            .zip(self.input())
            .map(|(total, input)| total.saturating_sub(input));
        Some(beside_input.map_or(said, |beside_input| beside_input.max(said)))
    }
}
