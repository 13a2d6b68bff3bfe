//! What keeps tenants apart on the operator's key, and how much of it one may use.

use super::{CHAT, assert_refused, bring, chat, chat_call, decide, key, messages, undecided};
use crate::harness::{Setup, Socket, TestApp, platform_key};
use latchkey::domain::GatewayLimits;
use latchkey::sandbox::Behaviour;
use latchkey::service::projects::GatewaySettingsChange;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::num::NonZeroU32;

#[sqlx::test(migrations = false)]
async fn the_operators_key_calls_models_and_does_nothing_else(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.allow_platform_keys().await;
    let open = GatewaySettingsChange {
        opens_all_paths: true,
        ..undecided()
    };
    decide(&app, &app.own.project, open).await;
    let token = app.project_token(&["use:gateway"]).await;
    for (method, path) in [
        ("GET", "/gateway/openai/v1/models"),
        ("GET", "/gateway/openai/v1/files"),
        ("POST", "/gateway/openai/v1/files"),
        ("POST", "/gateway/openai/v1/batches"),
        ("GET", "/gateway/openai/v1/responses/resp_1"),
        ("DELETE", "/gateway/openai/v1/responses/resp_1"),
        ("POST", "/gateway/openai/v1/fine_tuning/jobs"),
        ("POST", "/gateway/gemini/v1beta/tunedModels/ours:generateContent"),
        ("POST", "/gateway/mistral/v1/agents/completions"),
        ("POST", "/gateway/cohere/v1/chat"),
        ("GET", "/gateway/gemini/v1beta/models"),
    ] {
        let answer = app.call(method, path).bearer(&token).json(chat()).send().await;
        assert_refused(&answer, 403, "no_key");
    }
    let seen = app.sandbox.requests();
    assert!(seen.is_empty(), "{seen:?}");
}

#[sqlx::test(migrations = false)]
async fn a_body_that_reaches_into_the_account_is_not_sent_with_the_operators_key(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.allow_platform_keys().await;
    let token = app.project_token(&["use:gateway"]).await;
    let file = json!([{"role": "user", "content": [{"type": "file", "file": {"file_id": "file-1"}}]}]);
    let responses = "/gateway/openai/v1/responses";
    for (path, body) in [
        (
            responses,
            json!({"model": "m", "input": "x", "previous_response_id": "resp_1"}),
        ),
        (
            responses,
            json!({"model": "m", "input": "x", "conversation": {"id": "conv_1"}}),
        ),
        (
            responses,
            json!({"model": "m", "input": [{"content": [{"type": "input_file", "file_id": "file-1"}]}]}),
        ),
        (CHAT, json!({"model": "m", "messages": file})),
    ] {
        let answer = app.call("POST", path).bearer(&token).json(body).send().await;
        assert_refused(&answer, 403, "platform_key_refused");
    }
    // What cannot be read may hold anything.
    for (kind, body) in [
        ("application/json", "{\"model\": \"m\", \"messages\": ["),
        ("application/json", "[]"),
        (
            "application/json",
            "{\"a\": 1, \"previous_response_id\": \"resp_1\", \"previous_response_id\": null",
        ),
        ("text/plain", "{\"model\": \"m\", \"messages\": []}"),
        ("", "{\"model\": \"m\", \"messages\": []}"),
    ] {
        let call = app
            .call("POST", CHAT)
            .bearer(&token)
            .header("content-type", kind)
            .body(body);
        assert_refused(&call.send().await, 400, "invalid_request");
    }
    assert!(app.sandbox.calls().is_empty());
    let escaped = "{\"model\":\"m\",\"input\":\"x\",\"previous\\u005fresponse_id\":\"resp_1\"}";
    let call = app
        .call("POST", responses)
        .bearer(&token)
        .header("content-type", "application/json");
    assert_refused(&call.body(escaped).send().await, 403, "platform_key_refused");
    // A null names nothing, and words of a prompt are only words.
    let harmless = json!({"model": "m", "input": "my file_id is \"conversation\"", "previous_response_id": null});
    let answer = app.call("POST", responses).bearer(&token).json(harmless).send().await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    assert_eq!(answer.header("x-latchkey-key-source"), "platform");
}

#[sqlx::test(migrations = false)]
async fn the_shared_account_keeps_no_answers(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.allow_platform_keys().await;
    let token = app.project_token(&["use:gateway"]).await;
    let responses = "/gateway/openai/v1/responses";
    for (path, body) in [
        (responses, json!({"model": "m", "input": "x"})),
        (responses, json!({"model": "m", "input": "x", "store": true})),
        (responses, json!({"model": "m", "input": "x", "store": false})),
        (CHAT, json!({"model": "m", "messages": messages(), "store": true})),
    ] {
        let answer = app.call("POST", path).bearer(&token).json(body.clone()).send().await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
        let sent = app.sandbox.calls().pop().unwrap();
        assert_eq!(sent.key, platform_key("openai"));
        let sent: Value = serde_json::from_slice(&sent.body).unwrap();
        assert_eq!(sent["store"], false, "{body}");
    }
    // With a key of one's own it is one's own business.
    bring(&app, "openai", &key("openai", Behaviour::Valid, "own")).await;
    let body = json!({"model": "m", "input": "x", "store": true});
    super::eventually(async || {
        let answer = app
            .call("POST", responses)
            .bearer(&token)
            .json(body.clone())
            .send()
            .await;
        (answer.header("x-latchkey-key-source") == "byok").then_some(())
    })
    .await;
    assert_eq!(app.sandbox.calls().pop().unwrap().body, body.to_string().as_bytes());
}

#[sqlx::test(migrations = false)]
async fn calls_with_the_operators_key_are_counted_and_others_are_not(pool: PgPool) {
    let limits = GatewayLimits {
        platform_calls_per_minute: NonZeroU32::new(3).unwrap(),
        ..GatewayLimits::default()
    };
    let app = TestApp::start_with(
        pool,
        Setup {
            limits,
            ..Setup::default()
        },
    )
    .await;
    app.allow_platform_keys().await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "mistral", &key("mistral", Behaviour::Valid, "own")).await;
    for _ in 0..3 {
        let answer = chat_call(&app, &token).send().await;
        assert_eq!(answer.header("x-latchkey-key-source"), "platform", "{}", answer.text());
    }
    let refused = chat_call(&app, &token).send().await;
    assert_refused(&refused, 429, "limit_reached");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    for _ in 0..10 {
        let path = "/gateway/mistral/v1/chat/completions";
        let own = app.call("POST", path).bearer(&token).json(chat()).send().await;
        assert_eq!(
            (own.status.as_u16(), own.header("x-latchkey-key-source")),
            (200, "byok")
        );
    }
    assert_eq!(app.sandbox.calls_with(&platform_key("openai")), 3);
}

#[sqlx::test(migrations = false)]
async fn a_token_has_so_many_calls_open_and_no_more(pool: PgPool) {
    let limits = GatewayLimits {
        calls_per_token: 2,
        ..GatewayLimits::default()
    };
    let app = TestApp::start_with(
        pool,
        Setup {
            limits,
            ..Setup::default()
        },
    )
    .await;
    let (token, another) = (
        app.project_token(&["use:gateway"]).await,
        app.project_token(&["use:gateway"]).await,
    );
    bring(&app, "openai", &key("openai", Behaviour::Silent, "own")).await;
    bring(&app, "mistral", &key("mistral", Behaviour::Valid, "own")).await;
    let server = app.listen().await;
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut socket = Socket::connect(server.address).await;
        socket.post(CHAT, &token, &chat()).await;
        open.push(socket);
    }
    app.sandbox.until_streams(|streams| streams.open == 2).await;
    let path = "/gateway/mistral/v1/chat/completions";
    let call = |token: &str| app.call("POST", path).bearer(token).json(chat()).send();
    let refused = call(&token).await;
    assert_refused(&refused, 429, "limit_reached");
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(call(&another).await.status.as_u16(), 200, "a limit of each token");
    open.pop();
    app.sandbox.until_streams(|streams| streams.open == 1).await;
    super::eventually(async || (call(&token).await.status == 200).then_some(())).await;
}
