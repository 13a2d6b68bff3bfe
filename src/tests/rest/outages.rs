//! The provider down, the database gone, two people at once: a typed answer in time, and nothing half saved.

use super::{KEYS, OPENAI, listed, openai_key, put_openai};
use crate::harness::{PROBE_LIMIT, TestApp, Wire};
use latchkey::sandbox::{Behaviour, Sandbox};
use serde_json::json;
use sqlx::PgPool;
use std::time::{Duration, Instant};

#[sqlx::test(migrations = false)]
async fn a_provider_that_gives_no_answer_changes_nothing(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["read:byok", "write:byok"]).await;
    put_openai(&app, &token, &openai_key(Behaviour::Valid))
        .await
        .expect(200);
    let before = listed(&app, &token).await;
    for (behaviour, status, code) in [
        (Behaviour::Down, 502, "provider_unreachable"),
        (Behaviour::Garbage, 502, "provider_unreachable"),
        (Behaviour::Redirect, 502, "provider_unreachable"),
        (Behaviour::Hanging, 504, "provider_timeout"),
    ] {
        let started = Instant::now();
        let answer = put_openai(&app, &token, &openai_key(behaviour)).await;
        let detail = answer.problem(status, code)["detail"].as_str().unwrap().to_owned();
        assert!(
            detail.starts_with("OpenAI ") && detail.contains("Nothing was saved"),
            "{detail}"
        );
        assert!(
            started.elapsed() < PROBE_LIMIT + Duration::from_secs(2),
            "{behaviour:?}"
        );
        assert_eq!(listed(&app, &token).await, before, "{behaviour:?}");
    }
    assert_eq!(app.sandbox.redirect_hits(), 0);
}

#[sqlx::test(migrations = false)]
async fn an_unverified_key_is_kept_switched_off_where_asked_for(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["read:byok", "write:byok"]).await;
    let body = json!({ "api_key": openai_key(Behaviour::Down), "allow_unverified": true });
    let key = app
        .call("PUT", OPENAI)
        .bearer(&token)
        .json(body)
        .send()
        .await
        .expect(200);
    assert_eq!(
        (&key["is_active"], &key["health_status"]),
        (&json!(false), &json!("unknown"))
    );
    let switch_on = app
        .call("PATCH", OPENAI)
        .bearer(&token)
        .json(json!({ "is_active": true }));
    switch_on.send().await.problem(502, "provider_unreachable");
    assert_eq!(listed(&app, &token).await[0]["is_active"], false);
}

#[sqlx::test(migrations = false)]
async fn of_two_who_save_at_once_one_is_told_so(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["read:byok", "write:byok"]).await;
    let slow = |end: &str| format!("{}{end}", openai_key(Behaviour::Slow));
    for (what, one, two) in [
        ("added", "-FAKE1111", "-FAKE2222"),
        ("replaced", "-FAKE3333", "-FAKE4444"),
    ] {
        let (one, two) = (slow(one), slow(two));
        let (first, second) = tokio::join!(put_openai(&app, &token, &one), put_openai(&app, &token, &two));
        let (saved, refused) = if first.status.is_success() {
            (first, second)
        } else {
            (second, first)
        };
        let saved = saved.expect(200);
        refused.problem(409, "conflict");
        assert_eq!(listed(&app, &token).await, [saved], "{what}");
    }
    let tested = app
        .call("POST", &format!("{OPENAI}/test"))
        .bearer(&token)
        .send()
        .await
        .expect(200);
    assert_eq!(tested["health_status"], "healthy", "what is stored opens and works");
}

#[sqlx::test(migrations = false)]
async fn without_the_database_every_call_is_503(pool: PgPool) {
    let (options, wire) = Wire::to(&pool.connect_options()).await;
    let app = TestApp::start_over(pool, options).await;
    let token = app.token(&["*"]).await;
    put_openai(&app, &token, &openai_key(Behaviour::Valid))
        .await
        .expect(200);
    wire.cut().await;
    let put = json!({ "api_key": Sandbox::key("openai", Behaviour::Valid) });
    let calls = [
        app.call("GET", KEYS).bearer(&token),
        app.call("PUT", OPENAI).bearer(&token).json(put.clone()),
        app.call("PUT", OPENAI)
            .bearer(&token)
            .header("idempotency-key", "one")
            .json(put),
        app.call("DELETE", OPENAI).bearer(&token),
        app.call("GET", KEYS)
            .header("cookie", "__Host-latchkey=AAAAAAAAAAAAAAAAAAAAAA"),
    ];
    for call in calls {
        let started = Instant::now();
        let answer = call.send().await;
        let problem = answer.problem(503, "unavailable");
        assert_eq!(answer.header("retry-after"), "5");
        assert!(!problem.to_string().contains("127.0.0.1"), "{problem}");
        assert!(started.elapsed() < Duration::from_secs(5));
    }
    app.call("GET", KEYS).send().await.problem(401, "unauthenticated");
}
