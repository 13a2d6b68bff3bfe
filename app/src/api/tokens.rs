//! Tokens.

#[cfg(feature = "ssr")]
use super::server::{answer, backend};
use crate::contract::{CreatedToken, TokensView, UiError};
#[cfg(feature = "ssr")]
use crate::ports::CreateTokenInput;
use leptos::prelude::*;

/// The Tokens page of a project.
#[server(prefix = "/_fn", endpoint = "tokens")]
pub async fn tokens(project: String) -> Result<TokensView, UiError> {
    answer(backend()?.tokens.page(project).await)
}

/// Makes a token; its text is in this answer and nowhere else.
#[server(prefix = "/_fn", endpoint = "create_token")]
pub async fn create_token(
    project: String,
    name: String,
    #[server(default)] scopes: Vec<String>,
    #[server(default)] expires_days: String,
    #[server(default)] expires_on: String,
    #[server(default)] whole_organization: bool,
) -> Result<CreatedToken, UiError> {
    let input = CreateTokenInput {
        project,
        name,
        scopes,
        expires_days,
        expires_on,
        whole_organization,
    };
    answer(backend()?.tokens.create(input).await)
}

/// Makes a token that takes over from another; its text is in this answer and nowhere else.
#[server(prefix = "/_fn", endpoint = "rotate_token")]
pub async fn rotate_token(
    project: String,
    token_id: String,
    #[server(default)] overlap: String,
) -> Result<CreatedToken, UiError> {
    answer(backend()?.tokens.rotate(project, token_id, overlap).await)
}

/// Ends a token that was rotated out before its time.
#[server(prefix = "/_fn", endpoint = "end_token_overlap")]
pub async fn end_token_overlap(project: String, token_id: String) -> Result<(), UiError> {
    answer(backend()?.tokens.end_overlap(project, token_id).await)
}

/// Ends a token.
#[server(prefix = "/_fn", endpoint = "revoke_token")]
pub async fn revoke_token(project: String, token_id: String) -> Result<(), UiError> {
    answer(backend()?.tokens.revoke(project, token_id).await)
}
