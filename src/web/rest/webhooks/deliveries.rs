//! `GET /api/v1/webhooks/{webhook}/deliveries`: what was sent to an address, and what came back.

use super::{DeliveryBody, named};
use crate::domain::{DeliveryId, Scope};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::paging::Page;
use crate::web::rest::path::PathParts;
use crate::web::rest::query::Query;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = WebhookDeliveries)]
struct Response {
    deliveries: Vec<DeliveryBody>,
    /// Where the next page begins; null after the last.
    next_cursor: Option<String>,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "webhooks.deliveries",
        method: Method::GET,
        path: "/api/v1/webhooks/{webhook}/deliveries",
        scope: Some(Scope::WriteSettings),
        docs: Docs::new(Tag::Notifications, "List what was sent to a webhook")
            .details("Kept for 30 days.")
            .asks::<Page>()
            .answers::<Response>(StatusCode::OK, "The messages, the newest first."),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(webhook): PathParts<String>,
    Query(page): Query<Page>,
) -> Result<Json<Response>, Problem> {
    let before = page.place::<(OffsetDateTime, DeliveryId)>()?;
    let webhooks = &app.services.webhooks;
    let found = webhooks.deliveries(&caller.actor, named(&webhook)?, before, page.limit + 1);
    let part = page.of_next(found.await?, |logged| (logged.delivery.created_at, logged.delivery.id));
    Ok(Json(Response {
        deliveries: part.things.into_iter().map(DeliveryBody::from).collect(),
        next_cursor: part.next_cursor,
    }))
}
