//! `POST /api/v1/webhooks/{webhook}/rotate-secret`: signs with a new secret.

use super::{SecretBody, named};
use crate::domain::{Overlap, Scope};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields, OptionalJsonBody};
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::overlap::{self, OverlapName};
use crate::web::rest::path::PathParts;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;
use utoipa::ToSchema;

#[derive(ToSchema)]
struct Request {
    /// How long messages are also signed with the old secret.
    #[schema(value_type = Option<OverlapName>, default = "24h")]
    overlap: Overlap,
}

impl FromFields for Request {
    const FIELDS: &'static [&'static str] = &["overlap"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            overlap: overlap::of(fields)?,
        })
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "webhooks.rotate_secret",
        method: Method::POST,
        path: "/api/v1/webhooks/{webhook}/rotate-secret",
        scope: Some(Scope::WriteSettings),
        docs: Docs::new(Tag::Notifications, "Rotate a webhook's secret")
            .details(
                "Until the overlap ends every message carries both signatures. The answer alone has the new secret.",
            )
            .may_take::<Request>()
            .answers::<SecretBody>(StatusCode::OK, "The webhook and its new secret."),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(webhook): PathParts<String>,
    OptionalJsonBody(request): OptionalJsonBody<Request>,
) -> Result<Json<SecretBody>, Problem> {
    let webhooks = &app.services.webhooks;
    let made = webhooks.rotate_secret(&caller.actor, named(&webhook)?, request.overlap);
    Ok(Json(made.await?.into()))
}
