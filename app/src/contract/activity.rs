//! Calls through the gateway, as the Activity page shows them. Figures and names, ready to be read.

use super::{ChecklistView, Moment};
use serde::{Deserialize, Serialize};

/// Which calls are asked for, as the address says it. What is empty filters nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ActivityFilter {
    /// `1h`, `24h` (the default), `7d`, `30d`, `custom`.
    pub range: String,
    /// From when, in UTC, where the range is `custom`: `2026-11-21T14:00`, or a day.
    pub from: String,
    /// Until when, likewise.
    pub to: String,
    /// The provider's slug.
    pub provider: String,
    /// The model, asked for or answering.
    pub model: String,
    /// Whose key served: `byok`, `platform`.
    pub source: String,
    /// `ok`, `failed`.
    pub status: String,
    /// The token's id.
    pub token: String,
    /// The caller's own name for a series of calls.
    pub session: String,
    /// One of the caller's own labels: `env=prod`.
    pub label: String,
}

/// A page of calls, the newest first; or calls that have come since, with nothing about the rest of the
/// page, where `after` was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityView {
    /// The calls.
    pub calls: Vec<CallView>,
    /// The filter's fields with what is chosen in them.
    pub fields: Vec<FilterFieldView>,
    /// What is wrong with the filter.
    pub problem: Option<String>,
    /// The filter as a query, without what is empty.
    pub query: String,
    /// The query of the page with older calls, where there are any.
    pub older: Option<String>,
    /// Where newer calls begin: sent back as `after`.
    pub newest: String,
    /// Whether newer calls can still come under this filter.
    pub is_live: bool,
    /// Where nothing was found: filters without which something would be.
    pub looser: Vec<LinkView>,
    /// The way to the first call, until it has come.
    pub checklist: Option<ChecklistView>,
}

/// One field of the filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterFieldView {
    /// Its name in the address.
    pub name: String,
    /// The words above it.
    pub label: String,
    /// What stands in it.
    pub value: String,
    /// The input's type; empty where one chooses among the options.
    pub kind: String,
    /// What can be chosen, or what is suggested where one types.
    pub options: Vec<OptionView>,
    /// What an answer looks like, where one types.
    pub placeholder: String,
    /// Whether it stands among those that are not always shown.
    pub is_rare: bool,
}

/// One thing to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionView {
    /// As the address says it.
    pub value: String,
    /// As people say it.
    pub label: String,
}

impl OptionView {
    /// Something to choose: as the address says it, and as people do.
    #[must_use]
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
        }
    }
}

/// A way to another page.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LinkView {
    /// What it leads to, in words.
    pub label: String,
    /// Where: a path, or a query from its question mark on.
    pub href: String,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallView {
    /// Its id, which its answer carried as `x-latchkey-request-id`.
    pub id: String,
    /// When it came in.
    pub at: Moment,
    /// The provider's name.
    pub provider: String,
    /// The model that answered, else the one that was asked for, else what kind of call it was.
    pub model: String,
    /// Whose key served: `byok`, `platform`, or empty where none did.
    pub source: String,
    /// The same in words: `Your key`, `Platform`, `No key`.
    pub source_words: String,
    /// Why the platform key served; empty where it did not.
    pub fallback: String,
    /// The HTTP status that the caller got.
    pub status: u16,
    /// Whether that is a failure.
    pub is_failed: bool,
    /// Latchkey's own code, where Latchkey refused or failed.
    pub error_code: Option<String>,
    /// `1,204`, or `–` where it is not known.
    pub input_tokens: String,
    /// Likewise.
    pub output_tokens: String,
    /// `$0.001250`, or `unknown`.
    pub cost: String,
    /// `812 ms`
    pub latency: String,
}

/// All that is recorded of one call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallDetailView {
    /// The call in a sentence: `Mistral answered 200 after 812 ms, 2 min ago.`
    pub summary: String,
    /// What an error means and what to do about it.
    pub advice: Option<AdviceView>,
    /// The facts, in groups.
    pub groups: Vec<FactGroupView>,
}

/// What an error means and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdviceView {
    /// What happened.
    pub title: String,
    /// What it means and what to do.
    pub words: String,
    /// Where that is done.
    pub link: Option<LinkView>,
}

/// Facts that belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactGroupView {
    /// What they are about.
    pub title: String,
    /// The facts.
    pub facts: Vec<FactView>,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactView {
    /// What it is.
    pub name: String,
    /// What it is in this call.
    pub value: String,
    /// What that means, in plain words; empty where the value says it.
    pub meaning: String,
    /// Whether it is an id, which people copy.
    pub is_id: bool,
}
