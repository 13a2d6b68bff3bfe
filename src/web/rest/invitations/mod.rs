//! Invitations to the organization.

pub(super) mod create;
pub(super) mod list;
pub(super) mod revoke;

use super::members::Role;
use super::moment::Moment;
use crate::service::invitations::Invitation;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where the invitations stand.
const COLLECTION: &str = "/api/v1/invitations";
/// Where one stands.
const ITEM: &str = "/api/v1/invitations/{invitation}";

/// An invitation that was neither accepted nor revoked, without its link.
#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
struct InvitationBody {
    id: Uuid,
    /// The only address that may accept it.
    #[schema(example = "grace@example.com")]
    email: String,
    #[schema(value_type = Role)]
    role: &'static str,
    /// The maker's address or name.
    invited_by: String,
    created_at: Moment,
    expires_at: Moment,
    /// Whether its link works.
    is_open: bool,
}

impl InvitationBody {
    fn new(invitation: Invitation, now: OffsetDateTime) -> Self {
        Self {
            id: invitation.id.as_uuid(),
            is_open: invitation.is_open(now),
            email: invitation.email,
            role: invitation.role.as_str(),
            invited_by: invitation.invited_by_name,
            created_at: invitation.created_at.into(),
            expires_at: invitation.expires_at.into(),
        }
    }
}
