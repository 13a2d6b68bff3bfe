//! OpenAI's answers.

use super::answer::Answer;
use super::double::{Double, Kind, Refusal, Reply, Route};
use super::openai_shape::chat::OPENAI;
use super::openai_shape::{
    audio, chat, completions, embeddings, error, images, models, moderations, refuse, responses,
};
use super::request::Request;
use serde_json::json;

pub(super) struct OpenAi;

const MODELS: [&str; 3] = ["gpt-4o", "gpt-4o-mini", "text-embedding-3-small"];

impl Double for OpenAi {
    fn slug(&self) -> &'static str {
        "openai"
    }

    fn route(&self, request: &Request) -> Option<Route> {
        match request.call() {
            ("GET", "/v1/models") => Route::probe(|_| Ok(models::list(&MODELS))),
            ("GET", "/v1/files") => Route::free(|_| Ok(Answer::json(&json!({"object": "list", "data": []})))),
            ("GET", path) if path.starts_with("/v1/responses/") => Route::free(|request| Ok(responses::kept(request))),
            ("DELETE", path) if path.starts_with("/v1/responses/") => {
                Route::free(|request| Ok(responses::deleted(request)))
            }
            (method, path) => route(method, path.strip_prefix("/v1")?, request),
        }
    }

    fn refuse(&self, refusal: &Refusal, _: &Request, _: Kind) -> Reply {
        let invalid = "invalid_request_error";
        match refusal {
            Refusal::Refused { quoted } | Refusal::Echoed { key: quoted } => error(
                401,
                invalid,
                Some("invalid_api_key"),
                &format!("Incorrect API key provided: {quoted}. Make a new one in your account's settings."),
            ),
            Refusal::Blocked => error(
                401,
                invalid,
                Some("account_deactivated"),
                "The account behind this key has been deactivated.",
            ),
            Refusal::Exhausted | Refusal::ModelWithheld => error(
                429,
                "insufficient_quota",
                Some("insufficient_quota"),
                "The current quota is spent; look at your plan and billing.",
            ),
            Refusal::Restricted => error(
                401,
                invalid,
                None,
                "This key lacks permissions. Missing scopes: api.model.read.",
            ),
            other => refuse(other),
        }
    }
}

/// Where a path behind OpenAI's base leads; Azure has the same.
pub(super) fn route(method: &str, path: &str, request: &Request) -> Option<Route> {
    match (method, path) {
        ("GET", _) if models::is_one(request) => Route::free(models::one),
        ("POST", "/chat/completions") => Route::model(|request| chat::answer(request, &OPENAI)),
        ("POST", "/completions") => Route::model(|request| completions::answer(request, &OPENAI)),
        ("POST", "/responses") => Route::model(|request| responses::answer(request, responses::usage)),
        ("POST", "/responses/compact") => Route::model(responses::compact),
        ("POST", "/responses/input_tokens") => Route::model(responses::count_tokens),
        ("POST", "/embeddings") => Route::model(embeddings::answer),
        ("POST", "/moderations") => Route::model(moderations::answer),
        ("POST", "/images/generations" | "/images/edits" | "/images/variations") => Route::model(images::answer),
        ("POST", "/audio/speech") => Route::model(audio::speech),
        ("POST", "/audio/transcriptions" | "/audio/translations") => Route::model(audio::transcription),
        _ => None,
    }
}
