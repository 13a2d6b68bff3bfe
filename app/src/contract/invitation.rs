//! Invitations, as the Members page and the invited person see them.

use super::Moment;
use serde::{Deserialize, Serialize};

/// An invitation that was neither accepted nor revoked, without its link.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct InvitationView {
    /// The invitation's id.
    pub id: String,
    /// Whom it is for.
    pub email: String,
    /// The role that they get.
    pub role: String,
    /// Who made it.
    pub invited_by: String,
    /// When its link stops working, or did.
    pub expires_at: Moment,
    /// Whether its link works.
    pub is_open: bool,
    /// Whether the person who looks may revoke it.
    pub can_revoke: bool,
}

/// An invitation just made. Its link is shown once, where no mail carries it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedInvitation {
    /// Whom it is for.
    pub email: String,
    /// The role that they get.
    pub role: String,
    /// The link to give them; `None` when it was mailed.
    pub link: Option<String>,
    /// Whether an earlier link to this address stopped working for it.
    pub replaces_another: bool,
}

impl std::fmt::Debug for CreatedInvitation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("CreatedInvitation")
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

/// What the page behind an invitation's link shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvitedView {
    /// The invitation; `None` when it was used, was revoked, has run out, or never was.
    pub invitation: Option<OfferView>,
}

/// What somebody is invited to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferView {
    /// The organization's name.
    pub organization: String,
    /// Whom it is for.
    pub email: String,
    /// The role that they get.
    pub role: String,
    /// Who made it.
    pub invited_by: String,
    /// When its link stops working.
    pub expires_at: Moment,
    /// Who looks at it.
    pub visitor: VisitorView,
}

/// Who looks at an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitorView {
    /// Signed in, with the address that it is for.
    Invited,
    /// Signed in, with this other address.
    Other(String),
    /// Not signed in; somebody has the address already.
    Known,
    /// Not signed in; nobody has the address yet.
    New,
}
