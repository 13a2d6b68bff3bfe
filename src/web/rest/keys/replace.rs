//! `PUT …/keys/{key}`: replaces the secret of a key, after a probe.

use super::{ITEM, SavedBody, named};
use crate::domain::Scope;
use crate::service::keys::{KeySelector, SaveKey};
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
use axum::routing::put;
use secrecy::SecretString;
use utoipa::ToSchema;

#[derive(ToSchema)]
struct Request {
    /// The provider's key.
    #[schema(value_type = String, format = Password, max_length = 8192, example = "sk-proj-sandbox-valid-0123456789abcdef")]
    secret: SecretString,
    /// What to call it; without it, the key keeps its name.
    #[schema(max_length = 80, example = "Production")]
    name: Option<String>,
    /// Azure OpenAI: the address of the customer's resource; without it, the key keeps its own.
    #[schema(example = "https://your-resource.openai.azure.com")]
    endpoint: Option<String>,
    /// Azure OpenAI: such as `2024-10-21`; without it, the key keeps its own, and empty means none.
    #[schema(example = "2024-10-21")]
    api_version: Option<String>,
}

impl FromFields for Request {
    const FIELDS: &'static [&'static str] = &["secret", "name", "endpoint", "api_version"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            secret: fields.secret("secret")?,
            name: fields.text("name")?,
            endpoint: fields.text("endpoint")?,
            api_version: fields.text("api_version")?,
        })
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "keys.replace",
        method: Method::PUT,
        path: ITEM,
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::ProviderKeys, "Replace the secret of a key")
            .details(
                "The new secret is probed first and takes the old one's place at once; if the provider refuses it, the \
                 old one stays. To let the old one live on for a while, rotate the key.",
            )
            .takes::<Request>()
            .answers::<SavedBody>(StatusCode::OK, "The key with its new secret.")
            .tells_version()
            .needs_version()
            .probes(),
        route: put(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts((project, key)): PathParts<(String, String)>,
    seen: Seen,
    JsonBody(request): JsonBody<Request>,
) -> Result<Versioned<SavedBody>, Problem> {
    let save = SaveKey {
        secret: request.secret,
        name: request.name,
        endpoint: request.endpoint,
        api_version: request.api_version,
        seen_row_version: None,
        allow_unverified: false,
        added_by_name: caller.name,
    };
    let key = KeySelector::seen(named(&key)?, seen.row_version());
    let keys = &app.services.keys;
    let replaced = keys.replace(&caller.actor, &project.parse()?, &key, save).await;
    replaced.map(Into::into).map_err(|error| seen.refused(error))
}
