//! Tokens as the Sonzai API has them.

pub(super) mod create;
pub(super) mod list;
pub(super) mod revoke;

use super::moment::Moment;
use crate::domain::OrgId;
use crate::service::tokens::{self, Token};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Where the tokens stand that reach a project.
const COLLECTION: &str = "/api/v1/projects/{project}/api-keys";

/// What is told of a token both when it is made and later.
#[derive(Serialize, ToSchema)]
#[schema(as = SonzaiToken)]
struct TokenBody {
    #[schema(format = Uuid)]
    key_id: String,
    /// The part of the token's text that is no secret.
    #[schema(example = "lk_api_0123456789abcdef")]
    key_prefix: String,
    name: String,
    /// Null for a token of the whole organization.
    #[schema(format = Uuid)]
    project_id: Option<String>,
    /// The organization.
    #[schema(format = Uuid)]
    tenant_id: String,
    #[schema(example = json!(["read:byok"]))]
    scopes: Vec<String>,
    is_active: bool,
    created_at: Moment,
    /// The maker's address or name.
    created_by: String,
    expires_at: Option<Moment>,
}

impl TokenBody {
    fn new(token: Token, org: OrgId, now: OffsetDateTime) -> Self {
        Self {
            key_id: token.id.to_string(),
            key_prefix: tokens::shown(&token),
            project_id: token.project.map(|project| project.to_string()),
            tenant_id: org.to_string(),
            scopes: token.scopes.to_strings(),
            is_active: token.is_active(now),
            created_at: token.created_at.into(),
            created_by: token.created_by_name,
            expires_at: token.expires_at.map(Moment::from),
            name: token.name,
        }
    }
}
