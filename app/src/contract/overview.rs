//! The home page: what needs attention, and how the last day went.

use super::{ChecklistView, LinkView, Moment, Urgency};
use serde::{Deserialize, Serialize};

/// The home page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OverviewView {
    /// The organization's name.
    pub organization: String,
    /// What needs attention, the most urgent first.
    pub attention: Vec<AttentionView>,
    /// The way to the organization's first call, until it has come; for those who can go it.
    pub first_call: Option<FirstCallView>,
    /// The last day of each project, by name.
    pub projects: Vec<ProjectDayView>,
}

/// The way to the first call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstCallView {
    /// The slug of the project that it is made in.
    pub project: String,
    /// How far that project is.
    pub steps: ChecklistView,
}

/// Something that needs attention.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AttentionView {
    /// Tells it from the others.
    pub id: String,
    /// How much it matters.
    pub urgency: Urgency,
    /// What is wrong, as a short sentence without a full stop.
    pub title: String,
    /// What it means for calls, and what to do.
    pub text: String,
    /// Since when; `None` where that is not known.
    pub since: Option<Moment>,
    /// Where it is done.
    pub action: LinkView,
}

/// How a project's last day went.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ProjectDayView {
    /// The project's slug.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// How many provider keys it has in use.
    pub keys: u32,
    /// Calls of the last 24 hours; `None` for who may not see usage.
    pub calls: Option<u64>,
    /// Those that failed.
    pub failed: u64,
    /// Those that the platform key served.
    pub on_platform_key: u64,
    /// What they cost: `$1.24`; `None` when no price is known.
    pub cost: Option<String>,
}
