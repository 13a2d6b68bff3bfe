//! Tokens, as the Tokens page shows them.

use super::{Moment, OptionView, ProjectView};
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
    /// How long a token may live, with the day on which it ends; the value is what the form sends.
    pub expiries: Vec<OptionView>,
    /// The first day that a person may choose for a token's end: `2026-11-22`.
    pub earliest_end: String,
    /// The last one.
    pub latest_end: String,
    /// How long a token that is rotated out may go on working, the shortest first.
    pub overlaps: Vec<OptionView>,
    /// Those of the project's tokens and of the whole organization's that work, the newest first.
    pub tokens: Vec<TokenView>,
    /// Those that work no longer, likewise.
    pub ended: Vec<TokenView>,
    /// The regular expression by which scanners of leaked secrets find tokens.
    pub pattern: String,
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

/// Whether a token works, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenStatus {
    /// Works.
    Working,
    /// Works, and its end is near.
    ExpiresSoon,
    /// Works until its overlap ends: another one took over.
    RotatedOut,
    /// Its time is up.
    Expired,
    /// Somebody ended it.
    Revoked,
}

impl TokenStatus {
    /// Whether it works.
    #[must_use]
    pub const fn is_working(self) -> bool {
        matches!(self, Self::Working | Self::ExpiresSoon | Self::RotatedOut)
    }
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
    /// How many seconds are left of its overlap, where it was rotated out and works.
    pub seconds_left: Option<u64>,
    /// `lk_api_<public id>` of the token that took over from it.
    pub successor: Option<String>,
    /// Whether it works.
    pub status: TokenStatus,
    /// Whether this person may rotate it.
    pub can_rotate: bool,
}

/// A token just made; its text is shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatedToken {
    /// What people call it.
    pub name: String,
    /// The token itself.
    pub token: String,
    /// A call that shows it at work.
    pub curl: String,
    /// The token that it took over from.
    pub replaces: Option<ReplacedTokenView>,
}

/// A token that another one took over from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplacedTokenView {
    /// `lk_api_<public id>`
    pub prefix: String,
    /// Until when it works; `None` when it stopped at once.
    pub until: Option<Moment>,
}

impl std::fmt::Debug for CreatedToken {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("CreatedToken")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
