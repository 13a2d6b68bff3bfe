//! `POST …/keys/import`: adds the chosen lines of a paste, each after a probe.

use crate::domain::Scope;
use crate::service::keys::{ImportChoice, Imported};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields, JsonBody};
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::keys::KeyBody;
use crate::web::rest::path::PathParts;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;
use secrecy::SecretString;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(ToSchema)]
struct Request {
    /// The same paste again, for a preview keeps nothing.
    #[schema(value_type = String, format = Password, max_length = 65536, example = "OPENAI_API_KEY=sk-proj-sandbox-valid-0123456789abcdef")]
    text: SecretString,
    /// What to do with which of its lines.
    #[schema(min_items = 1)]
    choices: Vec<ChoiceFields>,
}

/// What to do with a line.
#[derive(ToSchema)]
#[schema(as = ImportChoice)]
struct ChoiceFields {
    /// The line in the paste, from 1.
    #[schema(minimum = 1, example = 1)]
    line: u32,
    /// The provider's slug.
    #[schema(example = "openai")]
    provider: String,
    /// What to call it.
    #[schema(required = false, max_length = 80, example = "Production")]
    name: String,
    /// Azure OpenAI: the address of the customer's resource.
    endpoint: Option<String>,
}

impl FromFields for Request {
    const FIELDS: &'static [&'static str] = &["text", "choices"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        let text = fields.secret("text")?;
        let choices = fields.objects("choices")?;
        if choices.is_empty() {
            return Err(Problem::at_field("choices", "Choose at least one line."));
        }
        Ok(Self { text, choices })
    }
}

impl FromFields for ChoiceFields {
    const FIELDS: &'static [&'static str] = &["line", "provider", "name", "endpoint"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        let line = fields.count("line")?;
        Ok(Self {
            line: line.ok_or_else(|| Problem::at_field("line", "Name a line of the paste, from 1."))?,
            provider: fields.required_text("provider")?,
            name: fields.text("name")?.unwrap_or_default(),
            endpoint: fields.text("endpoint")?,
        })
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = ImportResult)]
struct Response {
    /// What became of the chosen lines.
    results: Vec<ResultBody>,
}

/// What became of a line: a key, or what went wrong.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportedLine)]
struct ResultBody {
    /// The line in the paste, from 1.
    line: u32,
    /// The new key; null when there is none.
    key: Option<KeyBody>,
    /// Why there is none; null when there is one.
    error: Option<LineError>,
}

/// Why a line was not imported.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportError)]
struct LineError {
    /// What went wrong, for programs.
    #[schema(example = "invalid_api_key")]
    code: &'static str,
    /// What went wrong and what to do, for people.
    detail: String,
}

impl From<Imported> for ResultBody {
    fn from(imported: Imported) -> Self {
        let (key, error) = match imported.outcome {
            Ok(saved) => (Some(saved.key.into()), None),
            Err(error) => {
                let Problem { code, detail, .. } = Problem::from(error);
                (None, Some(LineError { code, detail }))
            }
        };
        Self {
            line: imported.line,
            key,
            error,
        }
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "keys.import",
        method: Method::POST,
        path: "/api/v1/projects/{project}/keys/import",
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::ProviderKeys, "Import keys from a paste")
            .details("Each is probed, and added beside what is there; one that fails does not keep the others out.")
            .takes::<Request>()
            .answers::<Response>(StatusCode::OK, "What became of each line.")
            .probes(),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(project): PathParts<String>,
    JsonBody(request): JsonBody<Request>,
) -> Result<Json<Response>, Problem> {
    let choices = request.choices.into_iter().map(|choice| ImportChoice {
        line: choice.line,
        provider: choice.provider,
        name: choice.name,
        endpoint: choice.endpoint,
    });
    let keys = &app.services.keys;
    let imported = keys
        .import(
            &caller.actor,
            &project.parse()?,
            &request.text,
            choices.collect(),
            &caller.name,
        )
        .await?;
    Ok(Json(Response {
        results: imported.into_iter().map(ResultBody::from).collect(),
    }))
}
