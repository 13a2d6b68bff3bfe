//! `POST /v1/byok-keys/{key_id}/test`: whether a key works.

use super::KeyBody;
use crate::domain::Scope;
use crate::service::keys::{Depth, KeySelector};
use crate::service::projects::ProjectRef;
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
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = LaunchGateTestedKey)]
struct Response {
    /// Whether it works.
    valid: bool,
    #[serde(flatten)]
    key: KeyBody,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "launchgate.test",
        method: Method::POST,
        path: "/v1/byok-keys/{key_id}/test",
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::LaunchGate, "Test a key")
            .answers::<Response>(StatusCode::OK, "The key with the verdict, whatever it is.")
            .probes(),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(key): PathParts<String>,
) -> Result<Json<Response>, Problem> {
    let key = KeySelector::by_id(&key)?;
    let project = ProjectRef::Id(app.services.projects.default_of(&caller.actor).await?.id);
    let keys = &app.services.keys;
    let tested = keys.test(&caller.actor, &project, &key, Depth::Listed).await?;
    let key = KeyBody::from(tested);
    Ok(Json(Response {
        valid: key.health_status == "healthy",
        key,
    }))
}
