//! `POST …/keys`: adds a key, after a probe.

use super::{COLLECTION, SavedBody};
use crate::domain::Scope;
use crate::service::keys::AddKey;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields, JsonBody};
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use crate::web::rest::version::Versioned;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;
use secrecy::SecretString;
use utoipa::ToSchema;

#[derive(ToSchema)]
struct Request {
    /// The provider's slug.
    #[schema(example = "openai")]
    provider: String,
    /// The provider's key.
    #[schema(value_type = String, format = Password, max_length = 8192, example = "sk-proj-sandbox-valid-0123456789abcdef")]
    secret: SecretString,
    /// What to call it; no other key of the provider may have the name.
    #[schema(required = false, max_length = 80, example = "Production")]
    name: String,
    /// Whether calls are to use it from now on that name no key. The first key always is the default.
    #[schema(required = false, default = false)]
    is_default: bool,
    /// Azure OpenAI: the address of the customer's resource.
    #[schema(example = "https://your-resource.openai.azure.com")]
    endpoint: Option<String>,
    /// Azure OpenAI: such as `2024-10-21`.
    #[schema(example = "2024-10-21")]
    api_version: Option<String>,
    /// Keep it, switched off, even when the provider cannot be reached.
    #[schema(required = false, default = false)]
    allow_unverified: bool,
}

impl FromFields for Request {
    const FIELDS: &'static [&'static str] = &[
        "provider",
        "secret",
        "name",
        "is_default",
        "endpoint",
        "api_version",
        "allow_unverified",
    ];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            provider: fields.required_text("provider")?,
            secret: fields.secret("secret")?,
            name: fields.text("name")?.unwrap_or_default(),
            is_default: fields.flag("is_default")?.unwrap_or(false),
            endpoint: fields.text("endpoint")?,
            api_version: fields.text("api_version")?,
            allow_unverified: fields.flag("allow_unverified")?.unwrap_or(false),
        })
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "keys.add",
        method: Method::POST,
        path: COLLECTION,
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::ProviderKeys, "Add a key")
            .details("It is probed first; a key that the provider refuses is not kept.")
            .takes::<Request>()
            .answers::<SavedBody>(StatusCode::CREATED, "The new key.")
            .tells_version()
            .probes(),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(project): PathParts<String>,
    JsonBody(request): JsonBody<Request>,
) -> Result<(StatusCode, Versioned<SavedBody>), Problem> {
    let add = AddKey {
        secret: request.secret,
        name: request.name,
        endpoint: request.endpoint,
        api_version: request.api_version,
        allow_unverified: request.allow_unverified,
        is_default: request.is_default,
        added_by_name: caller.name,
    };
    let keys = &app.services.keys;
    let added = keys
        .add(&caller.actor, &project.parse()?, &request.provider, add)
        .await?;
    Ok((StatusCode::CREATED, added.into()))
}
