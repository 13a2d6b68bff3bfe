//! Who may call what: 401, then 403, then everything else.

use super::{KEYS, OPENAI, TOKENS, openai_key, put_openai};
use crate::harness::TestApp;
use latchkey::sandbox::Behaviour;
use latchkey::web::rest;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::time::Duration;

/// A path of an operation with its braces filled in by what is not there.
fn filled(path: &str, project: &str) -> String {
    let fill = |part: &str| match part {
        "{project}" => project.to_owned(),
        "{provider}" => "openai".to_owned(),
        part if part.starts_with('{') => "no-id".to_owned(),
        part => part.to_owned(),
    };
    path.split('/').map(fill).collect::<Vec<_>>().join("/")
}

#[sqlx::test(migrations = false)]
async fn every_operation_asks_who_and_then_whether(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let powerless = app.token(&["use:gateway"]).await;
    for operation in rest::operations() {
        let method = operation.method.as_str();
        let path = filled(operation.path, "nosuchproject");
        let anonymous = app.call(method, &path).body("no json").send().await;
        anonymous.problem(401, "unauthenticated");
        assert_eq!(anonymous.header("www-authenticate"), "Bearer", "{operation:?}");
        let answer = app.call(method, &path).bearer(&powerless).body("no json").send().await;
        match operation.scope {
            Some(scope) => {
                let problem = answer.problem(403, "insufficient_scope");
                assert!(
                    problem["detail"].as_str().unwrap().contains(scope.as_str()),
                    "{operation:?}"
                );
            }
            None if operation.path.contains("{project}") => drop(answer.problem(404, "not_found")),
            None => drop(answer.expect(200)),
        }
    }
}

#[sqlx::test(migrations = false)]
async fn revoked_expired_and_forged_tokens_are_nobodys(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.token(&["*"]).await;
    let made = app
        .call("POST", TOKENS)
        .bearer(&admin)
        .json(json!({ "expires_days": 1 }))
        .send()
        .await
        .expect(201);
    let token = made["key"].as_str().unwrap();
    let status = |token: String| {
        let call = app.call("GET", KEYS).bearer(&token);
        async { call.send().await.status.as_u16() }
    };
    assert_eq!(status(token.to_owned()).await, 200);
    assert_eq!(status(token.to_uppercase()).await, 401);
    assert_eq!(status(format!("{token}0")).await, 401);
    assert_eq!(status("sk-proj-FAKE".to_owned()).await, 401);
    let basic = app
        .call("GET", KEYS)
        .header("authorization", "Basic bGF0Y2g6a2V5")
        .send()
        .await;
    basic.problem(401, "unauthenticated");
    app.pass(Duration::from_hours(25));
    assert_eq!(status(token.to_owned()).await, 401, "expired");

    let made = app
        .call("POST", TOKENS)
        .bearer(&admin)
        .json(json!({}))
        .send()
        .await
        .expect(201);
    let path = format!("{TOKENS}/{}", made["key_id"].as_str().unwrap());
    assert_eq!(
        app.call("DELETE", &path).bearer(&admin).send().await.expect(200),
        json!({ "success": true })
    );
    assert_eq!(status(made["key"].as_str().unwrap().to_owned()).await, 401, "revoked");
}

#[sqlx::test(migrations = false)]
async fn nobody_sees_another_organization(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (own, foreign) = (app.token(&["*"]).await, app.foreign_token().await);
    put_openai(&app, &own, &openai_key(Behaviour::Valid)).await.expect(200);
    // Both organizations call their project "main"; each sees its own.
    assert_eq!(
        app.call("GET", KEYS).bearer(&foreign).send().await.expect(200),
        json!({ "keys": [] })
    );
    // All others: see the matrix.
    for operation in rest::operations()
        .iter()
        .filter(|operation| operation.id.starts_with("byok_keys."))
    {
        let path = filled(operation.path, &app.own.project.id.to_string());
        let call = app.call(operation.method.as_str(), &path).bearer(&foreign);
        let body = match operation.id {
            "byok_keys.put" => json!({ "api_key": openai_key(Behaviour::Valid) }),
            "byok_keys.patch" => json!({ "is_active": false }),
            _ => json!({}),
        };
        call.json(body).send().await.problem(404, "not_found");
    }
    assert_eq!(
        app.call("GET", OPENAI).bearer(&own).send().await.expect(200)["is_active"],
        true
    );
}

#[sqlx::test(migrations = false)]
async fn a_token_of_one_project_reaches_no_other(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let admin = app.token(&["*"]).await;
    let other = app
        .call("POST", "/api/v1/projects")
        .bearer(&admin)
        .json(json!({ "name": "Other" }))
        .send()
        .await;
    let other = other.expect(201)["id"].as_str().unwrap().to_owned();
    let token = app.project_token(&["*"]).await;
    for project in [&*other, "other"] {
        let path = format!("/api/v1/projects/{project}/byok-keys");
        app.call("GET", &path)
            .bearer(&token)
            .send()
            .await
            .problem(404, "not_found");
        app.call("GET", &path).bearer(&admin).send().await.expect(200);
    }
    let seen = app
        .call("GET", "/api/v1/projects")
        .bearer(&token)
        .send()
        .await
        .expect(200);
    assert_eq!(seen["projects"].as_array().unwrap().len(), 1);
    app.call("POST", "/api/v1/projects")
        .bearer(&token)
        .json(json!({ "name": "Third" }))
        .send()
        .await
        .problem(403, "insufficient_scope");
}

#[sqlx::test(migrations = false)]
async fn refusals_are_told_to_the_audit_trail_folded(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let reader = app.token(&["read:byok"]).await;
    for _ in 0..3 {
        put_openai(&app, &reader, &openai_key(Behaviour::Valid))
            .await
            .problem(403, "insufficient_scope");
    }
    app.call("DELETE", "/api/v1/projects/nosuchproject/byok-keys/openai")
        .send()
        .await
        .problem(401, "unauthenticated");
    app.services.refusals.flush(true).await.unwrap();
    let events: Vec<(String, String, Value)> =
        sqlx::query_as("select actor_kind, target_id, details from audit_events where event = 'access.refused'")
            .fetch_all(&app.database)
            .await
            .unwrap();
    assert_eq!(
        events,
        [("token".to_owned(), "byok_keys.put".to_owned(), json!({ "times": 3 }))]
    );
}
