//! What became of a key, as the dashboard says it.

use crate::domain::{HealthReason, ProviderKey};
use crate::providers;
use crate::service::keys::{KeyTwin, SavedKey};
use app::contract::KeyChange;
use std::collections::HashMap;

pub(super) fn provider_name(key: &ProviderKey) -> &str {
    providers::name_of(key.provider.as_str())
}

/// `OpenAI key`, with its name where it is not the one that is meant anyway.
pub(super) fn called(key: &ProviderKey) -> String {
    let provider = provider_name(key);
    if key.is_default || key.name.is_empty() {
        format!("{provider} key")
    } else {
        format!("{provider} key {}", key.name)
    }
}

pub(super) fn said_of_new(key: &ProviderKey) -> String {
    let name = called(key);
    if key.is_active {
        format!("{name} saved. {}", in_words(key))
    } else {
        format!("{name} saved, switched off: the provider could not be reached. Enable it to try again.")
    }
}

pub(super) fn change(key: &ProviderKey, message: String) -> KeyChange {
    KeyChange {
        key_id: key.id.to_string(),
        provider: key.provider.to_string(),
        message,
        hint: None,
        can_undo: false,
    }
}

/// The change, with what asks for a second look at a secret that was just brought.
pub(super) fn saved_change(saved: &SavedKey, message: String) -> KeyChange {
    let other = saved.looks_like.map(|other| format!("This looks like a {other} key."));
    let hint = [other, twins_in_words(&saved.key, &saved.twins)];
    let hint: Vec<_> = hint.into_iter().flatten().collect();
    KeyChange {
        hint: (!hint.is_empty()).then(|| hint.join(" ")),
        ..change(&saved.key, message)
    }
}

/// Where the same secret is stored as well.
fn twins_in_words(key: &ProviderKey, twins: &[KeyTwin]) -> Option<String> {
    let mut places: HashMap<_, _> = HashMap::new();
    for twin in twins {
        places.insert(twin.project, twin.project_name.as_str());
    }
    if places.contains_key(&key.project) {
        return Some("This project has the same key once more.".to_owned());
    }
    let mut names: Vec<_> = places.into_values().collect();
    names.sort_unstable();
    let first = names.first()?;
    Some(match names.len() {
        1 => format!("The same key is in project {first} too."),
        more => format!("The same key is in project {first} and {} more.", more - 1),
    })
}

pub(super) fn in_words(key: &ProviderKey) -> &'static str {
    match key.health.reason {
        None => "The provider accepts it.",
        Some(HealthReason::Invalid) => "The provider refuses it.",
        Some(HealthReason::Blocked) => "The provider has blocked it.",
        Some(HealthReason::Exhausted) => "Its credit or quota is spent.",
        Some(HealthReason::Restricted) => "It works, but not for everything.",
        Some(HealthReason::RateLimited) => "It works, but is rate-limited right now.",
        Some(HealthReason::Unreachable) => "The provider could not be reached.",
    }
}
