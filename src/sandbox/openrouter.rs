//! OpenRouter's answers.

use super::answer::Answer;
use super::anthropic_shape as messages;
use super::double::{Double, Kind, Refusal, Reply, Route};
use super::openai_shape::chat::{Chat, OPENAI};
use super::openai_shape::{audio, chat, chat_usage, completions, embeddings, models, responses};
use super::request::Request;
use super::said::Tokens;
use super::sse;
use serde_json::{Value, json};

pub(super) struct OpenRouter;

/// What a token costs here, in millionths of a dollar.
const MICRO_DOLLARS_OF_TOKEN: f64 = 1.5;
const MODELS: [&str; 2] = ["mistralai/mistral-nemo", "openai/gpt-4o-mini"];
/// A comment comes first, so that the connection lives while a provider is looked for. An error comes in a
/// chunk.
const CHAT: Chat = Chat {
    usage,
    opening: || Some(sse::comment("OPENROUTER PROCESSING")),
    error: |refusal, _| {
        let choice = json!({"index": 0, "delta": {"content": ""}, "finish_reason": "error"});
        let mut chunk = refusal.clone();
        chunk["object"] = "chat.completion.chunk".into();
        chunk["choices"] = json!([choice]);
        sse::data(&chunk)
    },
    ..OPENAI
};

impl Double for OpenRouter {
    fn slug(&self) -> &'static str {
        "openrouter"
    }

    fn route(&self, request: &Request) -> Option<Route> {
        match request.call() {
            ("GET", "/api/v1/key") => Route::probe(|_| Ok(Answer::json(&about_key(74.5)))),
            ("GET", "/api/v1/models" | "/api/v1/embeddings/models") => Route::public(|_| Ok(models::list(&MODELS))),
            ("GET", _) if models::is_one(request) => Route::public(models::one),
            ("POST", "/api/v1/messages") => Route::model(messages::answer),
            ("POST", "/api/v1/audio/speech") => Route::model(audio::speech),
            ("POST", "/api/v1/audio/transcriptions") => Route::model(audio::transcription),
            ("POST", "/api/v1/chat/completions") => Route::model(|request| chat::answer(request, &CHAT)),
            ("POST", "/api/v1/completions") => Route::model(|request| completions::answer(request, &CHAT)),
            ("POST", "/api/v1/responses") => Route::model(|request| responses::answer(request, usage_of_response)),
            ("POST", "/api/v1/embeddings") => Route::model(embeddings::answer),
            _ => None,
        }
    }

    fn refuse(&self, refusal: &Refusal, _: &Request, kind: Kind) -> Reply {
        match (refusal, kind) {
            (Refusal::Refused { .. }, _) => error(401, "User not found."),
            (Refusal::Echoed { key }, _) => error(401, &format!("No user has the key {key}.")),
            (Refusal::Blocked, _) => error(401, "This API key is disabled."),
            (Refusal::Exhausted, Kind::Probe) => Reply(200, about_key(0.0)),
            (Refusal::Exhausted, _) => error(403, "Key limit exceeded."),
            (Refusal::ModelWithheld, _) => error(402, "Insufficient credits; add more."),
            (Refusal::Restricted, _) => error(403, "This key may not do that."),
            (Refusal::Limited, _) => error(429, "Rate limit reached; slow down."),
            (Refusal::NoSuchPath, _) => error(404, "There is no such path."),
            (Refusal::NotJson, _) => error(400, "The body is no JSON object."),
            (Refusal::Missing { field }, _) => error(400, &format!("The field {field} is missing.")),
            (Refusal::NoSuchModel { model }, _) => error(400, &format!("{model} is not a valid model ID")),
            (Refusal::TooLarge, _) => error(413, "The body is too large."),
            (Refusal::Overloaded, _) => error(502, "The provider gave no answer."),
        }
    }
}

fn usage(tokens: Tokens) -> Value {
    with_cost(chat_usage(tokens), tokens)
}

fn usage_of_response(tokens: Tokens) -> Value {
    with_cost(responses::usage(tokens), tokens)
}

/// In dollars, as a decimal fraction.
fn with_cost(mut usage: Value, tokens: Tokens) -> Value {
    let billed = u32::try_from(tokens.sum() + tokens.reasoning).unwrap_or(u32::MAX);
    usage["cost"] = (f64::from(billed) * MICRO_DOLLARS_OF_TOKEN / 1e6).into();
    usage["cost_details"] = json!({"upstream_inference_cost": null});
    usage["is_byok"] = false.into();
    usage
}

fn about_key(limit_remaining: f64) -> Value {
    json!({
        "data": {
            "label": "sk-or-v1-...cdef",
            "limit": 100.0,
            "limit_remaining": limit_remaining,
            "limit_reset": "monthly",
            "usage": 100.0 - limit_remaining,
            "is_free_tier": false,
            "is_management_key": false,
            "is_provisioning_key": false,
            "expires_at": null,
        },
    })
}

fn error(status: u16, message: &str) -> Reply {
    Reply(
        status,
        json!({"error": {"code": status, "message": message, "metadata": {}}}),
    )
}
