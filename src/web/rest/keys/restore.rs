//! `POST …/keys/{key}/restore`: brings a deleted key back, after a probe.

use super::{KeyBody, named};
use crate::domain::Scope;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use crate::web::rest::version::Versioned;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "keys.restore",
        method: Method::POST,
        path: "/api/v1/projects/{project}/keys/{key}/restore",
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::ProviderKeys, "Restore a deleted key")
            .details("It is probed first, and becomes the default where the provider has none.")
            .answers::<KeyBody>(StatusCode::OK, "The key, back in use.")
            .tells_version()
            .probes(),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts((project, key)): PathParts<(String, String)>,
) -> Result<Versioned<KeyBody>, Problem> {
    let keys = &app.services.keys;
    let restored = keys.restore(&caller.actor, &project.parse()?, named(&key)?).await?;
    Ok(restored.into())
}
