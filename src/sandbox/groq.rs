//! Groq's answers.

use super::double::{Double, Kind, Refusal, Reply, Route};
use super::openai_shape::chat::{Chat, OPENAI};
use super::openai_shape::{audio, chat, chat_usage, embeddings, error, models, refuse, responses};
use super::request::Request;
use super::said::Tokens;
use serde_json::{Value, json};

pub(super) struct Groq;

const MODELS: [&str; 2] = ["llama-3.1-8b-instant", "openai/gpt-oss-20b"];
/// The last chunk has usage in a field of Groq's own, asked for or not (vercel/ai#1651), beside the chunk
/// that `include_usage` asks for (Portkey-AI/gateway#1338).
const CHAT: Chat = Chat {
    usage,
    finish: |chunk, usage| chunk["x_groq"] = json!({"id": "req_sandbox", "usage": usage}),
    ..OPENAI
};

impl Double for Groq {
    fn slug(&self) -> &'static str {
        "groq"
    }

    fn route(&self, request: &Request) -> Option<Route> {
        match request.call() {
            ("GET", "/openai/v1/models") => Route::probe(|_| Ok(models::list(&MODELS))),
            ("GET", _) if models::is_one(request) => Route::free(models::one),
            ("POST", "/openai/v1/chat/completions") => Route::model(|request| chat::answer(request, &CHAT)),
            ("POST", "/openai/v1/responses") => Route::model(|request| responses::answer(request, responses::usage)),
            ("POST", "/openai/v1/embeddings") => Route::model(embeddings::answer),
            ("POST", "/openai/v1/audio/speech") => Route::model(audio::speech),
            ("POST", "/openai/v1/audio/transcriptions" | "/openai/v1/audio/translations") => {
                Route::model(audio::transcription)
            }
            _ => None,
        }
    }

    fn refuse(&self, refusal: &Refusal, _: &Request, _: Kind) -> Reply {
        let invalid = "invalid_request_error";
        match refusal {
            Refusal::Refused { .. } => error(401, invalid, Some("invalid_api_key"), "Invalid API Key"),
            Refusal::Echoed { key } => error(
                401,
                invalid,
                Some("invalid_api_key"),
                &format!("Invalid API Key: {key}"),
            ),
            // songquanpeng/one-api#1764
            Refusal::Blocked => error(
                400,
                invalid,
                Some("organization_restricted"),
                "The organization has been restricted.",
            ),
            // Groq: spend limits
            Refusal::Exhausted | Refusal::ModelWithheld => error(
                400,
                invalid,
                Some("blocked_api_access"),
                "The organization's spending limit is reached.",
            ),
            Refusal::Restricted => error(403, "permissions_error", None, "This key may not do that."),
            other => refuse(other),
        }
    }
}

/// With times in seconds.
fn usage(tokens: Tokens) -> Value {
    let mut usage = chat_usage(tokens);
    usage["queue_time"] = 0.25.into();
    usage["prompt_time"] = 0.5.into();
    usage["completion_time"] = 1.0.into();
    usage["total_time"] = 1.5.into();
    usage
}
