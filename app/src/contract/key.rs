//! Provider keys, as the cards show them.

use super::{ChecklistView, Moment, OptionView, ProjectView};
use serde::{Deserialize, Serialize};

/// The Provider keys page of one project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderKeysView {
    /// The project.
    pub project: ProjectView,
    /// Whether the buttons are shown (`write:byok`).
    pub can_write: bool,
    /// One card for each provider of the catalogue: needing attention first, then configured, then
    /// empty, each by name.
    pub cards: Vec<CardView>,
    /// Keys that can still be restored, the newest first.
    pub deleted: Vec<DeletedKeyView>,
    /// For how many days a deleted key can be restored.
    pub retention_days: u32,
    /// Whether a key may be erased for ever (`*`).
    pub can_erase: bool,
    /// How long a key that is rotated out may go on working, the shortest first.
    pub overlaps: Vec<OptionView>,
    /// Whether the operator lets the organization use platform keys, so that a key can have a
    /// policy of its own.
    pub operator_allows: bool,
    /// The way to the first call, until it has come; for those who can go it.
    pub checklist: Option<ChecklistView>,
}

/// One provider's card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardView {
    /// The provider.
    pub provider: ProviderView,
    /// Its default key, if there is one.
    pub key: Option<KeyView>,
    /// Its other keys, in the order that people gave them.
    pub others: Vec<KeyView>,
    /// The last rotation, where the provider's refusal undid it.
    pub undone: Option<UndoneRotationView>,
    /// What happens to calls as things stand, in a sentence.
    pub consequence: String,
}

/// A provider of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderView {
    /// `openai`, `azure_openai`, …
    pub slug: String,
    /// `OpenAI`, `Azure OpenAI`, …
    pub name: String,
    /// Where the provider makes keys.
    pub key_page: String,
    /// What a key looks like, for the empty field.
    pub key_hint: String,
    /// Whether the customer names the endpoint (Azure).
    pub takes_endpoint: bool,
    /// Whether a deep test, which spends one token, proves more than the plain one.
    pub has_deep_test: bool,
}

/// The state that a badge shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyStatus {
    /// Works.
    Healthy,
    /// Works with a reservation: restricted or rate-limited.
    Limited,
    /// Refused by the provider.
    Unhealthy,
    /// Credit or quota is spent.
    Exhausted,
    /// Not known: never probed, or the provider could not be reached.
    Unknown,
    /// Switched off by a person.
    Disabled,
}

/// A provider key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyView {
    /// The key's id.
    pub id: String,
    /// What people call it; empty when they did not name it.
    pub name: String,
    /// `sk-proj-...f3Qz`
    pub redacted: String,
    /// What the badge shows.
    pub status: KeyStatus,
    /// `invalid`, `blocked`, `exhausted`, `restricted`, `rate_limited`, `unreachable`.
    pub reason: Option<String>,
    /// The provider's own words, scrubbed.
    pub message: Option<String>,
    /// When an exhausted or rate-limited key is tried again.
    pub retry_at: Option<Moment>,
    /// When it was last probed.
    pub checked_at: Option<Moment>,
    /// When a call last used it.
    pub last_used_at: Option<Moment>,
    /// Who brought it.
    pub added_by: String,
    /// When they did.
    pub added_at: Moment,
    /// The customer's own endpoint, where they name one.
    pub endpoint: Option<String>,
    /// Azure's `api-version`, where the customer chose one.
    pub api_version: Option<String>,
    /// What happens to calls while it is switched off: `platform`, `fail`, or `project` for what the
    /// project says.
    pub on_missing: String,
    /// What happens to calls when it is refused or its quota is spent, likewise.
    pub on_failure: String,
    /// Until when it still works, where another key has taken over from it.
    pub retires_at: Option<Moment>,
    /// How many seconds of that were left when the server looked.
    pub seconds_left: Option<u64>,
    /// What used it of late; for those who may switch it off or delete it.
    pub dependents: Option<DependentsView>,
    /// Other keys of the organization with the same secret, as far as the person may see them.
    pub twins: Vec<TwinView>,
    /// Counts up with each change; sent back so that two people do not overwrite each other.
    pub row_version: i64,
}

/// What used a key of late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DependentsView {
    /// How many tokens within the last hour.
    pub tokens: u64,
    /// How many calls within the last hour.
    pub calls: u64,
    /// The last call of all.
    pub last_call_at: Option<Moment>,
}

/// Where the same secret is stored once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TwinView {
    /// What that key is called; empty when it has no name.
    pub name: String,
    /// Its project; `None` for the one that the page is about.
    pub project: Option<ProjectView>,
}

/// A rotation that was undone, because the provider refused the new key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoneRotationView {
    /// The new key: `sk-proj-...f3Qz`
    pub redacted: String,
    /// When the old one took over again.
    pub at: Moment,
    /// The provider's own words, scrubbed.
    pub message: Option<String>,
}

/// A key under "Recently deleted".
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DeletedKeyView {
    /// The key's id.
    pub id: String,
    /// Its provider's slug.
    pub provider: String,
    /// Its provider's name.
    pub provider_name: String,
    /// What people called it; empty when they did not name it.
    pub name: String,
    /// `sk-proj-...f3Qz`
    pub redacted: String,
    /// When it was deleted.
    pub deleted_at: Moment,
    /// Until when it can be restored.
    pub restorable_until: Moment,
}

/// What a change to a key came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyChange {
    /// The key as it now is.
    pub key_id: String,
    /// Its provider's slug.
    pub provider: String,
    /// What was done, in a sentence: "The key is saved and works."
    pub message: String,
    /// A remark that asks for a second look: "This looks like a Groq key."
    pub hint: Option<String>,
    /// Whether this can be undone by restoring the key.
    pub can_undo: bool,
}
