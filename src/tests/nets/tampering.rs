//! Rows altered behind the server's back: nothing opens, an alarm is audited, nobody falls back.
//! (Envelopes themselves are tampered with 100,000 times beside the vault.)

use crate::harness::{Answer, TestApp, platform_key};
use latchkey::domain::Actor;
use latchkey::sandbox::{Behaviour, Sandbox};
use serde_json::json;
use sqlx::PgPool;
use std::time::{Duration, Instant};

/// What a database writer may try with the OpenAI key of the own project.
const ALTERATIONS: &[(&str, &str)] = &[
    ("another provider's envelope", "update provider_keys k set sealed = other.sealed from provider_keys other
        where k.provider = 'openai' and k.is_default and k.org_id = $1 and other.provider = 'xai' and other.org_id = $1"),
    ("another organization's envelope", "update provider_keys k set sealed = other.sealed from provider_keys other
        where k.provider = 'openai' and k.is_default and k.org_id = $1 and other.provider = 'openai' and other.org_id <> $1"),
    ("another version", "update provider_keys set secret_version = secret_version + 1 where provider = 'openai' and is_default and org_id = $1"),
    ("another provider", "update provider_keys set provider = 'gemini' where provider = 'openai' and is_default and org_id = $1"),
    ("a flipped bit", "update provider_keys set sealed = set_bit(sealed, octet_length(sealed) * 8 - 3, 1 - get_bit(sealed, octet_length(sealed) * 8 - 3))
        where provider = 'openai' and is_default and org_id = $1"),
    ("a truncated envelope", "update provider_keys set sealed = substring(sealed from 1 for 60) where provider = 'openai' and is_default and org_id = $1"),
    ("no envelope", "update provider_keys set sealed = '' where provider = 'openai' and is_default and org_id = $1"),
];

#[sqlx::test(migrations = false)]
async fn an_altered_row_does_not_open(pool: PgPool) {
    let app = TestApp::start(pool).await;
    // Nobody's key may stand in, though the operator would allow it.
    app.allow_platform_keys().await;
    let own = app.token(&["*"]).await;
    let foreign = app.foreign_token().await;
    put(&app, &own, "xai").await.expect(200);
    put(&app, &foreign, "openai").await.expect(200);
    for (what, alteration) in ALTERATIONS {
        put(&app, &own, "openai").await.expect(200);
        let before = alarms(&app, &app.own.owner).await;
        let altered = sqlx::query(*alteration)
            .bind(app.own.owner.org.as_uuid())
            .execute(&app.database)
            .await
            .unwrap();
        assert_eq!(altered.rows_affected(), 1, "{what}");
        let provider = if *what == "another provider" {
            "gemini"
        } else {
            "openai"
        };
        let path = format!("/api/v1/projects/main/byok-keys/{provider}");
        let tested = app.call("POST", &format!("{path}/test")).bearer(&own).send().await;
        tested.problem(500, "sealed_key_unreadable");
        assert_eq!(alarms(&app, &app.own.owner).await, before + 1, "{what} raised no alarm");
        assert_no_call(&app, &own, provider, what).await;
        assert!(
            alarms(&app, &app.own.owner).await > before + 1,
            "{what} raised no alarm at a call"
        );
        // A new secret heals the row, as the message says.
        app.call("DELETE", &path).bearer(&own).send().await;
    }
}

#[sqlx::test(migrations = false)]
async fn a_key_pointed_at_another_endpoint_does_not_open(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["*"]).await;
    let path = "/api/v1/projects/main/byok-keys/azure_openai";
    let key = Sandbox::key("azure_openai", Behaviour::Valid);
    let body = json!({ "api_key": key, "endpoint": app.sandbox.azure_endpoint() });
    app.call("PUT", path).bearer(&token).json(body).send().await.expect(200);
    sqlx::query("update provider_keys set endpoint = 'https://evil.openai.azure.com'")
        .execute(&app.database)
        .await
        .unwrap();
    let tested = app.call("POST", &format!("{path}/test")).bearer(&token).send().await;
    tested.problem(500, "sealed_key_unreadable");
    assert_eq!(alarms(&app, &app.own.owner).await, 1);
}

/// Calls are refused, and go out with nobody's key.
async fn assert_no_call(app: &TestApp, token: &str, provider: &str, what: &str) {
    let native = if provider == "gemini" {
        "/v1beta/models/m:generateContent"
    } else {
        "/v1/chat/completions"
    };
    let begun = Instant::now();
    loop {
        let call = app.call("POST", &format!("/gateway/{provider}{native}")).bearer(token);
        let call = call.header("x-latchkey-project", "main").json(json!({ "model": "m" }));
        let answer = call.send().await;
        assert_ne!(answer.header("x-latchkey-key-source"), "platform", "{what}");
        // What was known of the key before is forgotten a moment later.
        if answer.header("x-latchkey-error") == "key_unreadable" {
            assert_eq!(answer.status.as_u16(), 500);
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{what}: {}", answer.text());
    }
    assert_eq!(app.sandbox.calls_with(&platform_key(provider)), 0, "{what}");
}

async fn put(app: &TestApp, token: &str, provider: &str) -> Answer {
    let key = Sandbox::key(provider, Behaviour::Valid);
    let path = format!("/api/v1/projects/main/byok-keys/{provider}");
    app.call("PUT", &path)
        .bearer(token)
        .json(json!({ "api_key": key }))
        .send()
        .await
}

async fn alarms(app: &TestApp, owner: &Actor) -> i64 {
    sqlx::query_scalar("select count(*) from audit_events where org_id = $1 and event = 'key.open_failed'")
        .bind(owner.org.as_uuid())
        .fetch_one(&app.database)
        .await
        .unwrap()
}
