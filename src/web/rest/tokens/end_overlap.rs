//! `POST /api/v1/tokens/{token}/end-overlap`: ends a token that was rotated out now.

use super::{TokenBody, named};
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
use axum::routing::post;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "tokens.end_overlap",
        method: Method::POST,
        path: "/api/v1/tokens/{token}/end-overlap",
        scope: Some(Scope::WriteTokens),
        docs: Docs::new(Tag::Tokens, "End the overlap of a token that was rotated out")
            .details("It works no longer, at once. Ending it twice changes nothing.")
            .answers::<TokenBody>(StatusCode::OK, "The old token, revoked.")
            .conflicts("The token was not rotated out."),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(token): PathParts<String>,
) -> Result<Json<TokenBody>, Problem> {
    let tokens = &app.services.tokens;
    let ended = tokens.end_overlap(&caller.actor, None, named(&token)?).await?;
    Ok(Json(TokenBody::new(ended, app.clock.now())))
}
