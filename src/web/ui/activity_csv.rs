//! The calls under a filter as a file for spreadsheets and scripts: `GET /projects/{project}/activity.csv`, with
//! the same query as the Activity page, for whoever holds `read:usage`, by session or token.

use super::activity::question;
use super::backend::note_refusals;
use crate::service::ServiceError;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::{App, calls_csv};
use app::contract::ActivityFilter;
use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::get;

/// The one route.
pub(super) fn router(app: &App) -> Router<App> {
    Router::new()
        .route("/projects/{project}/activity.csv", get(download))
        .layer(from_fn_with_state(app.clone(), note_refusals))
}

async fn download(
    State(app): State<App>,
    known: KnownCaller,
    Path(project): Path<String>,
    filter: Result<Query<ActivityFilter>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(filter) = filter.map_err(|rejection| Problem::at_field("query", rejection.body_text()))?;
    let wanted = question(filter, app.clock.now());
    let wanted = wanted.map_err(|problem| Problem::at_field("query", problem))?;
    let project = project.parse().map_err(|error: ServiceError| Problem::from(&error))?;
    let exported = app.services.usage.export(&known.actor, &project, wanted).await;
    Ok(calls_csv::answer(exported.map_err(|error| Problem::from(&error))?))
}
