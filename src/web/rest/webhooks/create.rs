//! `POST /api/v1/webhooks`: tells one more address.

use super::{COLLECTION, SecretBody, kinds_of};
use crate::domain::Scope;
use crate::service::webhooks::WebhookSpec;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields, JsonBody};
use crate::web::rest::docs::{Docs, Tag};
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;
use utoipa::ToSchema;

/// What is described; what is read is a [`WebhookSpec`].
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what is read into the service's input")]
struct Request {
    /// Where messages go: https, on the public internet.
    #[schema(max_length = 2000, example = "https://example.com/latchkey")]
    url: String,
    /// What to call it.
    #[schema(required = false, max_length = 80, example = "Pager")]
    description: String,
    /// The kinds that it is told of; none for every kind.
    #[schema(required = false, example = json!(["key.unhealthy", "key.exhausted"]))]
    kinds: Vec<String>,
}

impl FromFields for WebhookSpec {
    const FIELDS: &'static [&'static str] = &["url", "description", "kinds"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            url: fields.required_text("url")?,
            description: fields.text("description")?.unwrap_or_default(),
            kinds: kinds_of(fields)?,
        })
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "webhooks.create",
        method: Method::POST,
        path: COLLECTION,
        scope: Some(Scope::WriteSettings),
        docs: Docs::new(Tag::Notifications, "Add a webhook")
            .details(
                "Messages follow the Standard Webhooks specification: `webhook-id`, `webhook-timestamp`, and \
                 `webhook-signature` with `v1,` and an HMAC-SHA256 in base64. The answer alone has the secret.",
            )
            .takes_described::<WebhookSpec, Request>()
            .answers::<SecretBody>(StatusCode::CREATED, "The webhook and its secret.")
            .conflicts("There is a webhook with this address already, or there are too many."),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    JsonBody(spec): JsonBody<WebhookSpec>,
) -> Result<(StatusCode, Json<SecretBody>), Problem> {
    let made = app.services.webhooks.create(&caller.actor, spec, caller.name).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}
