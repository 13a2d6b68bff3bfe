//! `Idempotency-Key`: the same answer, once done.

use super::{OPENAI, TOKENS, listed, openai_key, put_openai};
use crate::harness::{Answer, Call, TestApp};
use latchkey::sandbox::Behaviour;
use serde_json::json;
use sqlx::PgPool;
use std::time::Duration;

const KEY: &str = "idempotency-key";

fn put(app: &TestApp, token: &str, key: &str, secret: &str) -> Call {
    app.call("PUT", OPENAI)
        .bearer(token)
        .header(KEY, key)
        .json(json!({ "api_key": secret }))
}

fn is_replay(answer: &Answer) -> bool {
    answer.header("idempotency-replayed") == "true"
}

#[sqlx::test(migrations = false)]
async fn a_repeated_call_gets_the_same_answer(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["*"]).await;
    let first = app
        .call("POST", TOKENS)
        .bearer(&token)
        .header(KEY, "make-one")
        .json(json!({ "name": "CI" }))
        .send()
        .await;
    let made = first.expect(201);
    let again = app
        .call("POST", TOKENS)
        .bearer(&token)
        .header(KEY, "make-one")
        .json(json!({ "name": "CI" }))
        .send()
        .await;
    assert_eq!(again.expect(201), made, "the token itself is answered again");
    assert!(!is_replay(&first) && is_replay(&again));
    let list = app.call("GET", TOKENS).bearer(&token).send().await.expect(200);
    assert_eq!(
        list["keys"].as_array().unwrap().len(),
        2,
        "the caller's own and one more"
    );

    put(&app, &token, "bring", &openai_key(Behaviour::Valid))
        .send()
        .await
        .expect(200);
    let delete = || {
        app.call("DELETE", OPENAI)
            .bearer(&token)
            .header(KEY, "delete-it")
            .send()
    };
    let (first, again) = (delete().await, delete().await);
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (204, 204));
    assert!(is_replay(&again) && again.body.is_empty());
    assert!(again.headers.get("content-type").is_none());
}

#[sqlx::test(migrations = false)]
async fn a_refusal_is_repeated_and_a_failure_is_not(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["read:byok", "write:byok"]).await;
    let refused = put(&app, &token, "refused", &openai_key(Behaviour::Revoked))
        .send()
        .await;
    let again = put(&app, &token, "refused", &openai_key(Behaviour::Revoked))
        .send()
        .await;
    assert_eq!(again.text(), refused.text());
    assert_eq!(again.status.as_u16(), 400);
    assert_eq!(again.header("content-type"), "application/problem+json");
    assert!(is_replay(&again));

    for _ in 0..2 {
        let failed = put(&app, &token, "down", &openai_key(Behaviour::Down)).send().await;
        failed.problem(502, "provider_unreachable");
        assert!(!is_replay(&failed));
    }
    let reader = app.token(&["read:byok"]).await;
    for _ in 0..2 {
        let refused = put(&app, &reader, "refused", &openai_key(Behaviour::Valid))
            .send()
            .await;
        refused.problem(403, "insufficient_scope");
        assert!(!is_replay(&refused));
    }
}

#[sqlx::test(migrations = false)]
async fn a_key_is_for_one_call_of_one_caller_for_a_day(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (one, two) = (app.token(&["write:byok"]).await, app.token(&["write:byok"]).await);
    let secret = openai_key(Behaviour::Valid);
    put(&app, &one, "same", &secret).send().await.expect(200);
    put(&app, &one, "same", &format!("{secret}0"))
        .send()
        .await
        .problem(422, "idempotency_key_reused");
    let elsewhere = app
        .call("PATCH", OPENAI)
        .bearer(&one)
        .header(KEY, "same")
        .json(json!({ "is_active": true }));
    elsewhere.send().await.problem(422, "idempotency_key_reused");
    let others = put(&app, &two, "same", &secret).send().await;
    others.expect(200);
    assert!(!is_replay(&others), "another caller's key is another key");
    assert!(is_replay(&put(&app, &one, "same", &secret).send().await));
    app.pass(Duration::from_hours(25));
    assert!(!is_replay(&put(&app, &one, "same", &secret).send().await));
}

#[sqlx::test(migrations = false)]
async fn a_call_being_made_is_not_made_twice(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["write:byok"]).await;
    let secret = openai_key(Behaviour::Slow);
    let second = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        put(&app, &token, "slow", &secret).send().await
    };
    let (first, second) = tokio::join!(put(&app, &token, "slow", &secret).send(), second);
    second.problem(409, "request_in_flight");
    assert_eq!(second.header("retry-after"), "1");
    let done = first.expect(200);
    let again = put(&app, &token, "slow", &secret).send().await;
    assert_eq!(again.expect(200), done);
    assert!(is_replay(&again));
}

#[sqlx::test(migrations = false)]
async fn a_caller_who_hung_up_finds_the_answer(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["read:byok", "write:byok"]).await;
    let secret = openai_key(Behaviour::Slow);
    let hung_up = tokio::time::timeout(Duration::from_millis(500), put(&app, &token, "slow", &secret).send()).await;
    assert!(hung_up.is_err());
    let mut answer = put(&app, &token, "slow", &secret).send().await;
    while answer.status.as_u16() == 409 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        answer = put(&app, &token, "slow", &secret).send().await;
    }
    answer.expect(200);
    assert!(is_replay(&answer));
    assert_eq!(listed(&app, &token).await.len(), 1);
}

#[sqlx::test(migrations = false)]
async fn a_key_is_visible_ascii(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["write:byok"]).await;
    let secret = openai_key(Behaviour::Valid);
    for key in ["", "two words", &"k".repeat(256)] {
        put(&app, &token, key, &secret)
            .send()
            .await
            .problem(400, "invalid_idempotency_key");
    }
    let twice = put(&app, &token, "one", &secret).header(KEY, "two").send().await;
    twice.problem(400, "invalid_idempotency_key");
    put(&app, &token, &"k".repeat(255), &secret).send().await.expect(200);
    put_openai(&app, &token, &secret).await.expect(200);
}
