//! Tokens of the organization by their ids.

pub(super) mod create;
pub(super) mod end_overlap;
pub(super) mod get;
pub(super) mod list;
pub(super) mod revoke;
pub(super) mod rotate;

use super::moment::Moment;
use crate::domain::TokenId;
use crate::service::tokens::{self, Token};
use crate::service::{Missing, ServiceError};
use crate::web::problem::Problem;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where the tokens stand.
const COLLECTION: &str = "/api/v1/tokens";
/// Where one stands.
const ITEM: &str = "/api/v1/tokens/{token}";

/// A token, without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
struct TokenBody {
    id: Uuid,
    /// The part of the token's text that is no secret.
    #[schema(example = "lk_api_0123456789abcdef")]
    prefix: String,
    #[schema(example = "nightly rotation")]
    name: String,
    #[schema(example = json!(["read:byok", "write:byok"]))]
    scopes: Vec<String>,
    /// Its only project; null for the whole organization.
    project_id: Option<Uuid>,
    /// Whether it works.
    is_active: bool,
    created_at: Moment,
    /// The maker's address or name.
    created_by: String,
    /// When it stops working by itself; null for never.
    expires_at: Option<Moment>,
    revoked_at: Option<Moment>,
    /// To the minute.
    last_used_at: Option<Moment>,
    /// The token that took over from it; it works until it expires.
    superseded_by: Option<Uuid>,
}

impl TokenBody {
    fn new(token: Token, now: OffsetDateTime) -> Self {
        Self {
            id: token.id.as_uuid(),
            prefix: tokens::shown(&token),
            scopes: token.scopes.to_strings(),
            project_id: token.project.map(|project| project.as_uuid()),
            is_active: token.is_active(now),
            created_at: token.created_at.into(),
            created_by: token.created_by_name,
            expires_at: token.expires_at.map(Moment::from),
            revoked_at: token.revoked_at.map(Moment::from),
            last_used_at: token.last_used_at.map(Moment::from),
            superseded_by: token.superseded_by.map(|token| token.as_uuid()),
            name: token.name,
        }
    }
}

/// The token that a path names; what is no id names none.
fn named(id: &str) -> Result<TokenId, Problem> {
    id.parse().map_err(|_| ServiceError::Missing(Missing::Token).into())
}
