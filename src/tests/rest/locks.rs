//! The panic switch over REST.

use super::{openai_key, put_openai};
use crate::harness::{Answer, TestApp};
use latchkey::sandbox::Behaviour;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::time::{Duration, Instant};

const LOCKS: &str = "/api/v1/locks";

async fn call_model(app: &TestApp, token: &str) -> Answer {
    let call = app.call("POST", "/gateway/openai/v1/chat/completions").bearer(token);
    let body = json!({ "model": "gpt-4o-mini", "messages": [{ "role": "user", "content": "Name one colour." }] });
    call.header("x-latchkey-project", "main").json(body).send().await
}

/// Waits for this status, which every instance answers within a second.
async fn until(app: &TestApp, token: &str, status: u16) {
    let begun = Instant::now();
    loop {
        let answer = call_model(app, token).await;
        if answer.status.as_u16() == status {
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(1), "{}", answer.text());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[sqlx::test(migrations = false)]
async fn nothing_passes_while_it_is_locked(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["*"]).await;
    put_openai(&app, &token, &openai_key(Behaviour::Valid))
        .await
        .expect(200);
    until(&app, &token, 200).await;
    let lock = |body: Value| app.call("POST", LOCKS).bearer(&token).json(body).send();
    let made = lock(json!({ "provider": "openai", "project": "main", "reason": "found in a log" }))
        .await
        .expect(201);
    assert_eq!(
        (&made["provider"], &made["reason"]),
        (&json!("openai"), &json!("found in a log"))
    );
    assert_eq!(made["project_id"], app.own.project.id.to_string());
    until(&app, &token, 423).await;
    lock(json!({ "provider": "openai", "project": "main" }))
        .await
        .problem(409, "conflict");
    lock(json!({ "provider": "nobody" })).await.problem(404, "not_found");

    let everything = app.call("POST", LOCKS).bearer(&token).send().await.expect(201);
    assert_eq!(
        (&everything["provider"], &everything["project_id"]),
        (&Value::Null, &Value::Null)
    );
    let list = app.call("GET", LOCKS).bearer(&token).send().await.expect(200);
    assert_eq!(list["locks"], json!([everything, made]));

    for one in [&made, &everything] {
        let path = format!("{LOCKS}/{}", one["id"].as_str().unwrap());
        app.call("DELETE", &path)
            .bearer(&token)
            .send()
            .await
            .problem(400, "invalid_input");
        let unlocked = app
            .call("DELETE", &format!("{path}?reason=replaced"))
            .bearer(&token)
            .send()
            .await;
        assert_eq!(unlocked.status.as_u16(), 204, "{}", unlocked.text());
        let again = app
            .call("DELETE", &format!("{path}?reason=replaced"))
            .bearer(&token)
            .send()
            .await;
        again.problem(404, "not_found");
    }
    until(&app, &token, 200).await;
}
