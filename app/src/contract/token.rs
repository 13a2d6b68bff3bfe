//! Tokens, as the Tokens page shows them.

use super::{Moment, ProjectView};
use serde::{Deserialize, Serialize};

/// The Tokens page of one project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokensView {
    /// The project.
    pub project: ProjectView,
    /// Whether tokens may be made and revoked (`write:tokens`).
    pub can_write: bool,
    /// The scopes that this person may give away.
    pub scopes: Vec<ScopeView>,
    /// The project's tokens and those of the whole organization, the newest first.
    pub tokens: Vec<TokenView>,
    /// Where scripts reach Latchkey, for the ready-made curl.
    pub base_url: String,
}

/// A scope that a token may get.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeView {
    /// `read:byok`, …
    pub name: String,
    /// What it permits, in a sentence.
    pub meaning: String,
}

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TokenView {
    /// The token's id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// `lk_api_<public id>`
    pub prefix: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// The project's name, or `None` for the whole organization.
    pub project: Option<String>,
    /// When it was made.
    pub created_at: Moment,
    /// Who made it.
    pub created_by: String,
    /// When it last called.
    pub last_used_at: Option<Moment>,
    /// When it stops working by itself.
    pub expires_at: Option<Moment>,
    /// Whether it works now.
    pub is_active: bool,
}

/// A token just made. The only contract type that carries a secret; it is shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedToken {
    /// What people call it.
    pub name: String,
    /// The token itself.
    pub token: String,
    /// A call that shows it at work.
    pub curl: String,
}

impl std::fmt::Debug for CreatedToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("CreatedToken")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
