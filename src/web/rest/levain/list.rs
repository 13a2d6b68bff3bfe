//! `GET /api/v1/byok`: the keys.

use super::{COLLECTION, KeyBody};
use crate::domain::Scope;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::{Operation, default_project};
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = LevainKeys)]
struct Response {
    keys: Vec<KeyBody>,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "levain.list",
        method: Method::GET,
        path: COLLECTION,
        scope: Some(Scope::ReadByok),
        docs: Docs::new(Tag::Levain, "List your keys")
            .answers::<Response>(StatusCode::OK, "Every key that is not revoked.")
            .may_miss(),
        route: get(handle),
    }
}

async fn handle(State(app): State<App>, caller: KnownCaller) -> Result<Json<Response>, Problem> {
    let keys = default_project::keys(&app, &caller).await?;
    Ok(Json(Response {
        keys: keys.into_iter().map(KeyBody::from).collect(),
    }))
}
