//! Layer: "BYOK (Bring Your Own Keys)". It documents pages and behaviour, no calls; what its pages do is done with the
//! native calls here, and in the browser by `end2end/tests`.

use super::{call_model, served_by, valid};
use crate::harness::{Call, TestApp};
use latchkey::sandbox::{Behaviour, Sandbox};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::time::{Duration, Instant};

const KEYS: &str = "/api/v1/projects/main/keys";

/// Somebody at the Provider Keys page.
struct Customer {
    app: TestApp,
    token: String,
}

impl Customer {
    async fn new(pool: PgPool) -> Self {
        let app = TestApp::start(pool).await;
        app.allow_platform_keys().await;
        let token = app.project_token(&["read:byok", "write:byok", "use:gateway"]).await;
        Self { app, token }
    }

    fn call(&self, method: &str, path: &str) -> Call {
        self.app.call(method, path).bearer(&self.token).header("if-match", "*")
    }

    async fn add(&self, provider: &str, secret: &str) -> Value {
        let body = json!({ "provider": provider, "secret": secret });
        self.call("POST", KEYS).json(body).send().await.expect(201)["key"].clone()
    }

    async fn look_at(&self, key: &Value) -> Value {
        self.call("GET", &path(key)).send().await.expect(200)
    }

    async fn served(&self, provider: &str) -> (String, String) {
        let answer = call_model(&self.app, &self.token, provider).await;
        let (source, reason) = served_by(&answer);
        (source.to_owned(), reason.to_owned())
    }
}

fn path(key: &Value) -> String {
    format!("{KEYS}/{}", key["id"].as_str().unwrap())
}

fn by(source: &str, reason: &str) -> (String, String) {
    (source.to_owned(), reason.to_owned())
}

/// "Click Test to validate the key against the provider's API. Click Save": saving tests first, so that nothing untested is
/// saved.
#[sqlx::test(migrations = false)]
async fn a_key_is_tested_before_it_is_saved(pool: PgPool) {
    let customer = Customer::new(pool).await;
    for provider in ["openai", "anthropic", "gemini", "mistral"] {
        let refused = json!({ "provider": provider, "secret": Sandbox::key(provider, Behaviour::Revoked) });
        let refused = customer.call("POST", KEYS).json(refused).send().await;
        refused.problem(400, "invalid_api_key");
        let key = customer.add(provider, &valid(provider, "c123")).await;
        assert_eq!(key["health"]["status"], "healthy", "{provider}");
        assert!(
            key["redacted"].as_str().unwrap().ends_with("...c123"),
            "{provider}: {key}"
        );
    }
    let list = customer.call("GET", KEYS).send().await.expect(200);
    assert_eq!(list["keys"].as_array().unwrap().len(), 4);
}

/// "Each provider can have one active key", in the sense that calls use one; "Toggle a key without deleting it".
#[sqlx::test(migrations = false)]
async fn one_key_a_provider_is_in_use_and_can_be_toggled(pool: PgPool) {
    let customer = Customer::new(pool).await;
    let (first, second) = (valid("openai", "1111"), valid("openai", "2222"));
    let key = customer.add("openai", &first).await;
    let other = customer.add("openai", &second).await;
    assert_eq!(
        (&key["is_default"], &other["is_default"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(customer.served("openai").await, by("byok", ""));
    let calls = customer.app.sandbox.calls_with(&second);
    assert_eq!(customer.served("openai").await, by("byok", ""));
    assert_eq!(
        customer.app.sandbox.calls_with(&second),
        calls,
        "only the key in use is sent anywhere"
    );

    let toggle = |is_active: bool| {
        customer
            .call("PATCH", &path(&key))
            .json(json!({ "is_active": is_active }))
    };
    toggle(false).send().await.expect(200);
    assert_eq!(customer.served("openai").await, by("platform", "key_disabled"));
    toggle(true).send().await.expect(200);
    assert_eq!(customer.served("openai").await, by("byok", ""));
}

/// "Validate your key works at any time".
#[sqlx::test(migrations = false)]
async fn a_connection_is_tested_at_any_time(pool: PgPool) {
    let customer = Customer::new(pool).await;
    let secret = valid("mistral", "c123");
    let key = customer.add("mistral", &secret).await;
    let test = || customer.call("POST", &format!("{}/test", path(&key)));
    assert_eq!(test().send().await.expect(200)["health"]["status"], "healthy");
    customer.app.sandbox.revoke(&secret);
    assert_eq!(test().send().await.expect(200)["health"]["status"], "unhealthy");
}

/// "Soft-deleted (recoverable for 90 days, then permanently removed)".
#[sqlx::test(migrations = false)]
async fn a_deleted_key_is_recoverable_for_90_days(pool: PgPool) {
    let customer = Customer::new(pool).await;
    let key = customer.add("openai", &valid("openai", "c123")).await;
    let delete = || customer.call("DELETE", &path(&key)).send();
    let restore = || customer.call("POST", &format!("{}/restore", path(&key))).send();
    let deleted = || async {
        let list = customer
            .call("GET", &format!("{KEYS}?deleted=true"))
            .send()
            .await
            .expect(200);
        list["keys"].as_array().unwrap().len()
    };
    assert_eq!(delete().await.status.as_u16(), 204);
    assert_eq!(customer.served("openai").await, by("platform", "no_key"));
    assert_eq!(deleted().await, 1);
    customer.app.pass(Duration::from_hours(24 * 89));
    assert_eq!(restore().await.expect(200)["deleted_at"], Value::Null);
    assert_eq!(customer.served("openai").await, by("byok", ""));

    assert_eq!(delete().await.status.as_u16(), 204);
    customer.app.pass(Duration::from_hours(24 * 91));
    assert_eq!(deleted().await, 0);
    restore().await.problem(404, "not_found");
    // Nothing is erased before the database's own clock says so, too.
    sqlx::query("update provider_keys set deleted_at = now() - interval '91 days'")
        .execute(&customer.app.database)
        .await
        .unwrap();
    customer.app.services.keys.purge_due().await.unwrap();
    let kept: Option<Vec<u8>> = sqlx::query_scalar("select sealed from provider_keys")
        .fetch_one(&customer.app.database)
        .await
        .unwrap();
    assert_eq!(kept, None, "permanently removed");
}

/// "Layer detects the authentication error. The key is marked as invalid in the dashboard. Requests fall back".
#[sqlx::test(migrations = false)]
async fn a_key_that_becomes_invalid_is_marked_and_calls_fall_back(pool: PgPool) {
    let customer = Customer::new(pool).await;
    let secret = valid("openai", "c123");
    let key = customer.add("openai", &secret).await;
    customer.app.sandbox.revoke(&secret);
    assert_eq!(customer.served("openai").await, by("platform", "key_rejected"));
    let begun = Instant::now();
    loop {
        let health = customer.look_at(&key).await["health"].clone();
        if health["status"] == "unhealthy" {
            assert_eq!(health["reason"], "invalid");
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{health}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
