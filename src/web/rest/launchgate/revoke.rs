//! `DELETE /v1/byok-keys/{key_id}`: takes a key out of use; the dashboard can restore it for a while.

use super::ITEM;
use crate::domain::Scope;
use crate::service::keys::KeySelector;
use crate::service::projects::ProjectRef;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::delete;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "launchgate.revoke",
        method: Method::DELETE,
        path: ITEM,
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::LaunchGate, "Revoke a key")
            .details("It is out of use at once. If it was the default, the newest usable one takes its part."),
        route: delete(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(key): PathParts<String>,
) -> Result<StatusCode, Problem> {
    let key = KeySelector::by_id(&key)?;
    let project = ProjectRef::Id(app.services.projects.default_of(&caller.actor).await?.id);
    app.services.keys.delete(&caller.actor, &project, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}
