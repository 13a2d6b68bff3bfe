//! Who is signed in, and what they may do.

use super::ProjectView;
use serde::{Deserialize, Serialize};

/// Who is signed in, where, and what they may do. Decides what a page shows; the services decide
/// what is allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// The person's address.
    pub email: String,
    /// `owner`, `admin`, `member`, `viewer`.
    pub role: String,
    /// The organization's name.
    pub organization: String,
    /// What the role permits.
    pub permissions: PermissionsView,
    /// The organization's projects, by name.
    pub projects: Vec<ProjectView>,
}

/// Which buttons make sense for this person.
#[expect(
    clippy::struct_excessive_bools,
    reason = "one answer for each scope a page asks about"
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionsView {
    /// `write:byok`
    pub write_keys: bool,
    /// `write:projects`
    pub write_projects: bool,
    /// `write:tokens`
    pub write_tokens: bool,
    /// `*`
    pub everything: bool,
}

/// What the set-up page needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetupView {
    /// Whether the link in the address can still be used.
    pub link_is_valid: bool,
    /// Whether an owner exists already; then people sign in instead.
    pub is_done: bool,
}
