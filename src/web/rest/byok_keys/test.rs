//! `POST …/byok-keys/{provider}/test`: probes the stored key and answers with it, whatever the verdict.

use super::KeyBody;
use crate::domain::Scope;
use crate::service::keys::KeySelector;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::OptionalJsonBody;
use crate::web::rest::depth::DepthBody;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "byok_keys.test",
        method: Method::POST,
        path: "/api/v1/projects/{project}/byok-keys/{provider}/test",
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::Sonzai, "Test a provider's default key")
            .may_take::<DepthBody>()
            .answers::<KeyBody>(StatusCode::OK, "The key with the verdict, whatever it is.")
            .probes(),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts((project, provider)): PathParts<(String, String)>,
    OptionalJsonBody(request): OptionalJsonBody<DepthBody>,
) -> Result<Json<KeyBody>, Problem> {
    let key = KeySelector::default_of(&provider)?;
    let tested = app
        .services
        .keys
        .test(&caller.actor, &project.parse()?, &key, request.depth())
        .await?;
    Ok(Json(tested.into()))
}
