//! Who belongs to an organization, as the Members page shows it.

use super::{InvitationView, Moment};
use serde::{Deserialize, Serialize};

/// The Members page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembersView {
    /// The organization's id, sent along with every form: in another tab the session may have turned to another one.
    pub organization_id: String,
    /// Its name.
    pub organization: String,
    /// Whether people may be invited, changed and removed (`write:members`).
    pub can_write: bool,
    /// The roles that this person may give, the mightiest first.
    pub roles: Vec<String>,
    /// Everybody, by address.
    pub members: Vec<MemberView>,
    /// Invitations that were neither accepted nor revoked, the newest first. Empty for those who may not invite.
    pub invitations: Vec<InvitationView>,
    /// What each role may do.
    pub actions: Vec<ActionView>,
}

/// Somebody who belongs to the organization.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says which of a row's controls make sense"
)]
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MemberView {
    /// The person's id.
    pub id: String,
    /// Their address.
    pub email: String,
    /// `owner`, `admin`, `member`, `viewer`
    pub role: String,
    /// Since when they belong to it.
    pub joined_at: Moment,
    /// How many tokens that they made work.
    pub live_tokens: u32,
    /// Whether it is the person who looks.
    pub is_you: bool,
    /// Whether the person who looks may change their role.
    pub can_change: bool,
    /// Whether the person who looks may remove them.
    pub can_remove: bool,
    /// Whether the organization would have no owner without them.
    pub is_last_owner: bool,
}

/// Something that people do in an organization, and who may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionView {
    /// What it is.
    pub words: String,
    /// The roles that may do it, the mightiest first.
    pub roles: Vec<String>,
}
