//! `GET /api/v1/webhooks/{webhook}`: one of them.

use super::{ITEM, WebhookBody, named};
use crate::domain::Scope;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use crate::web::rest::version::Versioned;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::get;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "webhooks.get",
        method: Method::GET,
        path: ITEM,
        scope: Some(Scope::WriteSettings),
        docs: Docs::new(Tag::Notifications, "Get a webhook")
            .answers::<WebhookBody>(StatusCode::OK, "The webhook.")
            .tells_version(),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(webhook): PathParts<String>,
) -> Result<Versioned<WebhookBody>, Problem> {
    let webhook = app.services.webhooks.get(&caller.actor, named(&webhook)?).await?;
    Ok(webhook.into())
}
