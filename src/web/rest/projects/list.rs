//! `GET /api/v1/projects`: the projects that the caller reaches, by name.

use super::{COLLECTION, ProjectBody};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::paging::Page;
use crate::web::rest::query::Query;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = Projects)]
struct Response {
    projects: Vec<ProjectBody>,
    /// Where the next page begins; null after the last.
    next_cursor: Option<String>,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "projects.list",
        method: Method::GET,
        path: COLLECTION,
        scope: None,
        docs: Docs::new(Tag::Projects, "List projects")
            .asks::<Page>()
            .answers::<Response>(StatusCode::OK, "The projects that the caller reaches, by name."),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    Query(page): Query<Page>,
) -> Result<Json<Response>, Problem> {
    let projects = app.services.projects.list(&caller.actor).await?;
    let part = page.of_all(projects, |project| (project.name.to_lowercase(), project.id.as_uuid()))?;
    Ok(Json(Response {
        projects: part.things.into_iter().map(ProjectBody::from).collect(),
        next_cursor: part.next_cursor,
    }))
}
