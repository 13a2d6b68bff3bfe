//! xAI's answers.

use super::answer::Answer;
use super::anthropic_shape as messages;
use super::double::{Double, Kind, Refusal, Reply, Route};
use super::openai_shape::chat::{Chat, OPENAI};
use super::openai_shape::{chat, completions, embeddings, images, models, responses};
use super::request::Request;
use super::said::Tokens;
use serde_json::{Value, json};

pub(super) struct Xai;

/// What a token costs here, in ticks (10¹⁰ are a dollar): a micro-dollar and a half.
const TICKS_OF_TOKEN: u64 = 15_000;
const MODELS: [&str; 2] = ["grok-4-fast-non-reasoning", "grok-4"];
const CHAT: Chat = Chat { usage, ..OPENAI };

impl Double for Xai {
    fn slug(&self) -> &'static str {
        "xai"
    }

    fn route(&self, request: &Request) -> Option<Route> {
        match request.call() {
            ("GET", "/v1/api-key") => Route::probe(|_| Ok(Answer::json(&about_key(&every_acl(), false)))),
            ("GET", "/v1/models" | "/v1/language-models" | "/v1/embedding-models" | "/v1/image-generation-models") => {
                Route::free(|_| Ok(models::list(&MODELS)))
            }
            ("GET", _) if models::is_one(request) => Route::free(models::one),
            ("POST", "/v1/chat/completions") => Route::model(|request| chat::answer(request, &CHAT)),
            ("POST", "/v1/completions") => Route::model(|request| completions::answer(request, &CHAT)),
            ("POST", "/v1/responses") => Route::model(|request| responses::answer(request, usage_of_response)),
            ("POST", "/v1/messages") => Route::model(messages::answer),
            ("POST", "/v1/embeddings") => Route::model(embeddings::answer),
            ("POST", "/v1/tokenize-text") => Route::model(tokenize),
            ("POST", "/v1/images/generations" | "/v1/images/edits") => Route::model(images::answer),
            _ => None,
        }
    }

    fn refuse(&self, refusal: &Refusal, _: &Request, kind: Kind) -> Reply {
        match (refusal, kind) {
            (Refusal::Refused { quoted } | Refusal::Echoed { key: quoted }, _) => error(
                400,
                "Client specified an invalid argument",
                &format!("Incorrect API key provided: {quoted}. Make a new one in the console."),
            ),
            (Refusal::Blocked, Kind::Probe) => Reply(200, about_key(&every_acl(), true)),
            (Refusal::Blocked, _) => error(403, "permission-denied", "The API key is blocked."),
            (Refusal::Exhausted | Refusal::ModelWithheld, _) => error(
                429,
                "Some resource has been exhausted",
                "Your team has used all available credits or reached its monthly spending limit.",
            ),
            (Refusal::Restricted, Kind::Probe) => Reply(200, about_key(&json!([]), false)),
            (Refusal::Restricted, _) => error(403, "permission-denied", "The key has no permission for this."),
            (Refusal::Limited, _) => error(429, "Some resource has been exhausted", "Too many requests; slow down."),
            (Refusal::NoSuchPath, _) => error(404, "not-found", "There is no such path."),
            (Refusal::NotJson, _) => error(
                400,
                "Client specified an invalid argument",
                "The body is no JSON object.",
            ),
            (Refusal::Missing { field }, _) => error(
                400,
                "Client specified an invalid argument",
                &format!("The field {field} is missing."),
            ),
            (Refusal::NoSuchModel { model }, _) => error(
                404,
                "Some requested entity was not found",
                &format!("The model {model} does not exist or your team has no access to it."),
            ),
            (Refusal::TooLarge, _) => error(413, "payload-too-large", "The body is too large."),
            (Refusal::Overloaded, _) => error(503, "The service is currently unavailable", "Try again later."),
        }
    }
}

/// OpenAI's names, but what was thought is not part of the completion (genai-prices); and the exact cost.
fn usage(tokens: Tokens) -> Value {
    let total = tokens.sum() + tokens.reasoning;
    json!({
        "prompt_tokens": tokens.input,
        "completion_tokens": tokens.output,
        "total_tokens": total,
        "prompt_tokens_details": {
            "text_tokens": tokens.input,
            "audio_tokens": 0,
            "image_tokens": 0,
            "cached_tokens": tokens.cached,
        },
        "completion_tokens_details": {
            "reasoning_tokens": tokens.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
        "num_sources_used": 0,
        "cost_in_usd_ticks": total * TICKS_OF_TOKEN,
    })
}

fn usage_of_response(tokens: Tokens) -> Value {
    let mut usage = responses::usage(tokens);
    usage["cost_in_usd_ticks"] = ((tokens.sum() + tokens.reasoning) * TICKS_OF_TOKEN).into();
    usage
}

/// A number for each word.
fn tokenize(request: &Request) -> Result<Answer, Refusal> {
    let asked = request.asked()?;
    let text = asked.field("text")?.as_str().unwrap_or_default();
    let tokens = text.split_whitespace().zip(1_u32..);
    let tokens: Vec<Value> = tokens
        .map(|(word, number)| json!({"token_id": number, "string_token": word, "token_bytes": word.as_bytes()}))
        .collect();
    Ok(Answer::json(&json!({"token_ids": tokens})))
}

fn every_acl() -> Value {
    json!(["api-key:model:*", "api-key:endpoint:*"])
}

fn about_key(acls: &Value, blocked: bool) -> Value {
    json!({
        "redacted_api_key": "xai-...cdef",
        "user_id": "00000000-0000-0000-0000-000000000001",
        "name": "Sandbox",
        "create_time": "2026-01-01T00:00:00Z",
        "modify_time": "2026-01-01T00:00:00Z",
        "modified_by": "00000000-0000-0000-0000-000000000001",
        "team_id": "00000000-0000-0000-0000-000000000002",
        "acls": acls,
        "api_key_id": "00000000-0000-0000-0000-000000000003",
        "team_blocked": false,
        "api_key_blocked": blocked,
        "api_key_disabled": false,
    })
}

fn error(status: u16, code: &str, message: &str) -> Reply {
    Reply(status, json!({"code": code, "error": message}))
}
