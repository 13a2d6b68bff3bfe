//! `POST /api/v1/webhooks/{webhook}/test`: sends a message that tells of nothing.

use super::{DeliveryBody, named};
use crate::domain::Scope;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "webhooks.test",
        method: Method::POST,
        path: "/api/v1/webhooks/{webhook}/test",
        scope: Some(Scope::WriteSettings),
        docs: Docs::new(Tag::Notifications, "Send a test message")
            .details("Its type is `webhook.test`. The log of deliveries tells what the address answered.")
            .answers::<DeliveryBody>(StatusCode::ACCEPTED, "The message, which is about to be sent.")
            .conflicts("The webhook is switched off."),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(webhook): PathParts<String>,
) -> Result<(StatusCode, Json<DeliveryBody>), Problem> {
    let delivery = app.services.webhooks.test(&caller.actor, named(&webhook)?).await?;
    Ok((StatusCode::ACCEPTED, Json(delivery.into())))
}
