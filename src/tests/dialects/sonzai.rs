//! Sonzai: "BYOK — Bring Your Own Key". Its SDK for JavaScript is no longer to be had; what its lines send is taken from its
//! SDK for Python, which `end2end/sdk/python/test_sonzai.py` runs as it is.

use super::{call_model, served_by, valid};
use crate::harness::{Answer, TestApp};
use latchkey::sandbox::{Behaviour, Sandbox};
use serde_json::{Value, json};
use sqlx::PgPool;

/// The document's lines, in its order.
const SET: &str = r#"const key = await client.byok.set("project_xyz", "openai", process.env.MY_OPENAI_KEY!);"#;
const LIST: &str = r#"const keys = await client.byok.list("project_xyz");"#;
const PAUSE: &str = r#"await client.byok.setActive("project_xyz", "openai", false);"#;
const TEST: &str = r#"const fresh = await client.byok.test("project_xyz", "openai");"#;
const DELETE: &str = r#"await client.byok.delete("project_xyz", "openai");"#;

/// The document's endpoints.
const ENDPOINTS: [(&str, &str); 5] = [
    ("GET", "/api/v1/projects/{projectId}/byok-keys"),
    ("PUT", "/api/v1/projects/{projectId}/byok-keys/{provider}"),
    ("PATCH", "/api/v1/projects/{projectId}/byok-keys/{provider}"),
    ("POST", "/api/v1/projects/{projectId}/byok-keys/{provider}/test"),
    ("DELETE", "/api/v1/projects/{projectId}/byok-keys/{provider}"),
];

/// The one call in a line: its name and arguments.
fn call_in(line: &str) -> (&str, Vec<&str>) {
    let (_, call) = line.split_once("client.byok.").unwrap();
    let (name, arguments) = call.split_once('(').unwrap();
    let (arguments, _) = arguments.split_once(')').unwrap();
    (name, arguments.split(", ").map(|one| one.trim_matches('"')).collect())
}

/// Does what a line does, with this token and this key in the environment, in the project `main`.
async fn run(app: &TestApp, token: &str, line: &str, my_openai_key: &str) -> Answer {
    let (name, arguments) = call_in(line);
    assert_eq!(arguments[0], "project_xyz");
    let (number, body) = match name {
        "list" => (0, None),
        "set" => {
            assert_eq!(arguments[2], "process.env.MY_OPENAI_KEY!");
            (1, Some(json!({ "api_key": my_openai_key })))
        }
        "setActive" => (2, Some(json!({ "is_active": arguments[2].parse::<bool>().unwrap() }))),
        "test" => (3, None),
        "delete" => (4, None),
        _ => panic!("{line}"),
    };
    let (method, path) = ENDPOINTS[number];
    let path = path.replace("{projectId}", "main");
    let path = path.replace("{provider}", arguments.get(1).copied().unwrap_or_default());
    let call = app.call(method, &path).bearer(token);
    match body {
        Some(body) => call.json(body).send().await,
        None => call.send().await,
    }
}

#[sqlx::test(migrations = false)]
async fn the_examples_run_in_their_order(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.allow_platform_keys().await;
    let token = app.project_token(&["read:byok", "write:byok", "use:gateway"]).await;
    let secret = valid("openai", "f3Qz");
    let key = run(&app, &token, SET, &secret).await.expect(200);
    assert_eq!(key["api_key_prefix"], "sk-proj-...f3Qz", "never the full key");
    assert_eq!(key["health_status"], "healthy", "after the synchronous probe");
    assert_eq!(served_by(&call_model(&app, &token, "openai").await), ("byok", ""));

    let keys = run(&app, &token, LIST, &secret).await;
    assert!(!keys.text().contains(&secret));
    let keys = keys.expect(200)["keys"].as_array().unwrap().clone();
    let [only] = keys.as_slice() else { panic!("{keys:?}") };
    for field in ["provider", "api_key_prefix", "health_status", "last_used_at"] {
        assert!(only.as_object().unwrap().contains_key(field), "{field}: {only}");
    }

    // "subsequent calls fall back to platform-managed billing"
    assert_eq!(run(&app, &token, PAUSE, &secret).await.expect(200)["is_active"], false);
    assert_eq!(
        served_by(&call_model(&app, &token, "openai").await),
        ("platform", "key_disabled")
    );
    assert_eq!(
        run(&app, &token, TEST, &secret).await.expect(200)["health_status"],
        "healthy"
    );

    let deleted = run(&app, &token, DELETE, &secret).await;
    assert_eq!((deleted.status.as_u16(), deleted.text()), (204, String::new()));
    assert_eq!(
        run(&app, &token, LIST, &secret).await.expect(200),
        json!({ "keys": [] })
    );
    // "remove it and the platform key kicks back in"
    assert_eq!(
        served_by(&call_model(&app, &token, "openai").await),
        ("platform", "no_key")
    );
}

#[sqlx::test(migrations = false)]
async fn a_bad_key_fails_at_setup_with_the_providers_words(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["read:byok", "write:byok"]).await;
    let refused = run(&app, &token, SET, &Sandbox::key("openai", Behaviour::Revoked)).await;
    let problem = refused.problem(400, "invalid_api_key");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("Incorrect API key provided"),
        "{problem}"
    );
    assert_eq!(
        run(&app, &token, LIST, "").await.expect(200),
        json!({ "keys": [] }),
        "no bad key gets persisted"
    );
}

#[sqlx::test(migrations = false)]
async fn each_call_needs_the_scope_that_the_document_names(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let both = app.project_token(&["read:byok", "write:byok"]).await;
    let secret = valid("openai", "f3Qz");
    let lines = [
        (SET, "write:byok"),
        (LIST, "read:byok"),
        (PAUSE, "write:byok"),
        (TEST, "write:byok"),
        (DELETE, "write:byok"),
    ];
    for (line, scope) in lines {
        run(&app, &both, SET, &secret).await.expect(200);
        let other = if scope == "read:byok" {
            "write:byok"
        } else {
            "read:byok"
        };
        let (with, without) = (app.project_token(&[scope]).await, app.project_token(&[other]).await);
        run(&app, &without, line, &secret)
            .await
            .problem(403, "insufficient_scope");
        assert!(run(&app, &with, line, &secret).await.status.is_success(), "{line}");
        // "Tenant-level credentials … automatically have access to all BYOK operations."
        run(&app, &both, SET, &secret).await.expect(200);
        assert!(
            run(&app, &app.token(&["*"]).await, line, &secret)
                .await
                .status
                .is_success(),
            "{line}"
        );
    }
    let made = app
        .call("POST", "/api/v1/projects/main/api-keys")
        .bearer(&app.token(&["*"]).await);
    made.json(json!({ "scopes": ["BYOK:Read"] }))
        .send()
        .await
        .problem(400, "invalid_input");
}

#[sqlx::test(migrations = false)]
async fn all_four_providers_can_be_plugged_in(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["read:byok", "write:byok"]).await;
    for provider in ["openai", "gemini", "xai", "openrouter"] {
        let line = SET.replace("\"openai\"", &format!("\"{provider}\""));
        let key = run(&app, &token, &line, &valid(provider, "f3Qz")).await.expect(200);
        assert_eq!(
            (&key["provider"], &key["health_status"]),
            (&json!(provider), &json!("healthy"))
        );
    }
    let keys = run(&app, &token, LIST, "").await.expect(200);
    assert_eq!(keys["keys"].as_array().map(Vec::len), Some(4));
}

#[sqlx::test(migrations = false)]
async fn a_rotated_key_takes_effect_on_the_next_call(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["read:byok", "write:byok", "use:gateway"]).await;
    let (old, new) = (valid("openai", "1111"), valid("openai", "2222"));
    run(&app, &token, SET, &old).await.expect(200);
    served_by(&call_model(&app, &token, "openai").await);
    run(&app, &token, SET, &new).await.expect(200);
    let before = (app.sandbox.calls_with(&old), app.sandbox.calls_with(&new));
    served_by(&call_model(&app, &token, "openai").await);
    assert_eq!(
        (app.sandbox.calls_with(&old), app.sandbox.calls_with(&new)),
        (before.0, before.1 + 1)
    );
}

/// A health field that a monitor watches.
fn health(key: &Value) -> (&Value, bool) {
    (&key["health_status"], key["last_health_error"].is_string())
}

#[sqlx::test(migrations = false)]
async fn a_monitor_sees_a_revoked_key_before_users_do(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["read:byok", "write:byok"]).await;
    let secret = valid("openai", "f3Qz");
    run(&app, &token, SET, &secret).await.expect(200);
    app.sandbox.revoke(&secret);
    run(&app, &token, TEST, &secret).await.expect(200);
    let keys = run(&app, &token, LIST, &secret).await.expect(200);
    assert_eq!(health(&keys["keys"][0]), (&json!("unhealthy"), true));
    assert!(keys["keys"][0]["last_health_check_at"].is_string());
}

/// "tenant-level API keys may manage any project they own; project-scoped keys must match the requested `project_id`
/// exactly", and "If you want different keys for different agents in the same project, use separate projects".
#[sqlx::test(migrations = false)]
async fn a_key_of_the_api_reaches_the_projects_that_it_is_for(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (whole, own) = (
        app.token(&["*"]).await,
        app.project_token(&["read:byok", "write:byok"]).await,
    );
    let second = app.call("POST", "/api/v1/projects").bearer(&whole);
    let second = second.json(json!({ "name": "Second" })).send().await.expect(201);
    let second = second["id"].as_str().unwrap();
    let put = |token: &str, project: &str, secret: &str| {
        let path = ENDPOINTS[1]
            .1
            .replace("{projectId}", project)
            .replace("{provider}", "openai");
        let call = app.call("PUT", &path).bearer(token);
        call.json(json!({ "api_key": secret })).send()
    };
    let (first_secret, second_secret) = (valid("openai", "1111"), valid("openai", "2222"));
    let main = app.own.project.id.to_string();
    put(&own, &main, &first_secret).await.expect(200);
    put(&own, second, &second_secret).await.problem(404, "not_found");
    put(&whole, second, &second_secret).await.expect(200);
    let foreign = app.foreign.project.id.to_string();
    put(&whole, &foreign, &second_secret).await.problem(404, "not_found");
    for (project, secret) in [("main", &first_secret), ("second", &second_secret)] {
        let call = app.call("POST", "/gateway/openai/v1/chat/completions").bearer(&whole);
        let body = json!({ "model": "gpt-4o-mini", "messages": [{ "role": "user", "content": "Hello" }] });
        let answer = call.header("x-latchkey-project", project).json(body).send().await;
        served_by(&answer);
        assert_eq!(app.sandbox.calls().pop().unwrap().key, *secret);
    }
}
