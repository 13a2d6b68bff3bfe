//! An operator's own prices, read from a file.

use super::rate::{PLACES, Rate};
use super::{PROVIDERS, PricesError};
use crate::domain::ProviderSlug;
use crate::providers::usage::decimal::scaled;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::path::Path;
use time::{Date, OffsetDateTime, UtcOffset, macros::format_description};

/// Prices by provider and model, the newest first.
#[derive(Default)]
pub(super) struct Overrides(HashMap<String, HashMap<String, Vec<Dated>>>);

/// What a model costs from a day on.
#[derive(Clone, Copy, Debug)]
struct Dated {
    from: Date,
    rate: Rate,
}

/// As the file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry<'json> {
    provider: String,
    model: String,
    #[serde(borrow)]
    input_per_million: &'json RawValue,
    #[serde(borrow)]
    output_per_million: Option<&'json RawValue>,
    #[serde(borrow)]
    cached_input_per_million: Option<&'json RawValue>,
    #[serde(borrow)]
    cache_write_per_million: Option<&'json RawValue>,
    from: Option<String>,
}

impl Overrides {
    /// Reads a list of prices; `path` is for errors.
    pub(super) fn read(path: &Path, json: &[u8]) -> Result<Self, PricesError> {
        let malformed = |source| PricesError::Malformed {
            path: path.to_owned(),
            source,
        };
        let mut overrides = Self::default();
        for entry in serde_json::from_slice::<Vec<Entry<'_>>>(json).map_err(malformed)? {
            let invalid = |reason| PricesError::Invalid {
                path: path.to_owned(),
                model: entry.model.clone(),
                reason,
            };
            let dated = entry.dated().map_err(invalid)?;
            if !PROVIDERS.iter().any(|(slug, _)| *slug == entry.provider) {
                return Err(invalid(
                    "its provider is none that Latchkey knows; write it as in URLs, like \"openai\"",
                ));
            }
            let rates = overrides
                .0
                .entry(entry.provider.clone())
                .or_default()
                .entry(entry.model.clone())
                .or_default();
            if rates.iter().any(|other| other.from == dated.from) {
                return Err(invalid("it stands there twice for the same day"));
            }
            rates.push(dated);
            rates.sort_by_key(|dated| std::cmp::Reverse(dated.from));
        }
        Ok(overrides)
    }

    /// What a model cost at a time, if that is overridden.
    pub(super) fn rate(&self, provider: &ProviderSlug, model: &str, at: OffsetDateTime) -> Option<Rate> {
        let rates = self.0.get(provider.as_str())?.get(model)?;
        let day = at.to_offset(UtcOffset::UTC).date();
        rates.iter().find(|dated| dated.from <= day).map(|dated| dated.rate)
    }
}

impl Entry<'_> {
    fn dated(&self) -> Result<Dated, &'static str> {
        let input = price(self.input_per_million)?;
        let optional = |value: Option<&RawValue>| value.map(price).transpose();
        Ok(Dated {
            from: self.first_day()?,
            rate: Rate {
                input,
                cached_input: optional(self.cached_input_per_million)?.unwrap_or(input),
                cache_write: optional(self.cache_write_per_million)?.unwrap_or(input),
                output: optional(self.output_per_million)?,
            },
        })
    }

    fn first_day(&self) -> Result<Date, &'static str> {
        let Some(day) = &self.from else { return Ok(Date::MIN) };
        Date::parse(day, format_description!("[year]-[month]-[day]"))
            .map_err(|_| "\"from\" must be a date like \"2026-01-31\"")
    }
}

/// A price, written as a number or as a text.
fn price(value: &RawValue) -> Result<i128, &'static str> {
    let json = value.get();
    let text = json
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(json);
    scaled(text, PLACES)
        .filter(|price| i64::try_from(*price).is_ok())
        .ok_or("prices must be dollars for a million tokens, like \"1.25\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MicroDollars, TokenCounts};
    use time::macros::datetime;

    fn read(json: &str) -> Result<Overrides, PricesError> {
        Overrides::read(Path::new("prices.json"), json.as_bytes())
    }

    fn openai() -> ProviderSlug {
        "openai".parse().unwrap()
    }

    const TOKENS: TokenCounts = TokenCounts {
        input: Some(1_000),
        output: Some(100),
        cached_input: Some(400),
        cache_write: None,
        reasoning: None,
    };

    #[test]
    fn tokens_are_priced_exactly() {
        let overrides = read(
            r#"[{"provider":"openai","model":"my-ft","input_per_million":"1.25","output_per_million":10,
                 "cached_input_per_million":0.125}]"#,
        );
        let rate = overrides
            .unwrap()
            .rate(&openai(), "my-ft", datetime!(2026-01-01 0:00 UTC))
            .unwrap();
        // 600 · 1.25 + 400 · 0.125 + 100 · 10
        assert_eq!(rate.cost(&TOKENS), Some(MicroDollars(1_800)));
        let one = TokenCounts {
            input: Some(1),
            ..TokenCounts::default()
        };
        assert_eq!(rate.cost(&one), Some(MicroDollars(1)), "1.25 is rounded down");
        let two = TokenCounts {
            input: Some(2),
            ..TokenCounts::default()
        };
        assert_eq!(rate.cost(&two), Some(MicroDollars(3)), "2.5 is rounded up");
    }

    #[test]
    fn what_is_not_priced_apart_costs_as_input() {
        let overrides = read(r#"[{"provider":"openai","model":"m","input_per_million":1e0}]"#).unwrap();
        let rate = overrides.rate(&openai(), "m", datetime!(2026-01-01 0:00 UTC)).unwrap();
        let written = TokenCounts {
            output: None,
            cache_write: Some(600),
            ..TOKENS
        };
        assert_eq!(rate.cost(&written), Some(MicroDollars(1_000)));
        assert_eq!(rate.cost(&TOKENS), None, "output has no price");
        let contradictory = TokenCounts {
            output: None,
            cached_input: Some(1_001),
            ..TOKENS
        };
        assert_eq!(rate.cost(&contradictory), None);
    }

    #[test]
    fn the_newest_price_of_the_day_counts() {
        let overrides = read(
            r#"[{"provider":"openai","model":"m","input_per_million":"1","from":"2026-01-01"},
                {"provider":"openai","model":"m","input_per_million":"2","from":"2026-02-01"}]"#,
        )
        .unwrap();
        let input = |at| {
            overrides
                .rate(&openai(), "m", at)
                .map(|rate| rate.input / 1_000_000_000)
        };
        assert_eq!(input(datetime!(2025-12-31 23:59 UTC)), None);
        assert_eq!(input(datetime!(2026-01-01 0:00 UTC)), Some(1));
        assert_eq!(input(datetime!(2026-02-01 0:30 +1)), Some(1), "days are those of UTC");
        assert_eq!(input(datetime!(2026-02-01 0:00 UTC)), Some(2));
        assert_eq!(overrides.rate(&openai(), "other", datetime!(2026-02-01 0:00 UTC)), None);
    }

    #[test]
    fn mistakes_are_told() {
        for (json, message) in [
            ("{}", "not a JSON list of prices"),
            (
                r#"[{"provider":"openai","model":"m","input_per_milion":"1"}]"#,
                "not a JSON list of prices",
            ),
            (
                r#"[{"provider":"openai","model":"m","input_per_million":"-1"}]"#,
                "prices must be dollars",
            ),
            (
                r#"[{"provider":"openai","model":"m","input_per_million":true}]"#,
                "prices must be dollars",
            ),
            (
                r#"[{"provider":"openai","model":"m","input_per_million":"1e18"}]"#,
                "prices must be dollars",
            ),
            (
                r#"[{"provider":"openai","model":"m","input_per_million":"1","from":"soon"}]"#,
                "must be a date",
            ),
            (
                r#"[{"provider":"OpenAI","model":"m","input_per_million":"1"}]"#,
                "provider is none",
            ),
            (
                r#"[{"provider":"openai","model":"m","input_per_million":"1"},
                    {"provider":"openai","model":"m","input_per_million":"2"}]"#,
                "twice for the same day",
            ),
        ] {
            let error = read(json).map(|_| ()).unwrap_err().to_string();
            assert!(
                error.contains(message) && error.contains("prices.json"),
                "{json}: {error}"
            );
        }
    }
}
