//! `DELETE /api/v1/tokens/{token}`: ends a token.

use super::{ITEM, TokenBody, named};
use crate::domain::Scope;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::delete;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "tokens.revoke",
        method: Method::DELETE,
        path: ITEM,
        scope: Some(Scope::WriteTokens),
        docs: Docs::new(Tag::Tokens, "Revoke a token")
            .details("It works no longer, at once; it stays in the list. Revoking it twice changes nothing.")
            .answers::<TokenBody>(StatusCode::OK, "The token, revoked."),
        route: delete(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(token): PathParts<String>,
) -> Result<Json<TokenBody>, Problem> {
    let token = app.services.tokens.end(&caller.actor, named(&token)?).await?;
    Ok(Json(TokenBody::new(token, app.clock.now())))
}
