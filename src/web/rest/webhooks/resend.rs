//! `POST /api/v1/webhooks/{webhook}/deliveries/{delivery}/resend`: sends a message once more.

use super::named;
use crate::domain::Scope;
use crate::service::{Missing, ServiceError};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "webhooks.resend",
        method: Method::POST,
        path: "/api/v1/webhooks/{webhook}/deliveries/{delivery}/resend",
        scope: Some(Scope::WriteSettings),
        docs: Docs::new(Tag::Notifications, "Send a message once more")
            .details("Under the same `webhook-id`, whatever became of it before.")
            .conflicts("The webhook is switched off."),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts((webhook, delivery)): PathParts<(String, String)>,
) -> Result<StatusCode, Problem> {
    let webhook = named(&webhook)?;
    let delivery = delivery.parse().map_err(|_| ServiceError::Missing(Missing::Delivery))?;
    app.services.webhooks.resend(&caller.actor, webhook, delivery).await?;
    Ok(StatusCode::NO_CONTENT)
}
