//! Projects, as pages show them.

use serde::{Deserialize, Serialize};

/// A project of the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectView {
    /// The project's id.
    pub id: String,
    /// Its name in URLs.
    pub slug: String,
    /// What people call it.
    pub name: String,
}
