//! What is recorded of a call through the gateway: figures and names, never a prompt or an answer.

use super::{CallId, KeyId, OrgId, ProjectId, ProviderSlug, TokenId};
use std::collections::BTreeMap;
use std::fmt;
use time::OffsetDateTime;

/// Money, in millionths of a US dollar. Whole numbers, so that sums are exact.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct MicroDollars(pub i64);

impl fmt::Display for MicroDollars {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let micros = self.0.unsigned_abs();
        write!(formatter, "{sign}${}.{:06}", micros / 1_000_000, micros % 1_000_000)
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// Every one.
            pub const EVERY: &'static [$name] = &[$($name::$variant,)+];

            /// As headers, the database and the API write it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = ();

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $name::EVERY.iter().copied().find(|one| one.as_str() == text).ok_or(())
            }
        }
    };
}

words! {
    /// Whose key served a call.
    KeySource {
        /// The project's own.
        Byok = "byok",
        /// The operator's.
        Platform = "platform",
    }
}

words! {
    /// Why the platform key served in place of the project's own.
    FallbackReason {
        /// The project has no key for the provider.
        NoKey = "no_key",
        /// Its key is switched off.
        KeyDisabled = "key_disabled",
        /// The provider refused its key, now or before.
        KeyRejected = "key_rejected",
        /// Its key's credit or quota is spent.
        KeyExhausted = "key_exhausted",
        /// Its key made too many calls.
        KeyRateLimited = "key_rate_limited",
    }
}

words! {
    /// Where the token counts of a call come from.
    UsageSource {
        /// The provider's own figures.
        Provider = "provider",
        /// Counted from the bytes that passed: the caller left before the provider's figures came.
        Estimated = "estimated",
        /// The provider gave none.
        Missing = "missing",
    }
}

/// Tokens of one call, as the provider counts them. `None` where it did not say.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct TokenCounts {
    /// All of the input, cached parts included.
    pub input: Option<i64>,
    /// All of the output, reasoning included.
    pub output: Option<i64>,
    /// The part of the input that was read from the provider's cache.
    pub cached_input: Option<i64>,
    /// The part of the input that was written to the provider's cache.
    pub cache_write: Option<i64>,
    /// The part of the output that was reasoning.
    pub reasoning: Option<i64>,
}

/// One call through the gateway.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UsageEvent {
    /// The call; its answer carries it as `x-latchkey-request-id`.
    pub id: CallId,
    /// When it came in.
    pub occurred_at: OffsetDateTime,
    /// Whose call it is.
    pub org: OrgId,
    /// In which project.
    pub project: ProjectId,
    /// With which token.
    pub token: TokenId,
    /// To which provider.
    pub provider: ProviderSlug,
    /// What kind of call: `chat`, `embeddings`, …; `other` outside the inference paths.
    pub operation: &'static str,
    /// The model that was asked for.
    pub model_asked: Option<String>,
    /// The model that answered.
    pub model_answered: Option<String>,
    /// The project's key that served or would have; `None` for the platform key and for no key.
    pub key: Option<KeyId>,
    /// Which secret of that key.
    pub key_version: Option<i64>,
    /// Whose key served; `None` when the call was refused before it reached a provider.
    pub key_source: Option<KeySource>,
    /// Why the platform key served.
    pub fallback_reason: Option<FallbackReason>,
    /// The HTTP status that the caller got.
    pub status: u16,
    /// Latchkey's own code, when Latchkey refused or failed: `no_key`, `upstream_timeout`, …
    pub error_code: Option<&'static str>,
    /// Whether the answer was streamed.
    pub streamed: bool,
    /// Tokens.
    pub tokens: TokenCounts,
    /// Where they come from.
    pub usage_source: UsageSource,
    /// What the provider says the call cost; else it is computed from prices later.
    pub reported_cost: Option<MicroDollars>,
    /// From the request's head to the last byte of the answer, in milliseconds.
    pub latency_ms: i64,
    /// From the request's head to the first byte of the answer's body, in milliseconds.
    pub first_byte_ms: Option<i64>,
    /// Bytes of the request's body.
    pub request_bytes: i64,
    /// Bytes of the answer's body.
    pub response_bytes: i64,
    /// The caller's own name for a series of calls (`x-latchkey-session`).
    pub session: Option<String>,
    /// The caller's own labels (`x-latchkey-labels`).
    pub labels: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_in_dollars() {
        assert_eq!(MicroDollars(1_250_300).to_string(), "$1.250300");
        assert_eq!(MicroDollars(-7).to_string(), "-$0.000007");
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for reason in FallbackReason::EVERY {
            assert_eq!(reason.as_str().parse(), Ok(*reason));
        }
        assert!("BYOK".parse::<KeySource>().is_err());
    }
}
