//! Tokens over REST.

use super::{KEYS, TOKENS, fields};
use crate::harness::TestApp;
use serde_json::{Value, json};
use sqlx::PgPool;

const MADE_FIELDS: [&str; 11] = [
    "created_at",
    "created_by",
    "expires_at",
    "is_active",
    "key",
    "key_id",
    "key_prefix",
    "name",
    "project_id",
    "scopes",
    "tenant_id",
];

#[sqlx::test(migrations = false)]
async fn a_token_is_made_listed_used_and_revoked(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.token(&["*"]).await;
    let body = json!({ "name": "CI", "scopes": ["read:byok"], "expires_days": 30 });
    let made = app
        .call("POST", TOKENS)
        .bearer(&admin)
        .json(body)
        .send()
        .await
        .expect(201);
    assert_eq!(fields(&made), MADE_FIELDS);
    assert_eq!((&made["name"], &made["scopes"]), (&json!("CI"), &json!(["read:byok"])));
    assert_eq!(made["project_id"], json!(app.own.project.id));
    assert_eq!(made["tenant_id"], json!(app.own.owner.org));
    assert_eq!((&made["is_active"], &made["created_by"]), (&json!(true), &json!("*")));
    let token = made["key"].as_str().unwrap();
    assert!(token.starts_with(made["key_prefix"].as_str().unwrap()));
    app.call("GET", KEYS).bearer(token).send().await.expect(200);

    let list = app.call("GET", TOKENS).bearer(&admin).send().await;
    assert!(!list.text().contains(token), "a token is shown once");
    let list = list.expect(200);
    let listed = list["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["key_id"] == made["key_id"])
        .unwrap();
    let mut expected: Vec<_> = MADE_FIELDS.into_iter().filter(|field| *field != "key").collect();
    expected.extend(["last_used_at", "is_admin_managed"]);
    expected.sort_unstable();
    assert_eq!(fields(listed), expected);
    assert_eq!(listed["is_admin_managed"], false);
    assert!(listed["last_used_at"].is_string());
    for field in expected.iter().filter(|field| MADE_FIELDS.contains(field)) {
        assert_eq!(listed[field], made[field], "{field}");
    }

    let path = format!("{TOKENS}/{}", made["key_id"].as_str().unwrap());
    assert_eq!(
        app.call("DELETE", &path).bearer(&admin).send().await.expect(200),
        json!({ "success": true })
    );
    let list = app.call("GET", TOKENS).bearer(&admin).send().await.expect(200);
    let listed = list["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|key| key["key_id"] == made["key_id"])
        .unwrap();
    assert_eq!(listed["is_active"], false);
}

#[sqlx::test(migrations = false)]
async fn none_asked_for_is_everything_and_never(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.token(&["*"]).await;
    let made = app
        .call("POST", TOKENS)
        .bearer(&admin)
        .json(json!({ "expires_days": 0 }))
        .send()
        .await
        .expect(201);
    assert_eq!((&made["scopes"], &made["expires_at"]), (&json!(["*"]), &Value::Null));
}

#[sqlx::test(migrations = false)]
async fn nobody_gives_away_what_they_do_not_hold(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let maker = app.token(&["write:tokens", "read:byok"]).await;
    let make = |scopes: Value| {
        app.call("POST", TOKENS)
            .bearer(&maker)
            .json(json!({ "scopes": scopes }))
    };
    make(json!(["read:byok"])).send().await.expect(201);
    make(json!(["write:tokens", "read:byok"])).send().await.expect(201);
    for scopes in [
        json!(["write:byok"]),
        json!(["read:byok", "write:byok"]),
        json!(["*"]),
        json!([]),
        Value::Null,
    ] {
        make(scopes).send().await.problem(403, "insufficient_scope");
    }
}

#[sqlx::test(migrations = false)]
async fn a_token_of_one_project_ends_none_of_the_whole_organization(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.token(&["*"]).await;
    let list = app.call("GET", TOKENS).bearer(&admin).send().await.expect(200);
    let of_all = &list["keys"][0];
    assert_eq!(of_all["project_id"], Value::Null);
    let path = format!("{TOKENS}/{}", of_all["key_id"].as_str().unwrap());
    let local = app.project_token(&["*"]).await;
    app.call("DELETE", &path)
        .bearer(&local)
        .send()
        .await
        .problem(404, "not_found");
    app.call("GET", KEYS).bearer(&admin).send().await.expect(200);
}
