//! `PATCH /api/v1/projects/{project}`: renames a project; its slug stays.

use super::{ITEM, Named, ProjectBody};
use crate::domain::Scope;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::JsonBody;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use crate::web::rest::version::{Seen, Versioned};
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::patch;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "projects.rename",
        method: Method::PATCH,
        path: ITEM,
        scope: Some(Scope::WriteProjects),
        docs: Docs::new(Tag::Projects, "Rename a project")
            .details("Its slug stays, so that nothing that uses it breaks.")
            .takes::<Named>()
            .answers::<ProjectBody>(StatusCode::OK, "The project, as it is now.")
            .tells_version()
            .needs_version(),
        route: patch(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(project): PathParts<String>,
    seen: Seen,
    JsonBody(Named { name }): JsonBody<Named>,
) -> Result<Versioned<ProjectBody>, Problem> {
    let renamed = app
        .services
        .projects
        .rename(&caller.actor, &project.parse()?, &name, seen.row_version())
        .await;
    renamed.map(Into::into).map_err(|error| seen.refused(error))
}
