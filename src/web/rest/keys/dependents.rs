//! `GET …/keys/{key}/dependents`: what used a key of late, to look at before it goes.

use super::named;
use crate::domain::Scope;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::moment::Moment;
use crate::web::rest::path::PathParts;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = KeyDependents)]
struct Response {
    /// How many tokens used it within the last hour.
    tokens_last_hour: u64,
    /// How many calls used it within the last hour.
    calls_last_hour: u64,
    /// The last call of all; null for a key that no call has used.
    last_call_at: Option<Moment>,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "keys.dependents",
        method: Method::GET,
        path: "/api/v1/projects/{project}/keys/{key}/dependents",
        scope: Some(Scope::ReadByok),
        docs: Docs::new(Tag::ProviderKeys, "See what depends on a key")
            .answers::<Response>(StatusCode::OK, "What used it of late."),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts((project, key)): PathParts<(String, String)>,
) -> Result<Json<Response>, Problem> {
    let keys = &app.services.keys;
    let used = keys.dependents(&caller.actor, &project.parse()?, named(&key)?).await?;
    Ok(Json(Response {
        tokens_last_hour: used.tokens_last_hour,
        calls_last_hour: used.calls_last_hour,
        last_call_at: used.last_call_at.map(Moment::from),
    }))
}
