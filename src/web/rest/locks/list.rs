//! `GET /api/v1/locks`: what is locked.

use super::{COLLECTION, LockBody};
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
#[schema(as = Locks)]
struct Response {
    locks: Vec<LockBody>,
    /// Where the next page begins; null after the last.
    next_cursor: Option<String>,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "locks.list",
        method: Method::GET,
        path: COLLECTION,
        scope: Some(Scope::ReadByok),
        docs: Docs::new(Tag::Locks, "List locks").asks::<Page>().answers::<Response>(
            StatusCode::OK,
            "The locks, the newest first; for a token of one project those that cover it.",
        ),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    Query(page): Query<Page>,
) -> Result<Json<Response>, Problem> {
    let locks = app.services.locks.list(&caller.actor).await?;
    let part = page.of_all(locks, |lock| {
        Reverse((lock.locked_at.unix_timestamp_nanos(), lock.id.as_uuid()))
    })?;
    Ok(Json(Response {
        locks: part.things.into_iter().map(LockBody::from).collect(),
        next_cursor: part.next_cursor,
    }))
}
