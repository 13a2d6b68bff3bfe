//! `POST …/keys/{key}/end-overlap`: takes a key that was rotated out of use now.

use super::{KeyBody, named};
use crate::domain::Scope;
use crate::service::keys::KeySelector;
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
        id: "keys.end_overlap",
        method: Method::POST,
        path: "/api/v1/projects/{project}/keys/{key}/end-overlap",
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::ProviderKeys, "End the overlap of a key that was rotated out")
            .details("It is out of use at once, and can be restored for a while, as one that was deleted.")
            .answers::<KeyBody>(StatusCode::OK, "The old key, out of use.")
            .tells_version()
            .conflicts("The key was not rotated out."),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts((project, key)): PathParts<(String, String)>,
) -> Result<Versioned<KeyBody>, Problem> {
    let key = KeySelector::Id(named(&key)?);
    let keys = &app.services.keys;
    let ended = keys.end_overlap(&caller.actor, &project.parse()?, &key).await?;
    Ok(ended.into())
}
