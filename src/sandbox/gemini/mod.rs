//! Google Gemini's answers.

mod content;
mod embeddings;

use super::answer::Answer;
use super::double::{Double, Kind, Refusal, Reply, Route};
use super::openai_shape::chat::OPENAI;
use super::openai_shape::{chat, embeddings as openai_embeddings, images, models};
use super::request::{Request, known_model};
use super::said::count;
use serde_json::{Value, json};

pub(super) struct Gemini;

const MODELS: [&str; 2] = ["gemini-flash-latest", "gemini-embedding-001"];
/// Where Gemini speaks OpenAI's shapes.
const OPENAI_BASE: &str = "/v1beta/openai";

impl Double for Gemini {
    fn slug(&self) -> &'static str {
        "gemini"
    }

    fn route(&self, request: &Request) -> Option<Route> {
        let (method, path) = request.call();
        if let Some(path) = path.strip_prefix(OPENAI_BASE) {
            return openai_route(method, path, request);
        }
        let path = path.strip_prefix("/v1beta").or_else(|| path.strip_prefix("/v1"))?;
        match (method, path) {
            ("GET", "/models") => Route::probe(|_| Ok(list())),
            ("GET", _) if models::is_one(request) => Route::free(one),
            ("POST", path) => match called(path)? {
                "predict" => Route::model(draw),
                "generateContent" => Route::model(content::answer),
                "streamGenerateContent" => Route::model(content::stream),
                "countTokens" => Route::model(count_tokens),
                "embedContent" => Route::model(embeddings::one),
                "batchEmbedContents" => Route::model(embeddings::batch),
                _ => None,
            },
            _ => None,
        }
    }

    /// The native paths take the key in a header or, less wisely, in the query.
    fn credential(&self, request: &Request) -> Option<String> {
        if request.path.starts_with(OPENAI_BASE) {
            return request.bearer();
        }
        let header = request.header("x-goog-api-key").map(str::to_owned);
        header.or_else(|| request.parameter("key").map(Into::into))
    }

    fn refuse(&self, refusal: &Refusal, request: &Request, _: Kind) -> Reply {
        let Reply(status, body) = refuse(refusal);
        // In OpenAI's shapes and where a list is streamed, the error stands in a list.
        let is_streamed_list = request.path.ends_with(":streamGenerateContent") && !content::wants_events(request);
        if request.path.starts_with(OPENAI_BASE) || is_streamed_list {
            return Reply(status, json!([body]));
        }
        Reply(status, body)
    }

    fn account(&self) -> Option<(&'static str, &'static str)> {
        None
    }
}

fn openai_route(method: &str, path: &str, request: &Request) -> Option<Route> {
    match (method, path) {
        ("GET", "/models") => Route::free(|_| Ok(models::list(&MODELS))),
        ("GET", _) if models::is_one(request) => Route::free(models::one),
        ("POST", "/chat/completions") => Route::model(|request| chat::answer(request, &OPENAI)),
        ("POST", "/embeddings") => Route::model(openai_embeddings::answer),
        ("POST", "/images/generations") => Route::model(images::answer),
        _ => None,
    }
}

/// The model of `/v1beta/models/{model}:{what}`.
fn model(request: &Request) -> Result<String, Refusal> {
    let name = request.path.rsplit('/').next().unwrap_or_default();
    known_model(name.split(':').next().unwrap_or_default())
}

/// What is called of a model, its own or one that the account tuned.
fn called(path: &str) -> Option<&str> {
    let model = path
        .strip_prefix("/models/")
        .or_else(|| path.strip_prefix("/tunedModels/"))?;
    model.split_once(':').map(|(_, called)| called)
}

fn list() -> Answer {
    let models: Vec<Value> = MODELS.iter().map(|name| about(name)).collect();
    Answer::json(&json!({"models": models}))
}

fn one(request: &Request) -> Result<Answer, Refusal> {
    Ok(Answer::json(&about(&model(request)?)))
}

fn about(name: &str) -> Value {
    json!({
        "name": format!("models/{name}"),
        "version": "001",
        "displayName": name,
        "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536,
        "supportedGenerationMethods": ["generateContent", "countTokens", "embedContent"],
    })
}

/// One picture for each instance.
fn draw(request: &Request) -> Result<Answer, Refusal> {
    model(request)?;
    let body = request.json()?;
    let instances = body["instances"]
        .as_array()
        .ok_or(Refusal::Missing { field: "instances" })?;
    let picture = json!({"mimeType": "image/png", "bytesBase64Encoded": images::PIXEL});
    Ok(Answer::json(&json!({"predictions": vec![picture; instances.len()]})))
}

/// Takes contents, or a whole request to generate.
fn count_tokens(request: &Request) -> Result<Answer, Refusal> {
    model(request)?;
    let body = request.json()?;
    let generate = &body["generateContentRequest"];
    let tokens = count(&body["contents"]) + count(&generate["contents"]) + count(&generate["systemInstruction"]);
    Ok(Answer::json(&json!({
        "totalTokens": tokens,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens}],
    })))
}

fn refuse(refusal: &Refusal) -> Reply {
    let none = json!([]);
    match refusal {
        Refusal::Refused { .. } => error(
            400,
            "INVALID_ARGUMENT",
            "API key not valid. Please pass a valid one.",
            &json!([error_info("API_KEY_INVALID", &json!({}))]),
        ),
        Refusal::Echoed { key } => suspended(key),
        Refusal::Blocked => error(
            403,
            "PERMISSION_DENIED",
            "This API key was reported as leaked. Use another one.",
            &none,
        ),
        Refusal::Exhausted => error(
            429,
            "RESOURCE_EXHAUSTED",
            "The current quota is spent; look at your plan and billing.",
            &json!([{
                "@type": "type.googleapis.com/google.rpc.QuotaFailure",
                "violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}],
            }]),
        ),
        Refusal::Restricted | Refusal::ModelWithheld => {
            error(403, "PERMISSION_DENIED", "The caller does not have permission", &none)
        }
        Refusal::Limited => error(
            429,
            "RESOURCE_EXHAUSTED",
            "Resource has been exhausted (e.g. check quota).",
            &none,
        ),
        Refusal::NoSuchPath => error(404, "NOT_FOUND", "There is no such path.", &none),
        Refusal::NotJson => error(400, "INVALID_ARGUMENT", "The body is no JSON object.", &none),
        Refusal::Missing { field } => error(400, "INVALID_ARGUMENT", &format!("{field} is not specified"), &none),
        Refusal::NoSuchModel { model } => error(404, "NOT_FOUND", &format!("models/{model} is not found"), &none),
        Refusal::TooLarge => error(413, "INVALID_ARGUMENT", "The body is too large.", &none),
        Refusal::Overloaded => error(503, "UNAVAILABLE", "The model is overloaded. Try again later.", &none),
    }
}

/// The one answer of Google's that is known to quote a whole key (google/generative-ai-docs#356).
fn suspended(key: &str) -> Reply {
    let consumer = format!("api_key:{key}");
    error(
        403,
        "PERMISSION_DENIED",
        &format!("Permission denied: Consumer '{consumer}' has been suspended."),
        &json!([error_info("CONSUMER_SUSPENDED", &json!({"consumer": consumer}))]),
    )
}

fn error_info(reason: &str, metadata: &Value) -> Value {
    json!({
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": metadata,
    })
}

fn error(code: u16, status: &str, message: &str, details: &Value) -> Reply {
    Reply(
        code,
        json!({
            "error": {"code": code, "message": message, "status": status, "details": details},
        }),
    )
}
