//! `GET /api/v1/tokens`: the organization's tokens.

use super::{COLLECTION, TokenBody};
use crate::domain::Scope;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::paging::Page;
use crate::web::rest::query::Query;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use serde::Serialize;
use std::cmp::Reverse;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = Tokens)]
struct Response {
    tokens: Vec<TokenBody>,
    /// Where the next page begins; null after the last.
    next_cursor: Option<String>,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "tokens.list",
        method: Method::GET,
        path: COLLECTION,
        scope: Some(Scope::WriteTokens),
        docs: Docs::new(Tag::Tokens, "List tokens")
            .details("It takes a token of the whole organization; one of a project lists its own under the project.")
            .asks::<Page>()
            .answers::<Response>(StatusCode::OK, "The organization's tokens, the newest first."),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    Query(page): Query<Page>,
) -> Result<Json<Response>, Problem> {
    let tokens = app.services.tokens.all(&caller.actor).await?;
    let part = page.of_all(tokens, |token| {
        Reverse((token.created_at.unix_timestamp_nanos(), token.id.as_uuid()))
    })?;
    let now = app.clock.now();
    Ok(Json(Response {
        tokens: part
            .things
            .into_iter()
            .map(|token| TokenBody::new(token, now))
            .collect(),
        next_cursor: part.next_cursor,
    }))
}
