//! Azure OpenAI.

use super::surface::{CHAT, COMPLETIONS, EMBEDDINGS, IMAGES, MODELS, RESPONSES, SPEECH, TRANSCRIPTION, get, post};
use super::{Answer, Credential, ErrorShape, InferencePath, OpenAiCall, ProbeRequest, Provider, Target};
use crate::domain::{HealthReason, Verdict};
use url::form_urlencoded;

/// Azure OpenAI, at an endpoint that the customer names. Errors are `{"error":{code,message}}`.
pub(super) struct AzureOpenAi;

const KEY: Credential = Credential::Header("api-key");

/// The current API, and the older one with `api-version` in the query. There `stream_options` is known since
/// 2024-10-21 (griptape-ai/griptape#1640).
const PATHS: &[InferencePath] = &[
    post("/openai/v1/chat/completions", CHAT),
    post("/openai/v1/completions", COMPLETIONS),
    post("/openai/v1/embeddings", EMBEDDINGS),
    post("/openai/v1/images/generations", IMAGES),
    post("/openai/v1/images/edits", IMAGES),
    post("/openai/v1/audio/speech", SPEECH),
    post("/openai/v1/audio/transcriptions", TRANSCRIPTION),
    post("/openai/v1/audio/translations", TRANSCRIPTION),
    post("/openai/deployments/*/chat/completions", CHAT),
    post("/openai/deployments/*/completions", COMPLETIONS),
    post("/openai/deployments/*/embeddings", EMBEDDINGS),
    post("/openai/deployments/*/images/generations", IMAGES),
    post("/openai/deployments/*/images/edits", IMAGES),
    post("/openai/deployments/*/audio/speech", SPEECH),
    post("/openai/deployments/*/audio/transcriptions", TRANSCRIPTION),
    post("/openai/deployments/*/audio/translations", TRANSCRIPTION),
    post("/openai/v1/responses", RESPONSES.kept()),
    post("/openai/responses", RESPONSES.kept()),
    get("/openai/v1/models", MODELS),
    get("/openai/v1/models/*", MODELS),
    get("/openai/models", MODELS),
    get("/openai/models/*", MODELS),
];

impl Provider for AzureOpenAi {
    fn slug(&self) -> &'static str {
        "azure_openai"
    }

    fn name(&self) -> &'static str {
        "Azure OpenAI"
    }

    fn origin(&self) -> Option<&'static str> {
        None
    }

    fn key_page(&self) -> &'static str {
        "https://ai.azure.com"
    }

    fn key_hint(&self) -> &'static str {
        "Key 1 or Key 2 of your resource"
    }

    fn prefixes(&self) -> &'static [&'static str] {
        &[]
    }

    fn admin_prefixes(&self) -> &'static [&'static str] {
        &[]
    }

    /// The current API has no version; an older resource needs one (`2024-10-21`).
    fn probe(&self, target: &Target) -> ProbeRequest {
        let path = match &target.api_version {
            None => "/openai/v1/models".to_owned(),
            Some(version) => {
                let version: String = form_urlencoded::byte_serialize(version.as_bytes()).collect();
                format!("/openai/models?api-version={version}")
            }
        };
        ProbeRequest::get(path, KEY)
    }

    /// None: a model is called by the name that the customer gave its deployment, which nobody knows here.
    fn deep_probe(&self, _: &Target) -> Option<ProbeRequest> {
        None
    }

    fn classify(&self, answer: &Answer) -> Verdict {
        if answer.succeeds_with_list(&["/data", "/choices"]) {
            return Verdict::healthy();
        }
        // A network rule's error may stand without its envelope (continuedev/continue#12547).
        let message = answer.text("/error/message").or_else(|| answer.text("/message"));
        match known_reason(answer, message.unwrap_or_default()) {
            Some(reason) => answer.verdict(self.name(), reason, message),
            None => answer.by_status(self.name(), message),
        }
    }

    /// A 401 does not tell a wrong key from a wrong endpoint (SciSharp/BotSharp#386).
    fn needs_second_opinion(&self, answer: &Answer) -> bool {
        answer.status() == 401
    }

    fn credential(&self) -> Credential {
        KEY
    }

    fn inference_paths(&self) -> &'static [InferencePath] {
        PATHS
    }

    fn sdk_base_path(&self) -> &'static str {
        "/openai/v1"
    }

    fn error_shape(&self) -> ErrorShape {
        ErrorShape::OpenAi
    }

    fn openai_path(&self, call: OpenAiCall) -> Option<&'static str> {
        match call {
            OpenAiCall::ChatCompletions => Some("/openai/v1/chat/completions"),
            OpenAiCall::Responses => Some("/openai/v1/responses"),
            OpenAiCall::Embeddings => Some("/openai/v1/embeddings"),
            OpenAiCall::Models => Some("/openai/v1/models"),
        }
    }
}

fn known_reason(answer: &Answer, message: &str) -> Option<HealthReason> {
    match answer.text("/error/code") {
        Some("AuthenticationTypeDisabled") => return Some(HealthReason::Blocked),
        Some("insufficient_quota") => return Some(HealthReason::Exhausted),
        _ => {}
    }
    // The resource admits only other networks, which says nothing about the key.
    message.contains("Virtual Network").then_some(HealthReason::Unreachable)
}

#[cfg(test)]
mod tests {
    use super::super::answer::tests::{assert_key_unharmed, assert_reasons};
    use super::*;
    use crate::domain::Endpoint;
    use HealthReason::{Blocked, Exhausted, Invalid, RateLimited, Restricted, Unreachable};

    #[test]
    fn answers_are_read() {
        assert_reasons(
            &AzureOpenAi,
            &[
                ("a list", 200, r#"{"object":"list","data":[]}"#, None),
                ("some other JSON", 200, "{}", Some(Unreachable)),
                (
                    "SciSharp/BotSharp#386; cannot tell a wrong key from a wrong endpoint, and says so",
                    401,
                    r#"{"error":{"code":"401","message":"Access denied due to invalid subscription key or wrong API endpoint."}}"#,
                    Some(Invalid),
                ),
                (
                    "Azure-Samples/azure-sql-db-chatbot#3",
                    403,
                    r#"{"error":{"code":"403","message":"Access denied due to Virtual Network/Firewall rules."}}"#,
                    Some(Unreachable),
                ),
                (
                    "continuedev/continue#12547",
                    403,
                    r#"{"code":"403","message":"A Virtual Network is configured for this resource."}"#,
                    Some(Unreachable),
                ),
                (
                    "microsoft/sample-app-aoai-chatGPT#1000",
                    403,
                    r#"{"error":{"code":"AuthenticationTypeDisabled","message":"Key based authentication is disabled for this resource."}}"#,
                    Some(Blocked),
                ),
                (
                    "another 403",
                    403,
                    r#"{"error":{"code":"403","message":"Forbidden"}}"#,
                    Some(Restricted),
                ),
                (
                    "wrong endpoint",
                    404,
                    r#"{"error":{"code":"404","message":"Resource not found"}}"#,
                    Some(Unreachable),
                ),
                (
                    "rate limit",
                    429,
                    r#"{"error":{"code":"429","message":"Retry after 20 seconds"}}"#,
                    Some(RateLimited),
                ),
                (
                    "OpenAI's own code",
                    429,
                    r#"{"error":{"code":"insufficient_quota","message":"Quota"}}"#,
                    Some(Exhausted),
                ),
            ],
        );
    }

    #[test]
    fn a_failed_call_does_not_harm_the_key() {
        assert_key_unharmed(
            &AzureOpenAi,
            &[
                (
                    "an unknown deployment",
                    404,
                    r#"{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}"#,
                ),
                (
                    "a filtered prompt",
                    400,
                    r#"{"error":{"message":"The response was filtered","type":null,"param":"prompt","code":"content_filter","status":400}}"#,
                ),
                (
                    "openai/openai-python#1469",
                    400,
                    r#"{"error":{"message":"Unrecognized request argument supplied: stream_options","type":"invalid_request_error","param":null,"code":null}}"#,
                ),
                (
                    "an unknown version",
                    404,
                    r#"{"error":{"code":"404","message":"Resource not found"}}"#,
                ),
                (
                    "a failure of theirs",
                    500,
                    r#"{"error":{"code":"InternalServerError","message":"Internal server error"}}"#,
                ),
                (
                    "overloaded",
                    503,
                    r#"{"error":{"code":"ServiceUnavailable","message":"Try again later"}}"#,
                ),
            ],
        );
    }

    #[test]
    fn a_version_chooses_the_older_path_and_cannot_add_to_it() {
        let path = |api_version: Option<&str>| {
            let endpoint = Endpoint::from_stored("https://contoso.openai.azure.com".to_owned());
            let target = Target {
                endpoint,
                api_version: api_version.map(ToOwned::to_owned),
            };
            AzureOpenAi.probe(&target).path
        };
        assert_eq!(path(None), "/openai/v1/models");
        assert_eq!(path(Some("2024-10-21")), "/openai/models?api-version=2024-10-21");
        assert_eq!(path(Some("1&x=2#y")), "/openai/models?api-version=1%26x%3D2%23y");
    }
}
