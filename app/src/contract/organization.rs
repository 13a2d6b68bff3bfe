//! A person's organizations, as pages show them.

use serde::{Deserialize, Serialize};

/// An organization that the person belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OrganizationView {
    /// The organization's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The person's role in it.
    pub role: String,
    /// Whether the session is in it.
    pub is_current: bool,
}
