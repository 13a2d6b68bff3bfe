//! Who is signed in, and what they may do.

use super::{OrganizationView, ProjectView};
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
    /// The organization's id.
    pub organization_id: String,
    /// The person's organizations, by name; this one among them.
    pub organizations: Vec<OrganizationView>,
    /// Whether the person operates this deployment, and so creates organizations.
    pub is_operator: bool,
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
    /// `write:members`
    pub write_members: bool,
    /// `write:settings`
    pub write_settings: bool,
    /// `read:audit`
    pub read_audit: bool,
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

/// What the sign-in page asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInView {
    /// Whether there is anybody who could sign in.
    pub is_set_up: bool,
    /// Whether the password was right, and a code is asked for now.
    pub awaits_code: bool,
    /// Whether links to choose a new password can be mailed.
    pub sends_mail: bool,
}

/// What the page behind a mailed link needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetLinkView {
    /// Whose password the link can set; `None` when it does not work (any more).
    pub email: Option<String>,
}
