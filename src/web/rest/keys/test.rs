//! `POST …/keys/{key}/test`: probes a stored key and answers with it, whatever the verdict.

use super::{KeyBody, named};
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
use crate::web::rest::version::Versioned;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "keys.test",
        method: Method::POST,
        path: "/api/v1/projects/{project}/keys/{key}/test",
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::ProviderKeys, "Test a key")
            .may_take::<DepthBody>()
            .answers::<KeyBody>(StatusCode::OK, "The key with the verdict, whatever it is.")
            .tells_version()
            .probes(),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts((project, key)): PathParts<(String, String)>,
    OptionalJsonBody(request): OptionalJsonBody<DepthBody>,
) -> Result<Versioned<KeyBody>, Problem> {
    let key = KeySelector::Id(named(&key)?);
    let keys = &app.services.keys;
    let tested = keys
        .test(&caller.actor, &project.parse()?, &key, request.depth())
        .await?;
    Ok(tested.into())
}
