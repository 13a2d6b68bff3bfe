//! The catalogue: how to ask each provider whether a key works, and how to read its answer.
//!
//! A provider is added in one file and one line of [`catalogue`]. Facts about a provider's answers come
//! from public threads (`owner/repo#number`) and documents, and stand in that provider's file beside
//! tests that state the status and body they were made from.

mod answer;
mod anthropic;
mod azure_openai;
mod foreign;
mod gemini;
mod mistral;
mod openai;
mod openrouter;
mod prober;
mod request;
mod resolver;
mod retry;
mod scrub;
mod xai;

pub use answer::Answer;
pub use foreign::shaped_like_another;
pub use prober::{Depth, Prober, ProberError, ProberSettings};
pub use request::{Credential, ProbeRequest, Target};
pub use resolver::EndpointCheckError;
pub use scrub::scrub;

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
    ]
}

/// The provider of that slug.
#[must_use]
pub fn find(slug: &str) -> Option<&'static dyn Provider> {
    catalogue().iter().copied().find(|provider| provider.slug() == slug)
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
}
