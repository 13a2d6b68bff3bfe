//! `POST /api/v1/projects`: makes a project, its slug from its name.

use super::{COLLECTION, Named, ProjectBody};
use crate::domain::Scope;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::JsonBody;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::version::Versioned;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "projects.create",
        method: Method::POST,
        path: COLLECTION,
        scope: Some(Scope::WriteProjects),
        docs: Docs::new(Tag::Projects, "Make a project")
            .details("Its slug is made from its name.")
            .takes::<Named>()
            .answers::<ProjectBody>(StatusCode::CREATED, "The new project.")
            .tells_version(),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    JsonBody(Named { name }): JsonBody<Named>,
) -> Result<(StatusCode, Versioned<ProjectBody>), Problem> {
    let project = app.services.projects.create(&caller.actor, &name).await?;
    Ok((StatusCode::CREATED, project.into()))
}
