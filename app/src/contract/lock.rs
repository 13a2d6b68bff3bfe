//! The panic switch, as pages show it.

use super::{Moment, OptionView};
use serde::{Deserialize, Serialize};

/// What is locked, and what could be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocksView {
    /// The organization's id, sent along with forms about all of it: in another tab the session may have turned to
    /// another one.
    pub organization_id: String,
    /// Whether this person may lock and unlock (`write:settings`).
    pub can_write: bool,
    /// The locks, the newest first.
    pub locks: Vec<LockView>,
    /// The providers to which calls can be locked.
    pub providers: Vec<OptionView>,
}

/// A lock on calls.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LockView {
    /// The lock's id.
    pub id: String,
    /// The slug of the project whose calls it covers; `None` for every project.
    pub project: Option<String>,
    /// What it covers, as a sentence begins: `Calls to OpenAI in every project`.
    pub covers: String,
    /// Why, in the words of whoever locked; perhaps empty.
    pub reason: String,
    /// Who locked.
    pub locked_by: String,
    /// Since when.
    pub locked_at: Moment,
}
