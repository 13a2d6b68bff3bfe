//! Who belongs to the organization.

pub(super) mod list;
pub(super) mod remove;
pub(super) mod set_role;

use super::moment::Moment;
use crate::domain::UserId;
use crate::service::members::Member;
use crate::service::{Missing, ServiceError};
use crate::web::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where the members stand.
const COLLECTION: &str = "/api/v1/members";
/// Where one stands.
const ITEM: &str = "/api/v1/members/{member}";

/// A person who belongs to the organization.
#[derive(Serialize, ToSchema)]
#[schema(as = Member)]
struct MemberBody {
    id: Uuid,
    #[schema(example = "ada@example.com")]
    email: String,
    #[schema(value_type = Role)]
    role: &'static str,
    joined_at: Moment,
    /// How many tokens that they made work.
    live_tokens: u32,
}

/// What a member may do, by name.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes what the domain writes")]
pub(super) enum Role {
    Owner,
    Admin,
    Member,
    Viewer,
}

impl From<Member> for MemberBody {
    fn from(member: Member) -> Self {
        Self {
            id: member.user.as_uuid(),
            email: member.email,
            role: member.role.as_str(),
            joined_at: member.joined_at.into(),
            live_tokens: member.live_tokens,
        }
    }
}

/// The member that a path names; what is no id names none.
fn named(id: &str) -> Result<UserId, Problem> {
    id.parse().map_err(|_| ServiceError::Missing(Missing::Member).into())
}

/// A role that a caller sent.
pub(super) fn role(text: &str) -> Result<crate::domain::Role, Problem> {
    let unknown = |_| Problem::at_field("role", "Send owner, admin, member or viewer.");
    text.parse().map_err(unknown)
}
