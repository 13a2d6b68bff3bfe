//! Whose key a pasted line is, from what it is called and how it begins.

use crate::domain::PastedLine;
use crate::providers::{self, Provider, known_prefixes};
use secrecy::{ExposeSecret, SecretString};

/// Shorter is no provider's key.
const SHORTEST: usize = 16;
/// A value without any name is taken for a key from this length on.
const SHORTEST_ALONE: usize = 20;
/// Words in names that stand for a provider, besides its slug. Azure's come first: they name OpenAI too.
const WORDS: &[(&str, &[&str])] = &[
    ("azure_openai", &["AZURE", "AOAI"]),
    ("gemini", &["GOOGLE"]),
    ("xai", &["GROK"]),
    ("anthropic", &["CLAUDE"]),
    ("cohere", &["CO"]),
];
/// Words in names that say that the value is a key.
const KEY_WORDS: &[&str] = &["KEY", "KEYS", "APIKEY", "TOKEN", "SECRET"];

/// What a pasted line may be.
pub(super) enum Recognised {
    /// A key of this provider.
    Of(&'static dyn Provider),
    /// A key, of whichever provider.
    Somebodys,
    /// No key for us.
    Nothing,
}

/// Whose key the line is. How it begins counts more than what it is called, because many programs want everybody's key
/// as `OPENAI_API_KEY`.
pub(super) fn recognise(line: &PastedLine) -> Recognised {
    let secret = line.value.expose_secret();
    let is_key_like = secret.len() >= SHORTEST && secret.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_key_like || secret.contains("://") {
        return Recognised::Nothing;
    }
    let words = line.variable.as_deref().map(words).unwrap_or_default();
    let named = named(&words);
    match (owners(&line.value), named) {
        (Owners::One(provider), _) => Recognised::Of(provider),
        (Owners::Several | Owners::Nobody, Some(provider)) if says_key(&words) => Recognised::Of(provider),
        (Owners::Several, _) => Recognised::Somebodys,
        (Owners::Nobody, _) if says_api_key(&words) => Recognised::Somebodys,
        (Owners::Nobody, None) if words.is_empty() && secret.len() >= SHORTEST_ALONE => Recognised::Somebodys,
        (Owners::Nobody | Owners::Strangers, _) => Recognised::Nothing,
    }
}

/// Whether the line names an Azure resource.
pub(super) fn is_azure_endpoint(line: &PastedLine) -> bool {
    let words = line.variable.as_deref().map(words).unwrap_or_default();
    let has = |word: &str| words.iter().any(|one| one == word);
    has("AZURE") && (has("ENDPOINT") || has("BASE")) && line.value.expose_secret().starts_with("https://")
}

/// Who gives secrets with the longest known beginning that fits.
enum Owners {
    Nobody,
    Strangers,
    One(&'static dyn Provider),
    Several,
}

fn owners(secret: &SecretString) -> Owners {
    let secret = secret.expose_secret();
    let fitting = || known_prefixes().filter(|(prefix, _)| secret.starts_with(prefix));
    let Some(longest) = fitting().map(|(prefix, _)| prefix.len()).max() else {
        return Owners::Nobody;
    };
    let mut names: Vec<_> = fitting()
        .filter(|(prefix, _)| prefix.len() == longest)
        .map(|(_, owner)| owner)
        .collect();
    names.dedup();
    let of_catalogue = |name: &&str| providers::catalogue().iter().copied().find(|one| one.name() == *name);
    match names.as_slice() {
        [name] => of_catalogue(name).map_or(Owners::Strangers, Owners::One),
        _ => Owners::Several,
    }
}

fn words(variable: &str) -> Vec<String> {
    let words = variable.split(|character: char| !character.is_ascii_alphanumeric());
    let words = words.filter(|word| !word.is_empty());
    words.map(str::to_ascii_uppercase).collect()
}

fn named(words: &[String]) -> Option<&'static dyn Provider> {
    let has = |word: &str| words.iter().any(|one| one == word);
    let by_word = WORDS.iter().find(|(_, known)| known.iter().any(|word| has(word)));
    let by_word = by_word.and_then(|(slug, _)| providers::find(slug));
    let by_slug = || {
        let mut catalogue = providers::catalogue().iter().copied();
        catalogue.find(|provider| has(&provider.slug().to_ascii_uppercase()))
    };
    by_word.or_else(by_slug)
}

/// The name says that the value is a key, or nothing but whose it is.
fn says_key(words: &[String]) -> bool {
    words.len() == 1 || words.iter().any(|word| KEY_WORDS.contains(&word.as_str()))
}

fn says_api_key(words: &[String]) -> bool {
    let has = |word: &str| words.iter().any(|one| one == word);
    has("APIKEY") || has("API") && has("KEY")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::read_pasted;

    fn whose(line: &str) -> &'static str {
        let lines = read_pasted(line);
        match recognise(&lines[0]) {
            Recognised::Of(provider) => provider.slug(),
            Recognised::Somebodys => "somebody's",
            Recognised::Nothing => "nothing",
        }
    }

    #[test]
    fn a_key_is_recognised_by_its_beginning_and_else_by_its_name() {
        for (line, expected) in [
            ("OPENAI_API_KEY=sk-proj-FAKEFAKEFAKE", "openai"),
            ("OPENAI_API_KEY=gsk_FAKEFAKEFAKEFAKE", "groq"),
            ("ANTHROPIC_API_KEY=sk-ant-api03-FAKEFAKE", "anthropic"),
            ("sk-ant-api03-FAKEFAKE", "anthropic"),
            ("PROD_MISTRAL_KEY_2=0123456789abcdef0123", "mistral"),
            ("mistral: 0123456789abcdef0123", "mistral"),
            ("CO_API_KEY=0123456789abcdef0123", "cohere"),
            ("GOOGLE_API_KEY=0123456789abcdef0123", "gemini"),
            ("AZURE_OPENAI_API_KEY=0123456789abcdef0123456789abcdef", "azure_openai"),
            ("DEEPSEEK_API_KEY=sk-0123456789abcdef0123", "deepseek"),
            ("OPENAI_API_KEY=sk-0123456789abcdef0123", "openai"),
            ("sk-0123456789abcdef0123", "somebody's"),
            ("0123456789abcdef0123456789abcdef", "somebody's"),
            ("MY_API_KEY=0123456789abcdef0123", "somebody's"),
            ("STRIPE_API_KEY=sk_live_FAKEFAKEFAKE", "nothing"),
            ("JWT_SECRET=0123456789abcdef0123456789abcdef", "nothing"),
            ("OPENAI_MODEL=gpt-4o-mini-2024-07-18", "nothing"),
            ("OPENAI_BASE_URL=https://api.openai.com/v1", "nothing"),
            ("DATABASE_URL=postgres://u:p@host/database", "nothing"),
            ("PORT=3000", "nothing"),
            ("LATCHKEY_TOKEN=lk_token_FAKEFAKEFAKE", "nothing"),
        ] {
            assert_eq!(whose(line), expected, "{line}");
        }
    }

    #[test]
    fn an_azure_resource_is_recognised() {
        let is_endpoint = |line: &str| is_azure_endpoint(&read_pasted(line)[0]);
        assert!(is_endpoint("AZURE_OPENAI_ENDPOINT=https://team.openai.azure.com"));
        assert!(!is_endpoint("OPENAI_BASE_URL=https://team.openai.azure.com"));
        assert!(!is_endpoint("AZURE_OPENAI_ENDPOINT=team"));
    }
}
