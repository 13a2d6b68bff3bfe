//! `/healthz`: the process lives. `/readyz`: it can serve.

use super::App;
use crate::store::MigrationState;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

/// What `/readyz` answers.
#[derive(Debug, Serialize)]
pub struct Health {
    /// `ready`, `not_ready` or `stopping`.
    pub status: &'static str,
    /// `ok`, `unavailable`
    pub database: &'static str,
    /// `current`, `behind`, `unknown`
    pub migrations: &'static str,
    /// Always `ok` here: a server with the wrong master key does not start.
    pub master_key: &'static str,
}

pub(super) fn router(app: &App) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(app.clone())
}

async fn ready(State(app): State<App>) -> Response {
    let (database, migrations) = match app.services.database_state().await {
        Ok(MigrationState::Current) => ("ok", "current"),
        Ok(MigrationState::Behind) => ("ok", "behind"),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "not ready");
            ("unavailable", "unknown")
        }
    };
    let stopping = app.stopping.is_cancelled();
    if migrations == "current" && !stopping {
        let health = Health {
            status: "ready",
            database,
            migrations,
            master_key: "ok",
        };
        return Json(health).into_response();
    }
    let health = Health {
        status: if stopping { "stopping" } else { "not_ready" },
        database,
        migrations,
        master_key: "ok",
    };
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "5")], Json(health)).into_response()
}
