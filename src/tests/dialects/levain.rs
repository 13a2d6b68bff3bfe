//! Levain: "Bring Your Own Key".

use super::{Reader, served_by, valid};
use latchkey::sandbox::{Behaviour, Sandbox};
use serde_json::json;
use sqlx::PgPool;

const HOST: &str = "https://api.levainlabs.com";
const CREDENTIAL: &str = "LEVAIN_API_KEY";

const REGISTER: &str = r#"curl -X POST https://api.levainlabs.com/api/v1/byok/anthropic \
  -H "Authorization: Bearer $LEVAIN_API_KEY" \
  -H "Content-Type: application/json" \
  -d '{"api_key": "sk-ant-..."}'"#;

const LIST: &str = r#"curl https://api.levainlabs.com/api/v1/byok \
  -H "Authorization: Bearer $LEVAIN_API_KEY""#;

const REVOKE: &str = r#"curl -X DELETE https://api.levainlabs.com/api/v1/byok/$KEY_ID \
  -H "Authorization: Bearer $LEVAIN_API_KEY""#;

/// The command with a key in place of the elided one.
fn register(secret: &str) -> String {
    REGISTER.replace("sk-ant-...", secret)
}

#[sqlx::test(migrations = false)]
async fn a_key_is_registered_listed_and_revoked(pool: PgPool) {
    let reader = Reader::new(pool, HOST, CREDENTIAL).await;
    let secret = valid("anthropic", "f3Qz");
    let registered = reader.run(&register(&secret), &[]).await.expect(201, &[&secret]);
    let id = registered["key_id"].as_str().unwrap();

    // "metadata only — provider, when the key was added, the last four characters"
    let list = reader.run(LIST, &[]).await.expect(200, &[&secret]);
    let [key] = list["keys"].as_array().unwrap().as_slice() else {
        panic!("{list}")
    };
    assert_eq!(key, &registered);
    assert_eq!(
        (&key["provider"], &key["last_four"]),
        (&json!("anthropic"), &json!("f3Qz"))
    );
    assert!(key["created_at"].as_str().unwrap().ends_with('Z'), "{key}");

    reader.run(REVOKE, &[("KEY_ID", id)]).await.expect_nothing();
    assert_eq!(reader.run(LIST, &[]).await.expect(200, &[]), json!({ "keys": [] }));
    reader.run(REVOKE, &[("KEY_ID", id)]).await.expect(404, &[]);
}

#[sqlx::test(migrations = false)]
async fn the_key_registered_last_serves_until_it_is_revoked(pool: PgPool) {
    let reader = Reader::new(pool, HOST, CREDENTIAL).await;
    reader.app.allow_platform_keys().await;
    let (first, second) = (valid("anthropic", "1111"), valid("anthropic", "2222"));
    reader.run(&register(&first), &[]).await.expect(201, &[]);
    let registered = reader.run(&register(&second), &[]).await.expect(201, &[]);
    assert_eq!(served_by(&reader.call_model("anthropic").await), ("byok", ""));
    let calls = |secret: &str| reader.app.sandbox.calls_with(secret);
    let before = (calls(&first), calls(&second));
    assert_eq!(served_by(&reader.call_model("anthropic").await), ("byok", ""));
    assert_eq!((calls(&first), calls(&second)), (before.0, before.1 + 1));

    // "unless you've registered another key for the same provider"
    let id = registered["key_id"].as_str().unwrap();
    reader.run(REVOKE, &[("KEY_ID", id)]).await.expect_nothing();
    let before = calls(&first);
    assert_eq!(served_by(&reader.call_model("anthropic").await), ("byok", ""));
    assert_eq!(calls(&first), before + 1);

    // "New runs after the revocation fall back to Levain's provider accounts"
    let list = reader.run(LIST, &[]).await.expect(200, &[]);
    let id = list["keys"][0]["key_id"].as_str().unwrap();
    reader.run(REVOKE, &[("KEY_ID", id)]).await.expect_nothing();
    assert_eq!(served_by(&reader.call_model("anthropic").await), ("platform", "no_key"));
}

#[sqlx::test(migrations = false)]
async fn a_key_that_the_provider_refuses_is_not_registered(pool: PgPool) {
    let reader = Reader::new(pool, HOST, CREDENTIAL).await;
    let secret = Sandbox::key("anthropic", Behaviour::Revoked);
    let refused = reader.run(&register(&secret), &[]).await.expect(400, &[&secret]);
    assert_eq!(refused["code"], "invalid_api_key");
    assert_eq!(reader.run(LIST, &[]).await.expect(200, &[]), json!({ "keys": [] }));
}
