//! Together AI's answers.

use super::answer::Answer;
use super::double::{Double, Kind, Refusal, Reply, Route};
use super::openai_shape::chat::{Chat, OPENAI};
use super::openai_shape::{audio, chat, completions, embeddings, error, images, models, plain_usage, refuse, rerank};
use super::request::Request;
use serde_json::{Value, json};

pub(super) struct Together;

const MODELS: [&str; 2] = ["meta-llama/Llama-3.3-70B-Instruct-Turbo", "BAAI/bge-base-en-v1.5"];
const CHAT: Chat = Chat {
    usage: plain_usage,
    ..OPENAI
};

impl Double for Together {
    fn slug(&self) -> &'static str {
        "together"
    }

    fn route(&self, request: &Request) -> Option<Route> {
        match request.call() {
            ("GET", "/v1/models") => Route::probe(|_| Ok(list())),
            ("GET", _) if models::is_one(request) => Route::free(models::one),
            ("POST", "/v1/chat/completions") => Route::model(|request| chat::answer(request, &CHAT)),
            ("POST", "/v1/completions") => Route::model(|request| completions::answer(request, &CHAT)),
            ("POST", "/v1/embeddings") => Route::model(embeddings::answer),
            ("POST", "/v1/rerank") => Route::model(rerank::answer),
            ("POST", "/v1/images/generations") => Route::model(images::answer),
            ("POST", "/v1/audio/speech") => Route::model(audio::speech),
            ("POST", "/v1/audio/transcriptions" | "/v1/audio/translations") => Route::model(audio::transcription),
            _ => None,
        }
    }

    fn refuse(&self, refusal: &Refusal, _: &Request, _: Kind) -> Reply {
        let invalid = "invalid_request_error";
        match refusal {
            // harshitv804/LawGPT#4
            Refusal::Refused { .. } | Refusal::Blocked => {
                error(401, invalid, Some("invalid_api_key"), "Invalid API key provided.")
            }
            Refusal::Echoed { key } => error(
                401,
                invalid,
                Some("invalid_api_key"),
                &format!("Invalid API key provided: {key}."),
            ),
            Refusal::Exhausted | Refusal::ModelWithheld => {
                error(402, "credit_limit", None, "The account's credit limit is exceeded.")
            }
            Refusal::Restricted => error(403, invalid, None, "This key may not do that."),
            other => refuse(other),
        }
    }

    fn account(&self) -> Option<(&'static str, &'static str)> {
        None
    }
}

/// The list has no object around it.
fn list() -> Answer {
    let models = MODELS.iter().map(|id| {
        let mut model = models::model(id);
        model["type"] = "chat".into();
        model["display_name"] = (*id).into();
        model
    });
    Answer::json(&json!(models.collect::<Vec<Value>>()))
}
