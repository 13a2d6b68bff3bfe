//! `PATCH /api/v1/webhooks/{webhook}`: changes one, or switches it on or off.

use super::{ITEM, WebhookBody, kinds_of, named};
use crate::domain::Scope;
use crate::service::webhooks::WebhookChange;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields, JsonBody};
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use crate::web::rest::version::{Seen, Versioned};
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::patch;
use utoipa::ToSchema;

/// What is described; what is read is a [`WebhookChange`].
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what is read into the service's input")]
struct Request {
    /// Where messages go: https, on the public internet.
    #[schema(max_length = 2000, example = "https://example.com/latchkey")]
    url: Option<String>,
    /// What to call it; empty for nothing.
    #[schema(max_length = 80, example = "Pager")]
    description: Option<String>,
    /// The kinds that it is told of; none for every kind.
    #[schema(example = json!(["key.unhealthy"]))]
    kinds: Option<Vec<String>>,
    /// Whether it is told at all. What waits for one that is switched off is given up.
    is_active: Option<bool>,
}

impl FromFields for WebhookChange {
    const FIELDS: &'static [&'static str] = &["url", "description", "kinds", "is_active"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            url: fields.text("url")?,
            description: fields.text("description")?,
            kinds: fields.has("kinds").then(|| kinds_of(fields)).transpose()?,
            is_active: fields.flag("is_active")?,
        })
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "webhooks.patch",
        method: Method::PATCH,
        path: ITEM,
        scope: Some(Scope::WriteSettings),
        docs: Docs::new(Tag::Notifications, "Change a webhook, or switch it on or off")
            .details("What is left out stays as it is.")
            .takes_described::<WebhookChange, Request>()
            .answers::<WebhookBody>(StatusCode::OK, "The webhook, as it is now.")
            .tells_version()
            .needs_version()
            .conflicts("There is another webhook with this address."),
        route: patch(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(webhook): PathParts<String>,
    seen: Seen,
    JsonBody(change): JsonBody<WebhookChange>,
) -> Result<Versioned<WebhookBody>, Problem> {
    let webhooks = &app.services.webhooks;
    let changed = webhooks.change(&caller.actor, named(&webhook)?, change, seen.row_version());
    changed.await.map(Into::into).map_err(|error| seen.refused(error))
}
