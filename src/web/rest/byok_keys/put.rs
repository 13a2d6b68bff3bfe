//! `PUT …/byok-keys/{provider}`: adds the provider's key or replaces it, after a probe.

use super::{ITEM, KeyBody};
use crate::domain::Scope;
use crate::service::keys::SaveKey;
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
use axum::routing::put;
use secrecy::SecretString;
use utoipa::ToSchema;

/// All but `api_key` is Latchkey's own.
#[derive(ToSchema)]
struct Request {
    /// The provider's key.
    #[schema(value_type = String, format = Password, max_length = 8192, example = "sk-proj-sandbox-valid-0123456789abcdef")]
    api_key: SecretString,
    /// What to call it.
    #[schema(max_length = 80, example = "Production")]
    name: Option<String>,
    /// Azure OpenAI: the address of the customer's resource.
    #[schema(example = "https://your-resource.openai.azure.com")]
    endpoint: Option<String>,
    /// Azure OpenAI: such as `2024-10-21`.
    #[schema(example = "2024-10-21")]
    api_version: Option<String>,
    /// Keep a new key, switched off, even when the provider cannot be reached.
    #[schema(required = false, default = false)]
    allow_unverified: bool,
}

impl FromFields for Request {
    const FIELDS: &'static [&'static str] = &["api_key", "name", "endpoint", "api_version", "allow_unverified"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            api_key: fields.secret("api_key")?,
            name: fields.text("name")?,
            endpoint: fields.text("endpoint")?,
            api_version: fields.text("api_version")?,
            allow_unverified: fields.flag("allow_unverified")?.unwrap_or(false),
        })
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "byok_keys.put",
        method: Method::PUT,
        path: ITEM,
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::Sonzai, "Bring or replace a provider's default key")
            .details("The key is probed first; a key that the provider refuses is not kept, and the old one stays.")
            .takes::<Request>()
            .answers::<KeyBody>(StatusCode::OK, "The key, as it is kept now.")
            .probes(),
        route: put(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts((project, provider)): PathParts<(String, String)>,
    JsonBody(request): JsonBody<Request>,
) -> Result<Json<KeyBody>, Problem> {
    let save = SaveKey {
        secret: request.api_key,
        name: request.name,
        endpoint: request.endpoint,
        api_version: request.api_version,
        seen_row_version: None,
        allow_unverified: request.allow_unverified,
        added_by_name: caller.name,
    };
    let saved = app
        .services
        .keys
        .save(&caller.actor, &project.parse()?, &provider, save)
        .await?;
    Ok(Json(saved.key.into()))
}
