//! `GET …/calls.csv`: all calls under a filter, as a file for spreadsheets and scripts.

use super::filter::Filter;
use crate::domain::Scope;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::calls_csv;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use crate::web::rest::query::Query;
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use axum::routing::get;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "calls.export",
        method: Method::GET,
        path: "/api/v1/projects/{project}/calls.csv",
        scope: Some(Scope::ReadUsage),
        docs: Docs::new(Tag::Usage, "Export a project's calls")
            .asks::<Filter>()
            .answers_csv("The calls, the newest first; the first line names the columns."),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(project): PathParts<String>,
    Query(Filter(filter)): Query<Filter>,
) -> Result<Response, Problem> {
    let exported = app
        .services
        .usage
        .export(&caller.actor, &project.parse()?, filter)
        .await?;
    Ok(calls_csv::answer(exported))
}
