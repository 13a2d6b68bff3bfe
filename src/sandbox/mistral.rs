//! Mistral's answers.

use super::double::{Double, Kind, Refusal, Reply, Route};
use super::openai_shape::chat::{Chat, OPENAI};
use super::openai_shape::{audio, chat, embeddings, models, moderations, plain_usage};
use super::request::Request;
use serde_json::json;

pub(super) struct Mistral;

const MODELS: [&str; 2] = ["mistral-small-latest", "mistral-embed"];
/// Usage stands in the chunk with the finish reason, unasked (tensorzero reads it so).
const CHAT: Chat = Chat {
    usage: plain_usage,
    takes_include_usage: false,
    finish: |chunk, usage| {
        chunk["choices"][0]["delta"]["content"] = "".into();
        chunk["usage"] = usage;
    },
    ..OPENAI
};

impl Double for Mistral {
    fn slug(&self) -> &'static str {
        "mistral"
    }

    fn route(&self, request: &Request) -> Option<Route> {
        match request.call() {
            ("GET", "/v1/models") => Route::probe(|_| Ok(models::list(&MODELS))),
            ("GET", _) if models::is_one(request) => Route::free(models::one),
            ("POST", "/v1/chat/completions" | "/v1/fim/completions" | "/v1/agents/completions") => {
                Route::model(|request| chat::answer(request, &CHAT))
            }
            ("POST", "/v1/embeddings") => Route::model(embeddings::answer),
            (
                "POST",
                "/v1/moderations" | "/v1/chat/moderations" | "/v1/classifications" | "/v1/chat/classifications",
            ) => Route::model(moderations::answer),
            ("POST", "/v1/audio/speech") => Route::model(audio::speech),
            ("POST", "/v1/audio/transcriptions") => Route::model(audio::transcription),
            _ => None,
        }
    }

    fn refuse(&self, refusal: &Refusal, _: &Request, _: Kind) -> Reply {
        let invalid = "invalid_request_error";
        match refusal {
            // Nothing is known of what Mistral says of a key it shut, so it gets the same words.
            Refusal::Refused { .. } | Refusal::Blocked => Reply(401, json!({"detail": "Unauthorized"})),
            Refusal::Echoed { key } => Reply(401, json!({"detail": format!("Unauthorized: {key}")})),
            Refusal::Exhausted | Refusal::ModelWithheld => error(402, invalid, "Payment is required."),
            Refusal::Restricted => error(403, invalid, "This key may not do that."),
            Refusal::Limited => error(429, invalid, "Requests rate limit exceeded."),
            Refusal::NoSuchPath => error(404, invalid, "There is no such path."),
            Refusal::NotJson => error(400, invalid, "The body is no JSON object."),
            Refusal::Missing { field } => error(400, invalid, &format!("The field {field} is missing.")),
            Refusal::NoSuchModel { model } => error(400, "invalid_model", &format!("Invalid model: {model}")),
            Refusal::TooLarge => error(413, invalid, "The body is too large."),
            Refusal::Overloaded => error(503, "service_unavailable", "The service is overloaded."),
        }
    }

    fn account(&self) -> Option<(&'static str, &'static str)> {
        None
    }
}

fn error(status: u16, kind: &str, message: &str) -> Reply {
    Reply(
        status,
        json!({
            "object": "error",
            "message": message,
            "type": kind,
            "param": null,
            "code": null,
        }),
    )
}
