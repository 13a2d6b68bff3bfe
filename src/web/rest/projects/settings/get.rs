//! `GET …/settings`: how calls are answered in a project.

use super::{ITEM, SettingsBody};
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
use axum::routing::get;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "projects.settings.get",
        method: Method::GET,
        path: ITEM,
        scope: Some(Scope::ReadByok),
        docs: Docs::new(Tag::Projects, "Look at a project's settings")
            .answers::<SettingsBody>(StatusCode::OK, "How calls through the gateway are answered in it.")
            .tells_version(),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(project): PathParts<String>,
) -> Result<Versioned<SettingsBody>, Problem> {
    let settings = app
        .services
        .projects
        .gateway_settings(&caller.actor, &project.parse()?)
        .await?;
    Ok(settings.into())
}
