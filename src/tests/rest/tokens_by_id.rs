//! The organization's tokens by their ids.

use super::fields;
use crate::harness::{Call, TestApp};
use serde_json::{Value, json};
use sqlx::PgPool;

const TOKENS: &str = "/api/v1/tokens";

#[sqlx::test(migrations = false)]
async fn a_token_is_made_seen_and_revoked(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.token(&["*"]).await;
    let call = |method: &str, path: &str| -> Call { app.call(method, path).bearer(&admin) };
    let body = json!({ "name": "nightly", "scopes": ["read:byok"], "project": "main", "expires_days": 7 });
    let made = call("POST", TOKENS).json(body).send().await.expect(201);
    assert_eq!(fields(&made), ["text", "token"]);
    let (text, token) = (made["text"].as_str().unwrap(), &made["token"]);
    assert!(text.starts_with(token["prefix"].as_str().unwrap()));
    assert_eq!(token["project_id"], app.own.project.id.to_string());
    assert_eq!(
        (&token["scopes"], &token["is_active"]),
        (&json!(["read:byok"]), &json!(true))
    );

    let path = format!("{TOKENS}/{}", token["id"].as_str().unwrap());
    let seen = call("GET", &path).send().await;
    assert!(!seen.text().contains(text));
    assert_eq!(&seen.expect(200), token);
    let works = || app.call("GET", "/api/v1/projects/main/keys").bearer(text).send();
    works().await.expect(200);
    let revoked = call("DELETE", &path).send().await.expect(200);
    assert_eq!(revoked["is_active"], false);
    assert!(revoked["revoked_at"].is_string());
    works().await.problem(401, "unauthenticated");
    assert_eq!(
        call("DELETE", &path).send().await.expect(200),
        revoked,
        "twice changes nothing"
    );
    let list = call("GET", TOKENS).send().await.expect(200);
    assert_eq!(
        list["tokens"][0]["id"], token["id"],
        "the newest first, revoked ones among them"
    );
}

#[sqlx::test(migrations = false)]
async fn a_token_holds_no_more_than_its_maker(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let maker = app.token(&["write:tokens", "read:byok"]).await;
    let make = |body: Value| app.call("POST", TOKENS).bearer(&maker).json(body).send();
    make(json!({ "scopes": ["read:byok"] })).await.expect(201);
    make(json!({ "scopes": ["write:byok"] }))
        .await
        .problem(403, "insufficient_scope");
    make(json!({ "scopes": ["*"] }))
        .await
        .problem(403, "insufficient_scope");
    // Left out, Sonzai's dialect means everything; here it is said.
    make(json!({})).await.problem(400, "invalid_input");
    make(json!({ "scopes": ["read:byok"], "project": "nosuchproject" }))
        .await
        .problem(404, "not_found");
}

#[sqlx::test(migrations = false)]
async fn a_token_of_one_project_sees_none_of_the_organizations(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["*"]).await;
    app.call("GET", TOKENS)
        .bearer(&token)
        .send()
        .await
        .problem(403, "insufficient_scope");
    let whole = json!({ "scopes": ["read:byok"] });
    app.call("POST", TOKENS)
        .bearer(&token)
        .json(whole)
        .send()
        .await
        .problem(403, "insufficient_scope");
    let own = json!({ "scopes": ["read:byok"], "project": "main" });
    app.call("POST", TOKENS)
        .bearer(&token)
        .json(own)
        .send()
        .await
        .expect(201);
}
