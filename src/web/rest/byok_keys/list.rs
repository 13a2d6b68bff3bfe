//! `GET …/byok-keys`: the project's keys.

use super::{COLLECTION, KeyBody};
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
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = SonzaiKeys)]
struct Response {
    keys: Vec<KeyBody>,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "byok_keys.list",
        method: Method::GET,
        path: COLLECTION,
        scope: Some(Scope::ReadByok),
        docs: Docs::new(Tag::Sonzai, "List the default keys of a project")
            .answers::<Response>(StatusCode::OK, "The default key of each provider that has one."),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(project): PathParts<String>,
) -> Result<Json<Response>, Problem> {
    let (_, keys) = app.services.keys.list(&caller.actor, &project.parse()?).await?;
    let shown = keys
        .into_iter()
        .filter(|key| key.is_default && key.deleted_at.is_none());
    Ok(Json(Response {
        keys: shown.map(KeyBody::from).collect(),
    }))
}
