//! `POST …/keys/{key}/rotate`: adds a key that takes over, while the old one still works for a while.

use super::{SavedBody, named};
use crate::domain::{Overlap, Scope};
use crate::service::keys::{KeySelector, RotateKey};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields, JsonBody};
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::overlap::{self, OverlapName};
use crate::web::rest::path::PathParts;
use crate::web::rest::version::Versioned;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;
use secrecy::SecretString;
use utoipa::ToSchema;

#[derive(ToSchema)]
struct Request {
    /// The provider's key.
    #[schema(value_type = String, format = Password, max_length = 8192, example = "sk-proj-sandbox-valid-0123456789abcdef")]
    secret: SecretString,
    /// What to call the new key; without it, it takes the old one's name, which gets a number behind it.
    #[schema(max_length = 80, example = "Production")]
    name: Option<String>,
    /// Azure OpenAI: the address of the customer's resource; without it, the old key's.
    #[schema(example = "https://your-resource.openai.azure.com")]
    endpoint: Option<String>,
    /// Azure OpenAI: such as `2024-10-21`; without it, the old key's, and empty means none.
    #[schema(example = "2024-10-21")]
    api_version: Option<String>,
    /// How long the old key still works.
    #[schema(value_type = Option<OverlapName>, default = "24h")]
    overlap: Overlap,
}

impl FromFields for Request {
    const FIELDS: &'static [&'static str] = &["secret", "name", "endpoint", "api_version", "overlap"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            secret: fields.secret("secret")?,
            name: fields.text("name")?,
            endpoint: fields.text("endpoint")?,
            api_version: fields.text("api_version")?,
            overlap: overlap::of(fields)?,
        })
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "keys.rotate",
        method: Method::POST,
        path: "/api/v1/projects/{project}/keys/{key}/rotate",
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::ProviderKeys, "Rotate a key")
            .details(
                "The new key is probed first and takes over at once. The old one still works by its id and name until \
                 the overlap ends; if the provider refuses the new one before then, the old one takes over again.",
            )
            .takes::<Request>()
            .answers::<SavedBody>(StatusCode::CREATED, "The new key.")
            .tells_version()
            .probes()
            .conflicts("The key was rotated out already, or the new one's quota is spent."),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts((project, key)): PathParts<(String, String)>,
    JsonBody(request): JsonBody<Request>,
) -> Result<(StatusCode, Versioned<SavedBody>), Problem> {
    let rotate = RotateKey {
        secret: request.secret,
        name: request.name,
        endpoint: request.endpoint,
        api_version: request.api_version,
        overlap: request.overlap,
        added_by_name: caller.name,
    };
    let key = KeySelector::Id(named(&key)?);
    let keys = &app.services.keys;
    let rotated = keys.rotate(&caller.actor, &project.parse()?, &key, rotate).await?;
    Ok((StatusCode::CREATED, rotated.into()))
}
