//! Fireworks AI's answers.

use super::answer::Answer;
use super::anthropic_shape as messages;
use super::double::{Double, Kind, Refusal, Reply, Route};
use super::openai_shape::chat::{Chat, OPENAI};
use super::openai_shape::{
    chat, chat_usage, completions, embeddings, error, images, models, refuse, rerank, responses,
};
use super::request::{Request, known_model};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

pub(super) struct Fireworks;

/// Models of which each has paths of its own.
const WORKFLOWS: &str = "/inference/v1/workflows/";
const MODELS: [&str; 2] = [
    "accounts/fireworks/models/gpt-oss-20b",
    "accounts/fireworks/models/qwen3-embedding-8b",
];
/// Usage stands in the chunk with the finish reason, unasked.
const CHAT: Chat = Chat {
    usage: chat_usage,
    takes_include_usage: false,
    finish: |chunk, usage| chunk["usage"] = usage,
    ..OPENAI
};

impl Double for Fireworks {
    fn slug(&self) -> &'static str {
        "fireworks"
    }

    fn route(&self, request: &Request) -> Option<Route> {
        match request.call() {
            ("GET", "/v1/accounts") => Route::probe(|_| Ok(Answer::json(&accounts("UNSUSPENDED")))),
            ("GET", "/inference/v1/models") => Route::free(|_| Ok(models::list(&MODELS))),
            ("GET", _) if models::is_one(request) => Route::free(models::one),
            ("POST", "/inference/v1/chat/completions") => {
                Route::model(|request| Ok(with_cached(request, chat::answer(request, &CHAT)?)))
            }
            ("POST", "/inference/v1/completions") => Route::model(|request| completions::answer(request, &CHAT)),
            ("POST", "/inference/v1/responses") => Route::model(|request| responses::answer(request, responses::usage)),
            ("POST", "/inference/v1/messages") => Route::model(messages::answer),
            ("POST", path) if path.starts_with(WORKFLOWS) && path.ends_with("/text_to_image") => Route::model(draw),
            ("POST", "/inference/v1/embeddings") => Route::model(embeddings::answer),
            ("POST", "/inference/v1/rerank") => Route::model(rerank::answer),
            _ => None,
        }
    }

    fn refuse(&self, refusal: &Refusal, _: &Request, kind: Kind) -> Reply {
        match (refusal, kind) {
            (Refusal::Blocked, Kind::Probe) => Reply(200, accounts("BLOCKED_BY_ABUSE_RULE")),
            (Refusal::Exhausted, Kind::Probe) => Reply(200, accounts("CREDIT_DEPLETED")),
            // typeclaw/typeclaw#388
            (Refusal::Refused { .. } | Refusal::Blocked, _) => {
                error(401, "error", Some("UNAUTHORIZED"), "The API key is invalid.")
            }
            (Refusal::Echoed { key }, _) => error(
                401,
                "error",
                Some("UNAUTHORIZED"),
                &format!("The API key {key} is invalid."),
            ),
            (Refusal::Restricted, _) => error(403, "error", Some("FORBIDDEN"), "This key may not do that."),
            // pollinations/pollinations#12136
            (Refusal::Exhausted | Refusal::ModelWithheld, _) => error(
                412,
                "error",
                Some("PRECONDITION_FAILED"),
                "Account sandbox is suspended; look at its spending limit.",
            ),
            (Refusal::NoSuchModel { .. }, _) => error(404, "error", Some("NOT_FOUND"), "Model not found"),
            (other, _) => refuse(other),
        }
    }

    fn account(&self) -> Option<(&'static str, &'static str)> {
        None
    }
}

fn accounts(suspension: &str) -> Value {
    json!({"accounts": [{"name": "accounts/sandbox", "state": "READY", "suspendState": suspension}]})
}

/// The picture itself.
fn draw(request: &Request) -> Result<Answer, Refusal> {
    known_model(&request.path)?;
    request
        .json()?
        .get("prompt")
        .ok_or(Refusal::Missing { field: "prompt" })?;
    let pixel = STANDARD.decode(images::PIXEL).unwrap_or_default();
    Ok(Answer::bytes("image/png", pixel))
}

/// The cached tokens stand in a header too.
fn with_cached(request: &Request, answer: Answer) -> Answer {
    let messages = request.json().map(|body| super::said::count(&body["messages"]));
    answer.with("fireworks-cached-prompt-tokens", messages.unwrap_or_default() / 4)
}
