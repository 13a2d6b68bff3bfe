//! `POST …/keys/import/preview`: which lines of a paste are keys. Nothing is probed, nothing stored.

use crate::domain::Scope;
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
use serde::Serialize;
use utoipa::ToSchema;

#[derive(ToSchema)]
struct Request {
    /// What was pasted.
    #[schema(value_type = String, format = Password, max_length = 65536, example = "OPENAI_API_KEY=sk-proj-sandbox-valid-0123456789abcdef")]
    text: SecretString,
}

impl FromFields for Request {
    const FIELDS: &'static [&'static str] = &["text"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            text: fields.secret("text")?,
        })
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = ImportPreview)]
struct Response {
    /// What may be a key, in the order of the paste.
    candidates: Vec<CandidateBody>,
    /// How many lines have a value that is no key, or one that came before.
    left_out: u32,
}

/// A line that may be a key.
#[derive(Serialize, ToSchema)]
#[schema(as = ImportCandidate)]
struct CandidateBody {
    /// The line in the paste, from 1.
    line: u32,
    /// What the value is called there.
    #[schema(example = "OPENAI_API_KEY")]
    variable: Option<String>,
    /// The slug of the provider whose key it seems to be; null where several are possible.
    #[schema(example = "openai")]
    provider: Option<String>,
    /// What is shown of the secret.
    #[schema(example = "sk-proj-...cdef")]
    redacted: String,
    /// The Azure resource that the paste names.
    endpoint: Option<String>,
    /// Whether the project has this very key.
    already_here: bool,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "keys.import.preview",
        method: Method::POST,
        path: "/api/v1/projects/{project}/keys/import/preview",
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::ProviderKeys, "Recognise keys in a paste")
            .details("Nothing is probed, and nothing is stored.")
            .takes::<Request>()
            .answers::<Response>(StatusCode::OK, "The lines that may be keys."),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(project): PathParts<String>,
    JsonBody(request): JsonBody<Request>,
) -> Result<Json<Response>, Problem> {
    let keys = &app.services.keys;
    let preview = keys
        .import_preview(&caller.actor, &project.parse()?, &request.text)
        .await?;
    let candidates = preview.candidates.into_iter().map(|candidate| CandidateBody {
        line: candidate.line,
        variable: candidate.variable,
        provider: candidate.provider.map(|provider| provider.to_string()),
        redacted: candidate.redacted,
        endpoint: candidate.endpoint,
        already_here: candidate.already_here,
    });
    Ok(Json(Response {
        candidates: candidates.collect(),
        left_out: preview.left_out,
    }))
}
