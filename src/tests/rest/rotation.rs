//! Rotation over REST.

use super::openai_key;
use crate::harness::{Call, TestApp};
use latchkey::sandbox::Behaviour;
use serde_json::{Value, json};
use sqlx::PgPool;

const KEYS: &str = "/api/v1/projects/main/keys";

#[sqlx::test(migrations = false)]
async fn the_old_key_lives_on_until_its_overlap_ends(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["read:byok", "write:byok"]).await;
    let call = |method: &str, path: &str| -> Call { app.call(method, path).bearer(&token) };
    let secret = |number: u32| format!("{}-{number}", openai_key(Behaviour::Valid));
    let body = json!({ "provider": "openai", "name": "Production", "secret": secret(1) });
    let old = call("POST", KEYS).json(body).send().await.expect(201)["key"].clone();
    let path = |key: &Value, action: &str| format!("{KEYS}/{}{action}", key["id"].as_str().unwrap());

    let wrong = json!({ "secret": secret(2), "overlap": "2h" });
    call("POST", &path(&old, "/rotate"))
        .json(wrong)
        .send()
        .await
        .problem(400, "invalid_input");
    call("POST", &path(&old, "/end-overlap"))
        .send()
        .await
        .problem(409, "conflict");

    let rotated = call("POST", &path(&old, "/rotate")).json(json!({ "secret": secret(2), "overlap": "1h" }));
    let new = rotated.send().await.expect(201)["key"].clone();
    assert_eq!((&new["name"], &new["is_default"]), (&json!("Production"), &json!(true)));
    let before = call("GET", &path(&old, "")).send().await.expect(200);
    assert_eq!(
        (&before["is_default"], &before["is_active"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(before["superseded_by"], new["id"]);
    assert!(before["retires_at"].is_string(), "{before}");
    let twice = call("POST", &path(&old, "/rotate"))
        .json(json!({ "secret": secret(3) }))
        .send()
        .await;
    twice.problem(409, "conflict");

    call("POST", &path(&old, "/end-overlap")).send().await.expect(200);
    call("GET", &path(&old, "")).send().await.problem(404, "not_found");
    let list = call("GET", KEYS).send().await.expect(200);
    assert_eq!(list["keys"].as_array().unwrap().len(), 1);
}

#[sqlx::test(migrations = false)]
async fn a_key_that_the_provider_refuses_does_not_take_over(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["read:byok", "write:byok"]).await;
    let call = |method: &str, path: &str| -> Call { app.call(method, path).bearer(&token) };
    let body = json!({ "provider": "openai", "secret": openai_key(Behaviour::Valid) });
    let old = call("POST", KEYS).json(body).send().await.expect(201)["key"].clone();
    let path = format!("{KEYS}/{}", old["id"].as_str().unwrap());
    let rotated = call("POST", &format!("{path}/rotate")).json(json!({ "secret": openai_key(Behaviour::Revoked) }));
    rotated.send().await.problem(400, "invalid_api_key");
    assert_eq!(call("GET", &path).send().await.expect(200), old);
}
