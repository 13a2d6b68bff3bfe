//! `GET /api/v1/tokens/{token}`: one token.

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
use axum::routing::get;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "tokens.get",
        method: Method::GET,
        path: ITEM,
        scope: Some(Scope::WriteTokens),
        docs: Docs::new(Tag::Tokens, "Look at a token").answers::<TokenBody>(StatusCode::OK, "The token."),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(token): PathParts<String>,
) -> Result<Json<TokenBody>, Problem> {
    let token = app.services.tokens.get(&caller.actor, named(&token)?).await?;
    Ok(Json(TokenBody::new(token, app.clock.now())))
}
