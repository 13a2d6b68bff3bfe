//! What an organization says of itself, as its own page shows it.

use super::OptionView;
use serde::{Deserialize, Serialize};

/// The organization's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationProfileView {
    /// The organization's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The id of the project that calls work in which name none; empty where none was chosen.
    pub default_project: String,
    /// The projects to choose among, by name.
    pub projects: Vec<OptionView>,
    /// Whether it may be changed by this person (`write:settings`).
    pub can_write: bool,
    /// Counts up with each change; sent back so that two people do not overwrite each other.
    pub row_version: i64,
}
