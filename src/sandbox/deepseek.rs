//! `DeepSeek`'s answers.

use super::answer::Answer;
use super::anthropic_shape as messages;
use super::double::{Double, Kind, Refusal, Reply, Route};
use super::openai_shape::chat::{Chat, OPENAI};
use super::openai_shape::{chat, chat_usage, completions, error, models, refuse};
use super::request::Request;
use super::said::Tokens;
use super::sse;
use serde_json::{Value, json};

pub(super) struct DeepSeek;

const MODELS: [&str; 2] = ["deepseek-chat", "deepseek-reasoner"];
/// Comments keep a connection alive that waits for its turn.
const CHAT: Chat = Chat {
    usage,
    opening: || Some(sse::comment("keep-alive")),
    ..OPENAI
};

impl Double for DeepSeek {
    fn slug(&self) -> &'static str {
        "deepseek"
    }

    fn route(&self, request: &Request) -> Option<Route> {
        match request.call() {
            ("GET", "/user/balance") => Route::probe(|_| Ok(Answer::json(&balance(true)))),
            ("GET", "/models" | "/v1/models") => Route::free(|_| Ok(models::list(&MODELS))),
            ("POST", "/chat/completions" | "/v1/chat/completions" | "/beta/chat/completions") => {
                Route::model(|request| chat::answer(request, &CHAT))
            }
            ("POST", "/beta/completions") => Route::model(|request| completions::answer(request, &CHAT)),
            ("POST", "/anthropic/v1/messages") => Route::model(messages::answer),
            _ => None,
        }
    }

    /// On the path in Anthropic's shape the key may stand where Anthropic has it.
    fn credential(&self, request: &Request) -> Option<String> {
        let is_anthropics = request.path.starts_with("/anthropic/");
        let anthropics = request.header("x-api-key").filter(|_| is_anthropics);
        anthropics.map(str::to_owned).or_else(|| request.bearer())
    }

    fn refuse(&self, refusal: &Refusal, _: &Request, kind: Kind) -> Reply {
        // The code is the same for all (deepseek-ai/DeepSeek-R1#82, 1Panel-dev/MaxKB#3797).
        let code = Some("invalid_request_error");
        match (refusal, kind) {
            (Refusal::Refused { quoted } | Refusal::Echoed { key: quoted }, _) => error(
                401,
                "authentication_error",
                code,
                &format!("Authentication Fails, Your api key: {quoted} is invalid"),
            ),
            (Refusal::Blocked, _) => error(401, "authentication_error", code, "Authentication Fails (no such user)"),
            (Refusal::Exhausted, Kind::Probe) => Reply(200, balance(false)),
            (Refusal::Exhausted | Refusal::ModelWithheld, _) => {
                error(402, "unknown_error", code, "Insufficient Balance")
            }
            (Refusal::Restricted, _) => error(403, "permission_error", code, "This key may not do that."),
            (Refusal::NoSuchModel { .. }, _) => error(400, "invalid_request_error", code, "Model Not Exist"),
            (other, _) => refuse(other),
        }
    }

    fn account(&self) -> Option<(&'static str, &'static str)> {
        None
    }
}

fn usage(tokens: Tokens) -> Value {
    let mut usage = chat_usage(tokens);
    usage["prompt_cache_hit_tokens"] = tokens.cached.into();
    usage["prompt_cache_miss_tokens"] = (tokens.input - tokens.cached).into();
    usage
}

fn balance(is_available: bool) -> Value {
    let total = if is_available { "110.00" } else { "0.00" };
    json!({
        "is_available": is_available,
        "balance_infos": [{
            "currency": "USD",
            "total_balance": total,
            "granted_balance": "0.00",
            "topped_up_balance": total,
        }],
    })
}
