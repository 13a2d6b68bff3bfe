//! `/metrics`, on a listener of its own: for the operator's monitoring, never under the public address.

use crate::service::metrics::Metrics;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// How long answers may take to be sent at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(1);

/// Serves `/metrics`, and nothing else, until told to stop.
pub async fn serve_metrics(listener: TcpListener, metrics: Arc<Metrics>, stop: CancellationToken) {
    let router = Router::new().route("/metrics", get(render)).with_state(metrics);
    let serving = axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
    let late = async {
        stop.cancelled().await;
        sleep(LAST_ANSWERS).await;
    };
    tokio::select! {
        ended = serving.into_future() => if let Err(error) = ended {
            tracing::error!(error = &error as &dyn std::error::Error, "metrics are not served any more");
        },
        () = late => {}
    }
}

async fn render(State(metrics): State<Arc<Metrics>>) -> Response {
    match metrics.render().await {
        Ok(text) => ([(CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
