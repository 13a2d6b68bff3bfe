//! What a call costs: the prices that `genai-prices` bundles, and an operator's own before them.
//!
//! The bundled prices count tokens of text and cache. Fees for searches, tiers of service and batches, and the
//! dearer tokens of sound and pictures are not in them, since a call's counts do not tell these apart.

mod bundled;
mod overrides;
mod rate;

use crate::domain::{MicroDollars, ProviderSlug, TokenCounts};
use bundled::Bundled;
use overrides::Overrides;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use time::OffsetDateTime;

/// The release whose prices are bundled; a test holds it to `Cargo.lock`.
const BUNDLED: &str = "genai-prices-0.2.1";

/// Our providers and what `genai-prices` calls them.
const PROVIDERS: &[(&str, &str)] = &[
    ("openai", "openai"),
    ("anthropic", "anthropic"),
    ("gemini", "google"),
    ("xai", "x-ai"),
    ("openrouter", "openrouter"),
    ("mistral", "mistral"),
    ("azure_openai", "azure"),
    ("groq", "groq"),
    ("deepseek", "deepseek"),
    ("together", "together"),
    ("fireworks", "fireworks"),
    ("cohere", "cohere"),
];

/// Why prices cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum PricesError {
    /// The file cannot be read.
    #[error("cannot read the price overrides in {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no JSON list of prices.
    #[error("the price overrides in {} are not a JSON list of prices", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// A price in it makes no sense.
    #[error("the price overrides in {} are wrong for model {model:?}: {reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The model whose price it is.
        model: String,
        /// What is wrong and what would be right.
        reason: &'static str,
    },
}

/// Prices of models, decoded once.
pub struct Prices {
    bundled: Bundled,
    overrides: Overrides,
    version: String,
}

impl Prices {
    /// Bundled prices, with an operator's overrides before them: a JSON list of
    /// `{"provider":"openai","model":"my-ft","input_per_million":"1.25","output_per_million":"10",
    /// "cached_input_per_million":"0.125","cache_write_per_million":"1.5","from":"2026-01-01"}`, in dollars;
    /// the last four may be left out. A model may stand there with several dates.
    ///
    /// # Errors
    ///
    /// When the overrides cannot be read, or make no sense.
    pub fn load(overrides: Option<&Path>) -> Result<Self, PricesError> {
        let bundled = Bundled::load();
        let Some(path) = overrides else {
            return Ok(Self {
                bundled,
                overrides: Overrides::default(),
                version: BUNDLED.to_owned(),
            });
        };
        let unreadable = |source| PricesError::Unreadable {
            path: path.to_owned(),
            source,
        };
        let json = std::fs::read(path).map_err(unreadable)?;
        let overrides = Overrides::read(path, &json)?;
        let mut version = format!("{BUNDLED}+");
        for byte in &Sha256::digest(&json)[..4] {
            let _ = write!(version, "{byte:02x}");
        }
        Ok(Self {
            bundled,
            overrides,
            version,
        })
    }

    /// Names the data: the crate's version, and the beginning of the overrides' SHA-256.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The price of a call; `None` when the model or its price is unknown, or no counts are there: never 0 for
    /// unknown. Ask with the model that answered, then with the one that was asked for: Azure's deployments
    /// have free names, and Cohere's answers none.
    #[must_use]
    pub fn cost(
        &self,
        provider: &ProviderSlug,
        model: &str,
        tokens: &TokenCounts,
        at: OffsetDateTime,
    ) -> Option<MicroDollars> {
        if tokens.input.is_none() && tokens.output.is_none() {
            return None;
        }
        if let Some(rate) = self.overrides.rate(provider, model, at) {
            return rate.cost(tokens);
        }
        let (_, provider) = PROVIDERS.iter().find(|(slug, _)| *slug == provider.as_str())?;
        self.bundled.cost(provider, model_name(model), tokens, at)
    }
}

/// A model's name without the prefix that Gemini's paths and lists give it.
fn model_name(model: &str) -> &str {
    model.strip_prefix("models/").unwrap_or(model)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::catalogue;
    use genai_prices::Calculator;
    use time::macros::datetime;

    const WHEN: OffsetDateTime = datetime!(2026-10-01 12:00 UTC);

    fn tokens(input: i64, output: i64) -> TokenCounts {
        TokenCounts {
            input: Some(input),
            output: Some(output),
            ..TokenCounts::default()
        }
    }

    fn cost(provider: &str, model: &str, tokens: &TokenCounts) -> Option<i64> {
        let prices = Prices::load(None).unwrap();
        prices
            .cost(&provider.parse().unwrap(), model, tokens, WHEN)
            .map(|cost| cost.0)
    }

    #[test]
    fn the_version_names_the_bundled_release() {
        let (name, version) = BUNDLED.rsplit_once('-').unwrap();
        let locked = format!("name = \"{name}\"\nversion = \"{version}\"");
        assert!(
            include_str!("../../Cargo.lock").contains(&locked),
            "set BUNDLED to the release in Cargo.lock"
        );
    }

    #[test]
    fn every_provider_has_prices() {
        for provider in catalogue() {
            let known = PROVIDERS.iter().find(|(slug, _)| *slug == provider.slug());
            let (_, id) = known.unwrap_or_else(|| panic!("{} is not mapped", provider.slug()));
            let found = Calculator::bundled().find_provider(Some(id), None).unwrap();
            assert_eq!(found.map(genai_prices::ProviderInfo::id), Some(*id));
        }
    }

    #[test]
    fn known_models_are_priced() {
        // Dollars for a million tokens of input and of output, as the providers' price pages have them.
        for (provider, model, input, output) in [
            ("openai", "gpt-4.1-2025-04-14", 2_000_000, 8_000_000),
            ("azure_openai", "gpt-4.1-2025-04-14", 2_000_000, 8_000_000),
            ("anthropic", "claude-sonnet-4-5-20250929", 3_000_000, 15_000_000),
            ("gemini", "models/gemini-2.5-flash", 300_000, 2_500_000),
            ("groq", "llama-3.3-70b-versatile", 590_000, 790_000),
            ("cohere", "command-a-03-2025", 2_500_000, 10_000_000),
        ] {
            let million = |input, output| cost(provider, model, &tokens(input, output));
            // In ten parts, since some prices rise with the length of one call.
            assert_eq!(million(100_000, 0), Some(input / 10), "{provider} {model}");
            assert_eq!(million(0, 100_000), Some(output / 10), "{provider} {model}");
        }
    }

    #[test]
    fn cached_input_is_cheaper_and_cache_writes_are_dearer() {
        let counts = |cached, written| TokenCounts {
            cached_input: Some(cached),
            cache_write: Some(written),
            ..tokens(100_000, 0)
        };
        let cost = |cached, written| cost("anthropic", "claude-sonnet-4-5", &counts(cached, written));
        assert_eq!(cost(0, 0), Some(300_000));
        assert_eq!(cost(100_000, 0), Some(30_000));
        assert_eq!(cost(0, 100_000), Some(375_000));
        assert_eq!(cost(100_001, 0), None, "more from the cache than there was input");
    }

    #[test]
    fn what_is_unknown_has_no_price() {
        assert_eq!(cost("openai", "no-such-model", &tokens(1, 1)), None);
        assert_eq!(cost("elsewhere", "gpt-4.1", &tokens(1, 1)), None);
        assert_eq!(cost("openai", "gpt-4.1", &TokenCounts::default()), None);
        assert_eq!(cost("openai", "tts-1", &tokens(10, 10)), None, "priced by characters");
        assert_eq!(cost("openai", "whisper-1", &tokens(10, 10)), None, "priced by seconds");
    }

    #[test]
    fn what_is_free_costs_nothing() {
        assert_eq!(cost("openai", "omni-moderation-latest", &tokens(1_000, 0)), Some(0));
        assert_eq!(cost("openai", "gpt-4.1", &tokens(0, 0)), Some(0));
    }

    #[test]
    fn an_override_goes_first_and_names_itself_in_the_version() {
        let path = std::env::temp_dir().join(format!("latchkey-prices-{}.json", std::process::id()));
        let json = r#"[{"provider":"openai","model":"gpt-4.1","input_per_million":"7","from":"2026-01-01"}]"#;
        std::fs::write(&path, json).unwrap();
        let prices = Prices::load(Some(&path)).unwrap();
        std::fs::remove_file(&path).unwrap();
        let openai = "openai".parse().unwrap();
        let cost = |at| prices.cost(&openai, "gpt-4.1", &tokens(1_000, 0), at);
        assert_eq!(cost(WHEN), Some(MicroDollars(7_000)));
        assert_eq!(
            cost(datetime!(2025-12-31 0:00 UTC)),
            Some(MicroDollars(2_000)),
            "the bundled price"
        );
        let hash = prices.version().strip_prefix("genai-prices-0.2.1+").unwrap();
        assert_eq!(hash.len(), 8);
        assert!(
            matches!(Prices::load(Some(&path)), Err(PricesError::Unreadable { .. })),
            "the file is gone"
        );
    }
}
