//! `DELETE /api/v1/webhooks/{webhook}`: tells an address no more.

use super::{ITEM, named};
use crate::domain::Scope;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::delete;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "webhooks.delete",
        method: Method::DELETE,
        path: ITEM,
        scope: Some(Scope::WriteSettings),
        docs: Docs::new(Tag::Notifications, "Delete a webhook").details("The log of its deliveries goes with it."),
        route: delete(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(webhook): PathParts<String>,
) -> Result<StatusCode, Problem> {
    app.services.webhooks.delete(&caller.actor, named(&webhook)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
