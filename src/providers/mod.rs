//! The catalogue: how to ask each provider whether a key works, and how to read its answer.
//!
//! A provider is added in one file and one line of [`catalogue`]. Facts about a provider's answers come
//! from public threads (`owner/repo#number`) and documents, and stand in that provider's file beside
//! tests that state the status and body they were made from.

mod answer;
mod anthropic;
mod azure_openai;
mod cohere;
mod deepseek;
mod fireworks;
mod foreign;
mod gemini;
mod groq;
mod mistral;
mod native_error;
mod openai;
mod openrouter;
mod paths;
pub mod prices;
mod prober;
mod request;
mod resolver;
mod retry;
mod scrub;
mod surface;
mod together;
pub mod upstream;
pub mod usage;
mod xai;

pub use answer::Answer;
pub use foreign::{known_prefixes, shaped_like_another};
pub use native_error::{native_error, native_error_event};
pub use paths::{find_operation, is_plain_path};
pub use prober::{Depth, Prober, ProberError, ProberSettings};
pub use request::{Credential, ProbeRequest, Target};
pub use resolver::{EndpointCheckError, GuardedResolver};
pub use retry::from_headers as retry_after;
pub use scrub::scrub;
pub use surface::{ErrorShape, InferencePath, OpenAiCall, Operation, UsageShape};

use crate::domain::Verdict;

/// One provider of models.
pub trait Provider: Send + Sync {
    /// Its name in URLs and rows: `azure_openai`.
    fn slug(&self) -> &'static str;

    /// Its name for people: `Azure OpenAI`.
    fn name(&self) -> &'static str;

    /// Where its keys are sent (`https://api.openai.com`, no trailing slash); `None` where each
    /// customer names an endpoint.
    fn origin(&self) -> Option<&'static str>;

    /// The page on which the provider makes keys.
    fn key_page(&self) -> &'static str;

    /// What a key looks like, for an empty field.
    fn key_hint(&self) -> &'static str;

    /// The fixed beginnings of its keys, the commonest first. They drift: good for a warning and for
    /// showing a key, never for refusing one.
    fn prefixes(&self) -> &'static [&'static str];

    /// The fixed beginnings of keys that administer an account; these are refused.
    fn admin_prefixes(&self) -> &'static [&'static str];

    /// The free call that tells whether a key is accepted.
    fn probe(&self, target: &Target) -> ProbeRequest;

    /// A call that spends one token, where the free one proves too little.
    fn deep_probe(&self, target: &Target) -> Option<ProbeRequest>;

    /// Reads an answer to either call: the body before the status. Pure.
    ///
    /// The verdict's message is the provider's own and may still quote the key: [`scrub`] it.
    fn classify(&self, answer: &Answer) -> Verdict;

    /// Whether a refusal met in live traffic may mean something else than a bad key, so that the key is
    /// probed again before it is called invalid.
    fn needs_second_opinion(&self, answer: &Answer) -> bool;

    /// How it wants the key, on most of its paths.
    fn credential(&self) -> Credential;

    /// How it wants the key on this path, where that differs.
    fn credential_on(&self, _path: &str) -> Credential {
        self.credential()
    }

    /// The native paths that call models, open by default.
    fn inference_paths(&self) -> &'static [InferencePath];

    /// What a stock SDK's base URL has behind `…/gateway/{slug}`, without a trailing slash: for OpenAI's
    /// SDK where the provider speaks that shape first of all, else for the provider's own.
    fn sdk_base_path(&self) -> &'static str;

    /// The shape of its errors.
    fn error_shape(&self) -> ErrorShape;

    /// The native path of an OpenAI-shaped call; `None` where it does not speak that shape itself.
    fn openai_path(&self, call: OpenAiCall) -> Option<&'static str>;
}

/// Every provider, in the order of the cards.
#[must_use]
pub fn catalogue() -> &'static [&'static dyn Provider] {
    &[
        &openai::OpenAi,
        &anthropic::Anthropic,
        &gemini::Gemini,
        &xai::Xai,
        &openrouter::OpenRouter,
        &mistral::Mistral,
        &azure_openai::AzureOpenAi,
        &groq::Groq,
        &deepseek::DeepSeek,
        &together::Together,
        &fireworks::Fireworks,
        &cohere::Cohere,
    ]
}

/// The provider of that slug.
#[must_use]
pub fn find(slug: &str) -> Option<&'static dyn Provider> {
    catalogue().iter().copied().find(|provider| provider.slug() == slug)
}

/// That provider's name for people; the slug itself where the catalogue does not have it any more.
#[must_use]
pub fn name_of(slug: &str) -> &str {
    find(slug).map_or(slug, |provider| provider.name())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ProviderSlug;

    #[test]
    fn every_provider_is_found_by_its_own_slug() {
        for provider in catalogue() {
            assert!(provider.slug().parse::<ProviderSlug>().is_ok(), "{}", provider.slug());
            let found = find(provider.slug()).map(Provider::name);
            assert_eq!(found, Some(provider.name()));
        }
        assert!(find("OpenAI").is_none(), "slugs are lower-case");
    }

    #[test]
    fn every_origin_and_key_page_is_https_and_bare() {
        for provider in catalogue() {
            assert!(provider.key_page().starts_with("https://"), "{}", provider.name());
            if let Some(origin) = provider.origin() {
                let url = url::Url::parse(origin).unwrap();
                assert_eq!(url.scheme(), "https");
                assert_eq!(url.origin().ascii_serialization(), origin);
            }
        }
    }

    #[test]
    fn an_admin_prefix_never_matches_an_ordinary_key() {
        for provider in catalogue() {
            for admin in provider.admin_prefixes() {
                let ordinary = provider.prefixes().iter().any(|prefix| prefix.starts_with(admin));
                assert!(!ordinary, "{admin} would refuse ordinary keys of {}", provider.name());
            }
        }
    }

    #[test]
    fn a_refusal_that_may_mislead_is_looked_into() {
        let unauthorized = br#"{"detail":"Unauthorized"}"#;
        for (slug, status, body, expected) in [
            ("openai", 401, &br#"{"error":{"code":"invalid_api_key"}}"#[..], false),
            ("openai", 401, br#"{"error":{"code":"invalid_organization"}}"#, true),
            ("openai", 404, b"{}", false),
            ("anthropic", 401, b"{}", false),
            ("anthropic", 404, b"{}", true),
            ("gemini", 400, b"{}", false),
            ("gemini", 401, b"{}", true),
            ("xai", 400, b"{}", false),
            ("xai", 403, b"{}", true),
            ("openrouter", 401, b"{}", false),
            ("mistral", 401, unauthorized, true),
            ("mistral", 429, b"{}", false),
            ("azure_openai", 401, b"{}", true),
            ("azure_openai", 403, b"{}", false),
            ("groq", 401, b"{}", false),
            ("deepseek", 401, b"{}", false),
            ("together", 401, b"{}", true),
            ("together", 401, br#"{"error":{"code":"invalid_api_key"}}"#, false),
            ("fireworks", 401, b"{}", false),
            ("cohere", 401, b"{}", false),
        ] {
            let answer = Answer::new(status, body, None);
            let looks = find(slug).unwrap().needs_second_opinion(&answer);
            assert_eq!(looks, expected, "{slug} {status}");
        }
    }

    #[test]
    fn the_key_stands_where_the_path_wants_it() {
        for (slug, path, expected) in [
            ("openai", "/v1/chat/completions", Credential::Bearer),
            ("anthropic", "/v1/messages", Credential::Header("x-api-key")),
            ("anthropic", "/v1/chat/completions", Credential::Bearer),
            ("gemini", "/v1beta/models", Credential::Header("x-goog-api-key")),
            ("gemini", "/v1beta/openai/models", Credential::Bearer),
            ("azure_openai", "/openai/v1/models", Credential::Header("api-key")),
            ("deepseek", "/chat/completions", Credential::Bearer),
            ("deepseek", "/anthropic/v1/messages", Credential::Header("x-api-key")),
        ] {
            assert_eq!(find(slug).unwrap().credential_on(path), expected, "{path} of {slug}");
        }
    }
}
