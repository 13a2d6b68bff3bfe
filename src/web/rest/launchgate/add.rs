//! `POST /v1/byok-keys`: adds a key, after a probe.

use super::{COLLECTION, KeyBody, catalogued};
use crate::domain::Scope;
use crate::service::keys::AddKey;
use crate::service::projects::ProjectRef;
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
use secrecy::SecretString;
use utoipa::ToSchema;

#[derive(ToSchema)]
struct Request {
    /// The provider's slug; Gemini is `google` here.
    #[schema(example = "openai")]
    provider: String,
    /// What to call it.
    #[schema(required = false, max_length = 80, example = "Production OpenAI Key")]
    name: String,
    /// The provider's key.
    #[schema(value_type = String, format = Password, max_length = 8192, example = "sk-proj-sandbox-valid-0123456789abcdef")]
    key: SecretString,
    /// Whether it takes the default's part. The first key always is the default.
    #[schema(required = false, default = false)]
    is_default: bool,
    /// Azure OpenAI: the address of the customer's resource.
    #[schema(example = "https://your-resource.openai.azure.com")]
    endpoint: Option<String>,
}

impl FromFields for Request {
    const FIELDS: &'static [&'static str] = &["provider", "name", "key", "is_default", "endpoint"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            provider: fields.required_text("provider")?,
            name: fields.text("name")?.unwrap_or_default(),
            key: fields.secret("key")?,
            is_default: fields.flag("is_default")?.unwrap_or(false),
            endpoint: fields.text("endpoint")?,
        })
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "launchgate.add",
        method: Method::POST,
        path: COLLECTION,
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::LaunchGate, "Add a key")
            .details("It is probed first. With `is_default`, the default before is it no longer.")
            .takes::<Request>()
            .answers::<KeyBody>(StatusCode::CREATED, "The new key.")
            .probes()
            .may_miss(),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    JsonBody(request): JsonBody<Request>,
) -> Result<(StatusCode, Json<KeyBody>), Problem> {
    let project = app.services.projects.default_of(&caller.actor).await?;
    let provider = catalogued(&request.provider);
    let add = AddKey {
        secret: request.key,
        name: request.name,
        endpoint: request.endpoint,
        api_version: None,
        allow_unverified: false,
        is_default: request.is_default,
        added_by_name: caller.name,
    };
    let keys = &app.services.keys;
    let added = keys
        .add(&caller.actor, &ProjectRef::Id(project.id), provider, add)
        .await?;
    Ok((StatusCode::CREATED, Json(added.key.into())))
}
