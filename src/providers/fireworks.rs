//! Fireworks.

use super::surface::{CHAT, COMPLETIONS, EMBEDDINGS, MESSAGES, MODELS, RERANK, RESPONSES, get, post};
use super::{
    Answer, Credential, ErrorShape, InferencePath, OpenAiCall, Operation, ProbeRequest, Provider, Target, UsageShape,
};
use crate::domain::{HealthReason, Verdict};
use serde_json::{Value, json};

/// Fireworks: errors are `{"error":{message,param,code,type},"request_id"}` (pollinations/pollinations#12136).
pub(super) struct Fireworks;

/// Its images are counted, not its tokens.
const DRAWING: Operation = Operation::of_model("images", UsageShape::Nothing);

const PATHS: &[InferencePath] = &[
    post("/inference/v1/chat/completions", CHAT),
    post("/inference/v1/completions", COMPLETIONS),
    // Answers are kept by default (Fireworks: Responses API).
    post("/inference/v1/responses", RESPONSES.kept()),
    post("/inference/v1/messages", MESSAGES),
    post("/inference/v1/embeddings", EMBEDDINGS),
    post("/inference/v1/rerank", RERANK),
    post(
        "/inference/v1/workflows/accounts/fireworks/models/*/text_to_image",
        DRAWING,
    ),
    get("/inference/v1/models", MODELS),
];

impl Provider for Fireworks {
    fn slug(&self) -> &'static str {
        "fireworks"
    }

    fn name(&self) -> &'static str {
        "Fireworks"
    }

    fn origin(&self) -> Option<&'static str> {
        Some("https://api.fireworks.ai")
    }

    fn key_page(&self) -> &'static str {
        "https://app.fireworks.ai/settings/users/api-keys"
    }

    fn key_hint(&self) -> &'static str {
        "fw_…"
    }

    /// `fpk_` keys are of a plan for a few models (typeclaw/typeclaw#388).
    fn prefixes(&self) -> &'static [&'static str] {
        &["fw_", "fpk_"]
    }

    fn admin_prefixes(&self) -> &'static [&'static str] {
        &[]
    }

    /// The account, which tells more than a list of models; that list fails with a 500 for accounts which
    /// deployed none (can1357/oh-my-pi#3219).
    fn probe(&self, _: &Target) -> ProbeRequest {
        ProbeRequest::get("/v1/accounts", Credential::Bearer)
    }

    /// Proves that a model answers.
    fn deep_probe(&self, _: &Target) -> Option<ProbeRequest> {
        let body = json!({
            "model": "accounts/fireworks/models/gpt-oss-20b",
            "messages": [{"role": "user", "content": "1"}],
            "max_tokens": 1,
        });
        Some(ProbeRequest::post(
            "/inference/v1/chat/completions",
            Credential::Bearer,
            body,
        ))
    }

    fn classify(&self, answer: &Answer) -> Verdict {
        if answer.succeeds_with_list(&["/accounts"]) {
            return self.about_accounts(answer);
        }
        if answer.succeeds_with_list(&["/choices"]) {
            return Verdict::healthy();
        }
        let own_words = answer.text("/error/message").or_else(|| answer.text("/message"));
        let message = own_words.or_else(|| answer.text("/error"));
        let starts = |words| message.is_some_and(|message| message.starts_with(words));
        match answer.status() {
            412 if starts("Account ") => answer.verdict(self.name(), HealthReason::Exhausted, message),
            // The key was accepted; it may not use the deep test's model.
            404 if starts("Model not found") => answer.verdict(self.name(), HealthReason::Restricted, message),
            _ => answer.by_status(self.name(), message),
        }
    }

    /// Each of its statuses has one cause.
    fn needs_second_opinion(&self, _: &Answer) -> bool {
        false
    }

    fn credential(&self) -> Credential {
        Credential::Bearer
    }

    fn inference_paths(&self) -> &'static [InferencePath] {
        PATHS
    }

    fn sdk_base_path(&self) -> &'static str {
        "/inference/v1"
    }

    fn error_shape(&self) -> ErrorShape {
        ErrorShape::OpenAi
    }

    fn openai_path(&self, call: OpenAiCall) -> Option<&'static str> {
        match call {
            OpenAiCall::ChatCompletions => Some("/inference/v1/chat/completions"),
            OpenAiCall::Responses => Some("/inference/v1/responses"),
            OpenAiCall::Embeddings => Some("/inference/v1/embeddings"),
            OpenAiCall::Models => Some("/inference/v1/models"),
        }
    }
}

impl Fireworks {
    /// A key may belong to several accounts; it is shut when they all are.
    fn about_accounts(&self, answer: &Answer) -> Verdict {
        let accounts = answer.value("/accounts").and_then(Value::as_array);
        let shut = |account: &Value| suspension(account.get("suspendState")?.as_str()?);
        let every: Option<Vec<_>> = accounts.into_iter().flatten().map(shut).collect();
        match every.as_deref() {
            Some([(reason, message), ..]) => answer.verdict(self.name(), *reason, Some(message)),
            _ => Verdict::healthy(),
        }
    }
}

/// Why an account is suspended (Fireworks: list accounts, `suspendState`).
fn suspension(state: &str) -> Option<(HealthReason, &'static str)> {
    match state {
        "CREDIT_DEPLETED" => Some((HealthReason::Exhausted, "The account's credit is spent.")),
        "MONTHLY_SPEND_LIMIT_EXCEEDED" => Some((
            HealthReason::Exhausted,
            "The account has reached its monthly spending limit.",
        )),
        "FAILED_PAYMENTS" => Some((
            HealthReason::Exhausted,
            "Fireworks has suspended the account, since payments failed.",
        )),
        "BLOCKED_BY_ABUSE_RULE" => Some((HealthReason::Blocked, "Fireworks has blocked the account.")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::answer::tests::{assert_key_unharmed, assert_reasons};
    use super::*;
    use HealthReason::{Blocked, Exhausted, Invalid, RateLimited, Restricted, Unreachable};

    #[test]
    fn answers_are_read() {
        assert_reasons(
            &Fireworks,
            &[
                (
                    "Fireworks: list accounts",
                    200,
                    r#"{"accounts":[{"name":"accounts/acme","state":"READY","suspendState":"UNSUSPENDED"}],"nextPageToken":""}"#,
                    None,
                ),
                (
                    "Fireworks: list accounts",
                    200,
                    r#"{"accounts":[{"name":"accounts/acme","suspendState":"CREDIT_DEPLETED"}]}"#,
                    Some(Exhausted),
                ),
                (
                    "Fireworks: list accounts",
                    200,
                    r#"{"accounts":[{"name":"accounts/acme","suspendState":"MONTHLY_SPEND_LIMIT_EXCEEDED"}]}"#,
                    Some(Exhausted),
                ),
                (
                    "Fireworks: list accounts",
                    200,
                    r#"{"accounts":[{"name":"accounts/acme","suspendState":"FAILED_PAYMENTS"}]}"#,
                    Some(Exhausted),
                ),
                (
                    "Fireworks: list accounts",
                    200,
                    r#"{"accounts":[{"name":"accounts/acme","suspendState":"BLOCKED_BY_ABUSE_RULE"}]}"#,
                    Some(Blocked),
                ),
                (
                    "one account of two is open",
                    200,
                    r#"{"accounts":[{"suspendState":"CREDIT_DEPLETED"},{"suspendState":"UNSUSPENDED"}]}"#,
                    None,
                ),
                ("no account is named", 200, r#"{"accounts":[]}"#, None),
                ("a completion", 200, r#"{"choices":[]}"#, None),
                ("some other JSON", 200, r#"{"data":[]}"#, Some(Unreachable)),
                (
                    "typeclaw/typeclaw#388",
                    401,
                    r#"{"error":{"code":"UNAUTHORIZED","message":"The API key you provided is invalid."}}"#,
                    Some(Invalid),
                ),
                (
                    "langchain-ai/langchain#15239, the older words",
                    401,
                    r#"{"fault":{"faultstring":"Invalid ApiKey","detail":{"errorcode":"oauth.v2.InvalidApiKey"}}}"#,
                    Some(Invalid),
                ),
                (
                    "typeclaw/typeclaw#388",
                    403,
                    r#"{"error":{"code":"FORBIDDEN","message":"Fire Pass API keys are not authorized for this route."}}"#,
                    Some(Restricted),
                ),
                (
                    "pollinations/pollinations#12136",
                    412,
                    r#"{"error":{"message":"Account acme is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices.","param":null,"code":"PRECONDITION_FAILED","type":"error"}}"#,
                    Some(Exhausted),
                ),
                (
                    "Fireworks: inference error codes",
                    429,
                    r#"{"error":{"message":"Too many requests","code":"RESOURCE_EXHAUSTED"}}"#,
                    Some(RateLimited),
                ),
                (
                    "can1357/oh-my-pi#3219",
                    500,
                    "Error listing deployed models",
                    Some(Unreachable),
                ),
            ],
        );
    }

    #[test]
    fn a_failed_call_does_not_harm_the_key() {
        assert_key_unharmed(
            &Fireworks,
            &[
                (
                    "an unknown model",
                    404,
                    r#"{"error":{"message":"Model not found, inaccessible, and/or not deployed","param":null,"code":"NOT_FOUND","type":"error"}}"#,
                ),
                (
                    "a bad value",
                    400,
                    r#"{"error":{"message":"Extra inputs are not permitted","code":"invalid_request_error"}}"#,
                ),
                (
                    "a deployment that sleeps",
                    412,
                    r#"{"error":{"message":"The deployment is scaled to zero","code":"PRECONDITION_FAILED"}}"#,
                ),
                ("a bad value", 422, r#"{"error":{"message":"Unprocessable"}}"#),
                ("a failure of theirs", 500, r#"{"error":{"message":"Internal"}}"#),
                ("overloaded", 503, r#"{"error":{"message":"Service overloaded"}}"#),
            ],
        );
    }
}
