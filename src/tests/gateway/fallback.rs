//! What never falls back, whatever is decided.

use super::{CHAT, assert_refused, bring, chat, chat_call, eventually, key, set};
use crate::harness::{TestApp, platform_key};
use latchkey::sandbox::Behaviour;
use serde_json::json;
use sqlx::PgPool;

async fn start(pool: PgPool) -> (TestApp, String) {
    let app = TestApp::start(pool).await;
    app.allow_platform_keys().await;
    let token = app.project_token(&["use:gateway"]).await;
    (app, token)
}

#[sqlx::test(migrations = false)]
async fn a_key_that_does_not_open_is_an_alarm(pool: PgPool) {
    let (app, token) = start(pool).await;
    let id = bring(&app, "openai", &key("openai", Behaviour::Valid, "own")).await;
    set(&app, id, "sealed = set_bit(sealed, 700, 1 - get_bit(sealed, 700))").await;
    let answer = chat_call(&app, &token).send().await;
    assert_refused(&answer, 500, "key_unreadable");
    assert_eq!(answer.header("x-latchkey-key-source"), "");
    assert!(app.sandbox.calls().is_empty(), "nobody was called");
    // Changed while a call looks at it, the key is looked at again, and still the call raises one alarm.
    for _ in 0..20 {
        set(&app, id, "row_version = row_version + 1").await;
        assert_refused(&chat_call(&app, &token).send().await, 500, "key_unreadable");
    }
    let alarms: Vec<i64> =
        sqlx::query_scalar("select count(*) from audit_events where event = 'key.open_failed' group by request_id")
            .fetch_all(&app.database)
            .await
            .unwrap();
    assert!(
        !alarms.is_empty() && alarms.iter().all(|alarms| *alarms == 1),
        "{alarms:?}"
    );
}

/// A provider may have acted, and the caller may have read.
#[sqlx::test(migrations = false)]
async fn nothing_falls_back_after_the_first_byte(pool: PgPool) {
    let (app, token) = start(pool).await;
    for (provider, behaviour) in [("openai", Behaviour::Breaking), ("mistral", Behaviour::Erring)] {
        let secret = key(provider, behaviour, "own");
        bring(&app, provider, &secret).await;
        let mut body = chat();
        body["stream"] = json!(true);
        let path = format!("/gateway/{provider}/v1/chat/completions");
        let answer = app.call("POST", &path).bearer(&token).json(body).send().await;
        assert_eq!(answer.status.as_u16(), 200);
        let text = answer.text();
        assert!(text.contains("You") && text.contains("error"), "{text}");
        assert!(!text.contains("[DONE]"), "{text}");
        assert_eq!(answer.header("x-latchkey-key-source"), "byok");
        assert_eq!(app.sandbox.calls_with(&secret), 1);
        assert_eq!(app.sandbox.calls_with(&platform_key(provider)), 0);
    }
}

#[sqlx::test(migrations = false)]
async fn a_body_that_is_too_large_to_keep_does_not_fall_back(pool: PgPool) {
    let (app, token) = start(pool).await;
    let secret = key("openai", Behaviour::Valid, "own");
    bring(&app, "openai", &secret).await;
    app.sandbox.revoke(&secret);
    for (megabytes, status) in [(2, 401), (0, 200)] {
        let mut body = chat();
        body["padding"] = json!("x".repeat(megabytes << 20));
        let answer = app.call("POST", CHAT).bearer(&token).json(body).send().await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
        let source = if status == 401 { "byok" } else { "platform" };
        assert_eq!(answer.header("x-latchkey-key-source"), source);
    }
}

/// What an account keeps belongs to all who share it, so that nobody's call may reach into it.
#[sqlx::test(migrations = false)]
async fn a_second_call_is_held_to_what_the_shared_key_may_do(pool: PgPool) {
    let (app, token) = start(pool).await;
    let secret = key("openai", Behaviour::Valid, "own");
    bring(&app, "openai", &secret).await;
    app.sandbox.revoke(&secret);
    let path = "/gateway/openai/v1/responses";
    let reaching = json!({"model": "gpt-4o", "input": "x", "previous_response_id": "resp_1"});
    let answer = app.call("POST", path).bearer(&token).json(reaching).send().await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("x-latchkey-key-source")),
        (401, "byok")
    );
    assert_eq!(app.sandbox.calls_with(&platform_key("openai")), 0);
    // Once the refusal is in the database, the operator's key would serve from the start.
    let plain = json!({"model": "gpt-4o", "input": "x", "store": true});
    let answer = app.call("POST", path).bearer(&token).json(plain).send().await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("x-latchkey-key-source")),
        (200, "platform")
    );
    let kept = app.sandbox.calls().pop().unwrap();
    let kept: serde_json::Value = serde_json::from_slice(&kept.body).unwrap();
    assert_eq!(kept["store"], false, "the shared account keeps nothing");
}

#[sqlx::test(migrations = false)]
async fn a_platform_key_that_fails_is_the_operators_business(pool: PgPool) {
    let (app, token) = start(pool).await;
    let operators = platform_key("openai");
    app.sandbox.revoke(&operators);
    let answer = chat_call(&app, &token).send().await;
    assert_refused(&answer, 503, "platform_key_failed");
    assert_eq!(answer.header("x-latchkey-key-source"), "platform");
    assert_eq!(answer.header("openai-organization"), "");
    app.sandbox.restore(&operators);
    let served = eventually(async || {
        let answer = chat_call(&app, &token).send().await;
        (answer.status == 200).then_some(answer)
    });
    assert_eq!(served.await.header("x-latchkey-fallback-reason"), "no_key");
}
