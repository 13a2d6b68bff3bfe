//! `GET /api/v1/webhooks`: who is told.

use super::{COLLECTION, WebhookBody};
use crate::domain::Scope;
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
#[schema(as = Webhooks)]
struct Response {
    webhooks: Vec<WebhookBody>,
    /// Where the next page begins; null after the last.
    next_cursor: Option<String>,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "webhooks.list",
        method: Method::GET,
        path: COLLECTION,
        scope: Some(Scope::WriteSettings),
        docs: Docs::new(Tag::Notifications, "List webhooks")
            .asks::<Page>()
            .answers::<Response>(StatusCode::OK, "The webhooks, the oldest first."),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    Query(page): Query<Page>,
) -> Result<Json<Response>, Problem> {
    let webhooks = app.services.webhooks.list(&caller.actor).await?;
    let part = page.of_all(webhooks, |webhook| {
        (webhook.created_at.unix_timestamp_nanos(), webhook.id.as_uuid())
    })?;
    Ok(Json(Response {
        webhooks: part.things.into_iter().map(WebhookBody::from).collect(),
        next_cursor: part.next_cursor,
    }))
}
