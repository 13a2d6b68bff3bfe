//! Cohere's answers.

mod chat;
mod older;

use super::answer::Answer;
use super::double::{Double, Kind, Refusal, Reply, Route};
use super::openai_shape::chat::{Chat, OPENAI};
use super::openai_shape::rerank::ranked;
use super::openai_shape::{audio, chat as openai_chat, embeddings};
use super::request::{Request, known_model};
use super::said::texts;
use super::{said, vector};
use serde_json::{Value, json};

pub(super) struct Cohere;

const MODELS: [&str; 2] = ["command-a-03-2025", "embed-v4.0"];

/// `stream_options` is not among the parameters of OpenAI's shape here; usage comes unasked.
const OPENAI_CHAT: Chat = Chat {
    takes_include_usage: false,
    finish: |chunk, usage| chunk["usage"] = usage,
    ..OPENAI
};

impl Double for Cohere {
    fn slug(&self) -> &'static str {
        "cohere"
    }

    fn route(&self, request: &Request) -> Option<Route> {
        match request.call() {
            ("POST", "/v1/check-api-key") => Route::probe(|_| Ok(about_key())),
            ("GET", "/v1/models") => Route::free(|_| Ok(list())),
            ("GET", path) if path.starts_with("/v1/models/") => Route::free(one),
            ("POST", "/v2/chat") => Route::model(chat::answer),
            ("POST", "/v2/embed") => Route::model(embed),
            ("POST", "/v1/rerank" | "/v2/rerank") => Route::model(rerank),
            ("POST", "/v2/audio/transcriptions" | "/compatibility/v1/audio/transcriptions") => {
                Route::model(audio::transcription)
            }
            ("POST", "/v1/chat") => Route::model(older::chat),
            ("POST", "/v1/embed") => Route::model(older::embed),
            ("POST", "/v1/classify") => Route::model(older::classify),
            ("POST", "/v1/tokenize") => Route::model(older::tokenize),
            ("POST", "/v1/detokenize") => Route::model(older::detokenize),
            ("POST", "/compatibility/v1/chat/completions") => {
                Route::model(|request| openai_chat::answer(request, &OPENAI_CHAT))
            }
            ("POST", "/compatibility/v1/embeddings") => Route::model(embeddings::answer),
            _ => None,
        }
    }

    fn refuse(&self, refusal: &Refusal, _: &Request, _: Kind) -> Reply {
        match refusal {
            // cohere-ai/cohere-toolkit#857
            Refusal::Refused { .. } => error(401, "invalid api token"),
            Refusal::Echoed { key } => error(401, &format!("invalid api token {key}")),
            Refusal::Blocked => error(401, "the api key has been deactivated"),
            Refusal::Exhausted | Refusal::ModelWithheld => error(402, "the account has reached its billing limit"),
            Refusal::Restricted => error(403, "this key may not do that"),
            Refusal::Limited => error(429, "too many requests; slow down"),
            Refusal::NoSuchPath => error(404, "there is no such path"),
            Refusal::NotJson => error(400, "invalid request: the body is no JSON object"),
            Refusal::Missing { field } => error(400, &format!("invalid request: {field} is required")),
            Refusal::NoSuchModel { model } => error(404, &format!("model '{model}' not found")),
            Refusal::TooLarge => error(413, "the body is too large"),
            Refusal::Overloaded => error(503, "the service is overloaded"),
        }
    }

    fn account(&self) -> Option<(&'static str, &'static str)> {
        None
    }
}

fn about_key() -> Answer {
    Answer::json(&json!({
        "valid": true,
        "organization_id": "00000000-0000-0000-0000-000000000005",
        "owner_id": "00000000-0000-0000-0000-000000000006",
    }))
}

fn list() -> Answer {
    let models: Vec<Value> = MODELS.iter().map(|name| model(name)).collect();
    Answer::json(&json!({"models": models}))
}

fn one(request: &Request) -> Result<Answer, Refusal> {
    let name = request.path.strip_prefix("/v1/models/").unwrap_or_default();
    Ok(Answer::json(&model(&known_model(name)?)))
}

fn model(name: &str) -> Value {
    json!({"name": name, "endpoints": ["chat", "embed", "rerank"], "finetuned": false, "context_length": 128_000})
}

/// Texts, or inputs of parts with texts.
fn embed(request: &Request) -> Result<Answer, Refusal> {
    let asked = request.asked()?;
    let inputs = asked
        .field("texts")
        .or_else(|missing| asked.field("inputs").map_err(|_| missing))?;
    let texts: Vec<String> = inputs
        .as_array()
        .map(|inputs| inputs.iter().map(joined).collect())
        .unwrap_or_default();
    let dimensions = asked.body["output_dimension"].as_u64();
    let vectors: Vec<Vec<f32>> = texts.iter().map(|text| vector::of(text, dimensions)).collect();
    Ok(Answer::json(&json!({
        "id": "embed-sandbox",
        "response_type": "embeddings_by_type",
        "embeddings": {"float": vectors},
        "texts": texts,
        "meta": meta(&json!({"input_tokens": said::count(inputs)})),
    })))
}

fn joined(input: &Value) -> String {
    texts(input).join(" ")
}

fn rerank(request: &Request) -> Result<Answer, Refusal> {
    let results = ranked(&request.asked()?)?;
    Ok(Answer::json(&json!({
        "id": "rerank-sandbox",
        "results": results,
        "meta": meta(&json!({"search_units": 1})),
    })))
}

fn meta(billed_units: &Value) -> Value {
    json!({"api_version": {"version": "2"}, "billed_units": billed_units})
}

fn error(status: u16, message: &str) -> Reply {
    Reply(status, json!({"message": message}))
}
