//! Keys pasted into the wrong card (continuedev/continue#12788, continuedev/continue#10161).

use super::{Provider, catalogue};

/// Beginnings of secrets of others that are not in the catalogue.
const FOREIGN_PREFIXES: &[(&str, &str)] = &[
    ("pplx-", "Perplexity"),
    ("hf_", "Hugging Face"),
    ("r8_", "Replicate"),
    ("nvapi-", "NVIDIA"),
    ("csk-", "Cerebras"),
    ("ABSK", "Amazon Bedrock"),
    ("AKIA", "AWS"),
    ("ghp_", "GitHub"),
    ("github_pat_", "GitHub"),
    ("xoxb-", "Slack"),
    ("sk_live_", "Stripe"),
    ("sk_test_", "Stripe"),
    ("ya29.", "Google sign-in"),
    ("lk_", "Latchkey"),
];

/// Whose key a secret looks like, when it looks like somebody else's: `Some("Groq")`. The longest prefix
/// decides, so `sk-ant-…` is not OpenAI's. Where several share it (`sk-` is OpenAI's and DeepSeek's), it
/// may be any one's, and the first in the catalogue is named. Only good for a hint.
#[must_use]
pub fn shaped_like_another(provider: &dyn Provider, secret: &str) -> Option<&'static str> {
    let secret = secret.trim_start();
    let longest = known_prefixes()
        .filter(|(prefix, _)| secret.starts_with(prefix))
        .map(|(prefix, _)| prefix.len())
        .max()?;
    let mut owners = known_prefixes()
        .filter(|(prefix, _)| prefix.len() == longest && secret.starts_with(prefix))
        .map(|(_, owner)| owner);
    let first = owners.next()?;
    let is_own = first == provider.name() || owners.any(|owner| owner == provider.name());
    (!is_own).then_some(first)
}

/// Every known beginning of a secret, and whose it is.
pub fn known_prefixes() -> impl Iterator<Item = (&'static str, &'static str)> {
    let of_catalogue = catalogue().iter().flat_map(|owner| {
        let all = owner.prefixes().iter().chain(owner.admin_prefixes());
        all.map(|prefix| (*prefix, owner.name()))
    });
    of_catalogue.chain(FOREIGN_PREFIXES.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::super::find;
    use super::*;

    #[test]
    fn a_key_in_the_wrong_card_is_pointed_out() {
        for (card, secret, owner) in [
            ("openai", "sk-proj-FAKE", None),
            ("openai", "sk-FAKE", None),
            ("openai", "gsk_FAKE", Some("Groq")),
            ("openai", "sk-ant-api03-FAKE", Some("Anthropic")),
            ("openai", "sk-or-v1-FAKE", Some("OpenRouter")),
            ("openai", "no-known-shape", None),
            ("anthropic", "sk-ant-api03-FAKE", None),
            ("anthropic", "sk-ant-something-new", None),
            ("anthropic", " sk-proj-FAKE", Some("OpenAI")),
            ("gemini", "AIzaSyFAKE", None),
            ("gemini", "AQ.FAKE", None),
            ("mistral", "AIzaSyFAKE", Some("Google Gemini")),
            ("mistral", "0123456789abcdef", None),
            ("azure_openai", "xai-FAKE", Some("xAI")),
            ("openrouter", "lk_token_FAKE", Some("Latchkey")),
            ("deepseek", "sk-FAKE", None),
            ("deepseek", "sk-proj-FAKE", Some("OpenAI")),
            ("mistral", "sk-FAKE", Some("OpenAI")),
            ("groq", "gsk_FAKE", None),
            ("groq", "xai-FAKE", Some("xAI")),
            ("together", "fw_FAKE", Some("Fireworks")),
            ("cohere", "tgp_v1_FAKE", Some("Together")),
            ("openai", "pplx-FAKE", Some("Perplexity")),
        ] {
            assert_eq!(
                shaped_like_another(find(card).unwrap(), secret),
                owner,
                "{secret} in {card}"
            );
        }
    }
}
