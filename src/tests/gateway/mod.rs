//! The gateway: calls of models through everything that is served, against the sandbox's providers.

mod drain;
mod endpoints;
mod errors;
mod fallback;
mod headers;
pub(crate) mod hostile;
mod invalidation;
mod locks;
mod named_keys;
mod names;
mod passthrough;
mod paths;
mod policy;
mod shared_key;
mod smuggling;
mod streams;
mod usage;

use crate::harness::{Answer, Call, TestApp};
use latchkey::domain::KeyId;
use latchkey::sandbox::{Behaviour, Sandbox};
use latchkey::service::keys::SaveKey;
use latchkey::service::projects::{GatewaySettingsChange, Project, ProjectRef};
use secrecy::SecretString;
use serde_json::{Value, json};
use std::io::Write;
use std::time::Duration;
use tokio::time::Instant;

const CHAT: &str = "/gateway/openai/v1/chat/completions";
const PROMPT: &str = "Name one colour.";
const SAID: &str = "You said: Name one colour.";

/// One provider's ordinary call.
pub(crate) struct Native {
    /// The provider.
    pub(crate) slug: &'static str,
    /// From the provider's origin on.
    pub(crate) path: &'static str,
    /// The same for a stream, where the path says so.
    pub(crate) streamed_path: &'static str,
    /// The call's body.
    pub(crate) body: fn() -> Value,
}

/// A call of every provider's model, in its own shape.
pub(crate) const NATIVES: &[Native] = &[
    of_openai_shape("openai", "/v1/chat/completions"),
    Native {
        slug: "anthropic",
        path: "/v1/messages",
        streamed_path: "/v1/messages",
        body: || json!({"model": "claude-haiku-4-5", "max_tokens": 99, "messages": messages()}),
    },
    Native {
        slug: "gemini",
        path: "/v1beta/models/gemini-flash-latest:generateContent",
        streamed_path: "/v1beta/models/gemini-flash-latest:streamGenerateContent?alt=sse",
        body: || json!({"contents": [{"role": "user", "parts": [{"text": PROMPT}]}]}),
    },
    of_openai_shape("xai", "/v1/chat/completions"),
    of_openai_shape("openrouter", "/api/v1/chat/completions"),
    of_openai_shape("mistral", "/v1/chat/completions"),
    of_openai_shape(
        "azure_openai",
        "/openai/deployments/some-model/chat/completions?api-version=2024-10-21",
    ),
    of_openai_shape("groq", "/openai/v1/chat/completions"),
    of_openai_shape("deepseek", "/chat/completions"),
    of_openai_shape("together", "/v1/chat/completions"),
    of_openai_shape("fireworks", "/inference/v1/chat/completions"),
    of_openai_shape("cohere", "/v2/chat"),
];

const fn of_openai_shape(slug: &'static str, path: &'static str) -> Native {
    Native {
        slug,
        path,
        streamed_path: path,
        body: chat,
    }
}

impl Native {
    /// A call of it, with what its provider wants beside the key.
    pub(crate) fn call(&self, app: &TestApp, path: &str) -> Call {
        let call = app.call("POST", &format!("/gateway/{}{path}", self.slug));
        if self.slug == "anthropic" {
            call.header("anthropic-version", "2023-06-01")
        } else {
            call
        }
    }

    /// The body that asks for a stream.
    pub(crate) fn streamed_body(&self) -> Value {
        let mut body = (self.body)();
        if self.slug != "gemini" {
            body["stream"] = json!(true);
        }
        body
    }
}

fn messages() -> Value {
    json!([{"role": "user", "content": PROMPT}])
}

fn chat() -> Value {
    json!({"model": "some-model", "messages": messages()})
}

/// A key that nobody else uses in the test.
fn key(provider: &str, behaviour: Behaviour, end: &str) -> String {
    format!("{}-{end}", Sandbox::key(provider, behaviour))
}

/// Brings a key to the own organization's project `main`.
async fn bring(app: &TestApp, provider: &str, secret: &str) -> KeyId {
    bring_to(app, &app.own.project, provider, secret).await
}

/// Brings a key to a project of the own organization.
async fn bring_to(app: &TestApp, project: &Project, provider: &str, secret: &str) -> KeyId {
    let save = SaveKey {
        secret: SecretString::from(secret),
        name: None,
        endpoint: (provider == "azure_openai").then(|| app.sandbox.azure_endpoint()),
        api_version: None,
        seen_row_version: None,
        allow_unverified: true,
        added_by_name: "owner".to_owned(),
    };
    let project = ProjectRef::Id(project.id);
    let saved = app.services.keys.save(&app.own.owner, &project, provider, save).await;
    saved.unwrap().key.id
}

/// Changes a key's row, past everything that would forbid it.
async fn set(app: &TestApp, key: KeyId, columns: &str) {
    let update = sqlx::AssertSqlSafe(format!("update provider_keys set {columns} where id = $1"));
    let changed = sqlx::query(update).bind(key.as_uuid()).execute(&app.database).await;
    assert_eq!(changed.unwrap().rows_affected(), 1);
}

/// A new project of the own organization.
async fn project(app: &TestApp, name: &str) -> Project {
    app.services.projects.create(&app.own.owner, name).await.unwrap()
}

/// Decides about a project's calls.
async fn decide(app: &TestApp, project: &Project, change: GatewaySettingsChange) {
    let project = ProjectRef::Id(project.id);
    let decided = app
        .services
        .projects
        .set_gateway_settings(&app.own.owner, &project, change);
    decided.await.unwrap();
}

/// What a project does that decided nothing.
fn undecided() -> GatewaySettingsChange {
    GatewaySettingsChange {
        choice: latchkey::domain::FallbackChoice::default(),
        opens_all_paths: false,
        adds_stream_usage: true,
    }
}

/// An ordinary chat with OpenAI's model.
fn chat_call(app: &TestApp, token: &str) -> Call {
    app.call("POST", CHAT).bearer(token).json(chat())
}

/// What stands in the places where each provider's errors have their code.
fn code_of(answer: &Answer) -> String {
    code_in(&answer.body).unwrap_or_default()
}

/// The same in a body.
fn code_in(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let places = ["/error/details/0/reason", "/error/code", "/code"];
    let code = places.iter().find_map(|place| body.pointer(place)?.as_str())?;
    Some(code.to_lowercase())
}

/// Asserts one of Latchkey's own errors.
#[track_caller]
fn assert_refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    assert_eq!(answer.header("x-latchkey-error"), code, "{}", answer.text());
    assert_eq!(code_of(answer), code, "{}", answer.text());
    assert_eq!(answer.header("x-latchkey-request-id").len(), 36);
}

/// Tries again until there is something: a change is heard of a moment after it was made.
async fn eventually<T>(mut attempt: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(wanted) = attempt().await {
            return wanted;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "it never came about");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Shows a figure that was asked for, even where tests pass.
fn report(line: &str) {
    writeln!(std::io::stderr(), "{line}").unwrap();
}
