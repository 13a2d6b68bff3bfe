//! What is recorded of calls as they are made.

use super::{CHAT, NATIVES, assert_refused, bring, chat, eventually, key};
use crate::harness::{Answer, Socket, TestApp};
use latchkey::domain::{FallbackReason, KeySource, TokenCounts, UsageSource};
use latchkey::sandbox::Behaviour;
use latchkey::service::projects::ProjectRef;
use latchkey::service::usage::Call;
use serde_json::{Value, json};
use sqlx::PgPool;

/// Eight words, of which the sandbox has a quarter in its cache; it answers with ten.
const WORDS: &str = "one two three four five six seven eight";

/// What each provider reports: whether it counts what was thought, and what came out of a cache.
const REPORTS: &[(&str, Reports)] = &[
    ("openai", Reports::ALL),
    (
        "anthropic",
        Reports {
            thought: false,
            ..Reports::ALL
        },
    ),
    ("gemini", Reports::ALL),
    ("xai", Reports::ALL),
    ("openrouter", Reports::ALL),
    ("mistral", Reports::PLAIN),
    ("azure_openai", Reports::ALL),
    ("groq", Reports::ALL),
    ("deepseek", Reports::ALL),
    ("together", Reports::PLAIN),
    ("fireworks", Reports::ALL),
    (
        "cohere",
        Reports {
            thought: false,
            ..Reports::ALL
        },
    ),
];

#[derive(Clone, Copy)]
struct Reports {
    thought: bool,
    cached: bool,
}

impl Reports {
    const ALL: Self = Self {
        thought: true,
        cached: true,
    };
    const PLAIN: Self = Self {
        thought: false,
        cached: false,
    };
}

/// What was recorded of the call with this answer.
async fn recorded(app: &TestApp, answer: &Answer) -> Call {
    recorded_as(app, answer.header("x-latchkey-request-id")).await
}

async fn recorded_as(app: &TestApp, id: &str) -> Call {
    let (project, id) = (ProjectRef::Id(app.own.project.id), id.parse().unwrap());
    let usage = &app.services.usage;
    eventually(async || usage.get(&app.own.owner, &project, id).await.ok()).await
}

fn with_words(mut body: Value) -> Value {
    let message = if body["contents"].is_array() {
        "/contents/0/parts/0/text"
    } else {
        "/messages/0/content"
    };
    *body.pointer_mut(message).unwrap() = json!(WORDS);
    body
}

#[sqlx::test(migrations = false)]
async fn every_providers_call_is_recorded_with_its_own_figures(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    for (native, (slug, reports)) in NATIVES.iter().zip(REPORTS) {
        assert_eq!(native.slug, *slug);
        let id = bring(&app, slug, &key(slug, Behaviour::Valid, "own")).await;
        for streamed in [false, true] {
            let path = if streamed { native.streamed_path } else { native.path };
            let body = with_words(if streamed {
                native.streamed_body()
            } else {
                (native.body)()
            });
            let call = native
                .call(&app, path)
                .bearer(&token)
                .header("x-latchkey-session", "nightly");
            let call = call
                .header("x-latchkey-labels", "repo=payments, env=prod")
                .json(body.clone());
            let answer = call.send().await;
            assert_eq!(answer.status.as_u16(), 200, "{slug}: {}", answer.text());
            let event = recorded(&app, &answer).await;
            let what = format!("{slug}, streamed: {streamed}");
            let thought = reports.thought.then_some(2);
            assert_eq!(
                (event.tokens.input, event.tokens.output, event.tokens.reasoning),
                (Some(8), Some(10 + thought.unwrap_or(0)), thought),
                "{what}"
            );
            assert_eq!(event.tokens.cached_input, reports.cached.then_some(2), "{what}");
            assert_eq!(event.usage_source, UsageSource::Provider, "{what}");
            assert_eq!(
                (event.provider.as_str(), event.status, event.streamed),
                (*slug, 200, streamed),
                "{what}"
            );
            assert_eq!(
                (event.key, event.key_source),
                (Some(id), Some(KeySource::Byok)),
                "{what}"
            );
            assert_eq!((event.fallback_reason, event.error_code), (None, None), "{what}");
            assert_eq!(event.session.as_deref(), Some("nightly"), "{what}");
            assert_eq!(event.labels.get("repo").map(String::as_str), Some("payments"), "{what}");
            assert_eq!(
                event.request_bytes,
                i64::try_from(body.to_string().len()).unwrap(),
                "{what}"
            );
            assert!(
                event.response_bytes > 100 && event.first_byte_ms.unwrap() <= event.latency_ms,
                "{what}"
            );
            let model = event.model_asked.unwrap();
            assert!(
                body["model"] == *model || native.path.contains(&model),
                "{what}: {model}"
            );
            assert!(event.model_answered.is_some() || *slug == "cohere", "{what}");
        }
    }
}

#[sqlx::test(migrations = false)]
async fn what_the_caller_did_not_wait_for_is_estimated(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "openai", &key("openai", Behaviour::Long, "own")).await;
    let server = app.listen().await;
    let mut socket = Socket::connect(server.address).await;
    let mut body = with_words(chat());
    body["stream"] = json!(true);
    socket.post(CHAT, &token, &body).await;
    let head = socket.head().await.unwrap();
    for _ in 0..6 {
        socket.piece().await.unwrap().unwrap();
    }
    drop(socket);
    let event = recorded_as(&app, head.header("x-latchkey-request-id").unwrap()).await;
    assert_eq!((event.usage_source, event.status), (UsageSource::Estimated, 200));
    let output = event.tokens.output.unwrap();
    assert!((1..200).contains(&output), "of a few words: {output}");
    assert!(event.tokens.input.unwrap() > 0 && event.response_bytes > 0);
}

#[sqlx::test(migrations = false)]
async fn what_a_provider_broke_off_is_estimated_too(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "openai", &key("openai", Behaviour::Breaking, "own")).await;
    let mut body = with_words(chat());
    body["stream"] = json!(true);
    let answer = app.call("POST", CHAT).bearer(&token).json(body).send().await;
    let event = recorded(&app, &answer).await;
    assert_eq!(event.usage_source, UsageSource::Estimated);
    assert_eq!(
        (event.status, event.error_code.as_deref()),
        (200, Some("upstream_unreachable"))
    );
    assert!(event.tokens.output.unwrap() > 0);
}

#[sqlx::test(migrations = false)]
async fn refusals_and_fallbacks_are_recorded_as_such(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.allow_platform_keys().await;
    let token = app.project_token(&["use:gateway"]).await;
    let call = |provider: &str| {
        let path = format!("/gateway/{provider}/v1/chat/completions");
        app.call("POST", &path).bearer(&token).json(chat()).send()
    };

    let answer = call("mistral").await;
    let event = recorded(&app, &answer).await;
    assert_eq!((event.key, event.key_source), (None, Some(KeySource::Platform)));
    assert_eq!(event.fallback_reason, Some(FallbackReason::NoKey));
    assert_eq!(event.usage_source, UsageSource::Provider);

    // There is no key of the operator's for this one.
    let answer = app
        .call("POST", "/gateway/deepseek/chat/completions")
        .bearer(&token)
        .json(chat())
        .send()
        .await;
    assert_refused(&answer, 403, "no_key");
    let event = recorded(&app, &answer).await;
    assert_eq!(
        (event.key_source, event.error_code.as_deref(), event.status),
        (None, Some("no_key"), 403)
    );
    assert_eq!(
        (event.usage_source, event.tokens),
        (UsageSource::Missing, TokenCounts::default())
    );
    assert_eq!(event.cost, None, "unknown is not nothing");

    let secret = key("openai", Behaviour::Valid, "own");
    let id = bring(&app, "openai", &secret).await;
    app.sandbox.revoke(&secret);
    let answer = eventually(async || {
        let answer = call("openai").await;
        (answer.header("x-latchkey-fallback-reason") == "key_rejected").then_some(answer)
    })
    .await;
    let event = recorded(&app, &answer).await;
    assert_eq!(
        (event.status, event.fallback_reason),
        (200, Some(FallbackReason::KeyRejected))
    );
    assert_eq!(event.key_source, Some(KeySource::Platform));
    assert_ne!(event.key, Some(id), "the key that served is the operator's");
}

/// Who is not known has no organization to record anything for.
#[sqlx::test(migrations = false)]
async fn strangers_leave_no_trace(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "openai", &key("openai", Behaviour::Valid, "own")).await;
    for bearer in ["lk_api_wrong", "sk-proj-x"] {
        let answer = app.call("POST", CHAT).bearer(bearer).json(chat()).send().await;
        assert_refused(&answer, 401, "unauthenticated");
    }
    let known = app.call("POST", CHAT).bearer(&token).json(chat()).send().await;
    recorded(&app, &known).await;
    let count: i64 = sqlx::query_scalar("select count(*) from usage_events")
        .fetch_one(&app.database)
        .await
        .unwrap();
    assert_eq!(count, 1);
}
