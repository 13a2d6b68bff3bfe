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
    #[server(default)] expires_days: u32,
    #[server(default)] whole_organization: bool,
) -> Result<CreatedToken, UiError> {
    let input = CreateTokenInput {
        project,
        name,
        scopes,
        expires_days,
        whole_organization,
    };
    answer(backend()?.tokens.create(input).await)
}

/// Ends a token.
#[server(prefix = "/_fn", endpoint = "revoke_token")]
pub async fn revoke_token(project: String, token_id: String) -> Result<(), UiError> {
    answer(backend()?.tokens.revoke(project, token_id).await)
}
