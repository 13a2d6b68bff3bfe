//! `POST /api/v1/byok/{provider}`: adds a key, after a probe, and makes it the default.

use super::{ITEM, KeyBody};
use crate::domain::Scope;
use crate::service::keys::AddKey;
use crate::service::projects::ProjectRef;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields, JsonBody};
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;
use secrecy::SecretString;
use utoipa::ToSchema;

#[derive(ToSchema)]
struct Request {
    /// The provider's key.
    #[schema(value_type = String, format = Password, max_length = 8192, example = "sk-ant-api03-sandbox-valid-0123456789")]
    api_key: SecretString,
}

impl FromFields for Request {
    const FIELDS: &'static [&'static str] = &["api_key"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            api_key: fields.secret("api_key")?,
        })
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "levain.add",
        method: Method::POST,
        path: ITEM,
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::Levain, "Register a provider key")
            .details("It is probed first, and becomes the default; the one before stays.")
            .takes::<Request>()
            .answers::<KeyBody>(StatusCode::CREATED, "The new key.")
            .probes(),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(provider): PathParts<String>,
    JsonBody(request): JsonBody<Request>,
) -> Result<(StatusCode, Json<KeyBody>), Problem> {
    let project = app.services.projects.default_of(&caller.actor).await?;
    let add = AddKey {
        secret: request.api_key,
        name: String::new(),
        endpoint: None,
        api_version: None,
        allow_unverified: false,
        is_default: true,
        added_by_name: caller.name,
    };
    let keys = &app.services.keys;
    let added = keys
        .add(&caller.actor, &ProjectRef::Id(project.id), &provider, add)
        .await?;
    Ok((StatusCode::CREATED, Json(added.key.into())))
}
