//! What is wrong is named, nothing is saved, the old key stays.

use super::{KEYS, OPENAI, TOKENS, listed, openai_key, put_openai};
use crate::harness::TestApp;
use latchkey::sandbox::Behaviour;
use serde_json::json;
use sqlx::PgPool;

/// What is sent (name, content type, body), and what comes of it (status, code, fields).
type Case = (
    &'static str,
    &'static str,
    String,
    u16,
    &'static str,
    &'static [&'static str],
);

const SECRET: &str = "sk-proj-FAKE-4mA9xQ7-never-quoted-cdef";

#[sqlx::test(migrations = false)]
async fn bad_bodies_are_refused_with_a_typed_problem(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["read:byok", "write:byok"]).await;
    put_openai(&app, &token, &openai_key(Behaviour::Valid))
        .await
        .expect(200);
    let before = listed(&app, &token).await;
    let json = "application/json";
    let with = |secret: &str| json!({ "api_key": secret }).to_string();
    let unknown_word = json!({ "api_key": SECRET, "colour": "blue" }).to_string();
    let secret_as_name = json!({ SECRET: "api_key" }).to_string();
    let cases: [Case; 18] = [
        ("empty secret", json, with(""), 400, "invalid_input", &["api_key"]),
        ("blank secret", json, with(" \n"), 400, "invalid_input", &["api_key"]),
        (
            "control characters",
            json,
            with(&format!("{SECRET}\u{7}")),
            400,
            "invalid_input",
            &["api_key"],
        ),
        (
            "two lines",
            json,
            with(&format!("{SECRET}\n{SECRET}")),
            400,
            "invalid_input",
            &["api_key"],
        ),
        (
            "9 KB secret",
            json,
            with(&SECRET.repeat(240)),
            400,
            "invalid_input",
            &["api_key"],
        ),
        (
            "1 MB secret",
            json,
            with(&SECRET.repeat(27_000)),
            413,
            "payload_too_large",
            &[],
        ),
        (
            "admin key",
            json,
            with("sk-admin-FAKE-4mA9xQ7"),
            400,
            "invalid_input",
            &["api_key"],
        ),
        ("no secret", json, "{}".to_owned(), 400, "invalid_input", &["api_key"]),
        (
            "null secret",
            json,
            json!({ "api_key": null }).to_string(),
            400,
            "invalid_input",
            &["api_key"],
        ),
        (
            "number",
            json,
            json!({ "api_key": 7 }).to_string(),
            400,
            "invalid_input",
            &["api_key"],
        ),
        ("unknown field", json, unknown_word, 400, "invalid_input", &["colour"]),
        ("secret as a name", json, secret_as_name, 400, "invalid_input", &[]),
        ("no object", json, format!("[\"{SECRET}\"]"), 400, "invalid_input", &[]),
        (
            "broken off",
            json,
            format!("{{\"api_key\": \"{SECRET}"),
            400,
            "invalid_json",
            &[],
        ),
        ("no body", json, String::new(), 400, "invalid_json", &[]),
        ("text", "text/plain", with(SECRET), 415, "unsupported_media_type", &[]),
        (
            "form",
            "application/x-www-form-urlencoded",
            format!("api_key={SECRET}"),
            415,
            "unsupported_media_type",
            &[],
        ),
        ("no type", "", with(SECRET), 415, "unsupported_media_type", &[]),
    ];
    for (case, content_type, body, status, code, wrong) in cases {
        let call = app
            .call("PUT", OPENAI)
            .bearer(&token)
            .header("content-type", content_type);
        let answer = call.body(body).send().await;
        answer.problem(status, code);
        assert_eq!(answer.wrong_fields(), wrong, "{case}");
        assert!(!answer.text().contains("4mA9xQ7"), "{case}: {}", answer.text());
        assert_eq!(listed(&app, &token).await, before, "{case}");
    }
}

#[sqlx::test(migrations = false)]
async fn a_body_of_unknown_length_has_the_same_limit(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["write:byok"]).await;
    let large = json!({ "api_key": SECRET.repeat(27_000) });
    let put = || app.call("PUT", OPENAI).bearer(&token).json(large.clone()).chunked();
    put().send().await.problem(413, "payload_too_large");
    put()
        .header("idempotency-key", "large")
        .send()
        .await
        .problem(413, "payload_too_large");
}

#[sqlx::test(migrations = false)]
async fn an_endpoint_is_for_azure_and_must_be_azures(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["read:byok", "write:byok"]).await;
    let put = |provider: &str, endpoint: Option<&str>| {
        let body = json!({ "api_key": SECRET, "endpoint": endpoint });
        app.call("PUT", &format!("{KEYS}/{provider}")).bearer(&token).json(body)
    };
    for (provider, endpoint) in [
        ("openai", Some("https://contoso.openai.azure.com")),
        ("azure_openai", None),
        ("azure_openai", Some("http://contoso.openai.azure.com")),
        ("azure_openai", Some("https://169.254.169.254")),
        ("azure_openai", Some("http://127.0.0.1:5432")),
        ("azure_openai", Some("https://contoso.openai.azure.com.evil.example")),
    ] {
        let answer = put(provider, endpoint).send().await;
        answer.problem(400, "invalid_input");
        assert_eq!(answer.wrong_fields(), ["endpoint"], "{provider} {endpoint:?}");
    }
    assert!(listed(&app, &token).await.is_empty());
}

#[sqlx::test(migrations = false)]
async fn what_is_not_there_is_404_and_what_is_foreign_too(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["*"]).await;
    let foreign = app.foreign.project.id;
    for path in [
        format!("{KEYS}/nosuchprovider"),
        format!("{KEYS}/OpenAI"),
        OPENAI.to_owned(),
        "/api/v1/projects/nosuchproject/byok-keys".to_owned(),
        "/api/v1/projects/No%20Such/byok-keys".to_owned(),
        "/api/v1/projects/%FF/byok-keys".to_owned(),
        "/api/v1/projects/0190163d-8694-739b-aea5-966c26f8ad91/byok-keys".to_owned(),
        format!("/api/v1/projects/{foreign}/byok-keys"),
        format!("/api/v1/projects/{foreign}/byok-keys/openai"),
        "/api/v1/nosuchthing".to_owned(),
        "/api/v1/projects/main/byok-keys/openai/nosuchthing".to_owned(),
        "/api/".to_owned(),
        "/api".to_owned(),
    ] {
        app.call("GET", &path)
            .bearer(&token)
            .send()
            .await
            .problem(404, "not_found");
    }
    let mut details = Vec::new();
    for id in [foreign.to_string(), "0190163d-8694-739b-aea5-966c26f8ad91".to_owned()] {
        let path = format!("/api/v1/projects/{id}/byok-keys");
        let answer = app.call("GET", &path).bearer(&token).send().await;
        details.push(answer.problem(404, "not_found")["detail"].clone());
    }
    assert_eq!(
        details[0], details[1],
        "nobody can tell what is foreign from what is not there"
    );
    let path = format!("{TOKENS}/no-id");
    app.call("DELETE", &path)
        .bearer(&token)
        .send()
        .await
        .problem(404, "not_found");
}

#[sqlx::test(migrations = false)]
async fn a_wrong_method_is_told_the_right_ones(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let answer = app.call("POST", OPENAI).send().await;
    answer.problem(405, "method_not_allowed");
    let mut allowed: Vec<_> = answer.header("allow").split(',').map(str::trim).collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["DELETE", "GET", "HEAD", "PATCH", "PUT"]);
}

#[sqlx::test(migrations = false)]
async fn other_bodies_are_checked_too(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["*"]).await;
    put_openai(&app, &token, &openai_key(Behaviour::Valid))
        .await
        .expect(200);
    let test = format!("{OPENAI}/test");
    for (method, path, body, wrong) in [
        ("PATCH", OPENAI, json!({}), "is_active"),
        ("PATCH", OPENAI, json!({ "is_active": "yes" }), "is_active"),
        (
            "PATCH",
            OPENAI,
            json!({ "is_active": true, "api_key": SECRET }),
            "api_key",
        ),
        ("POST", &test, json!({ "deep": 1 }), "deep"),
        ("POST", TOKENS, json!({ "scopes": "read:byok" }), "scopes"),
        ("POST", TOKENS, json!({ "scopes": ["byok:read"] }), "scopes"),
        ("POST", TOKENS, json!({ "scopes": ["Read:byok"] }), "scopes"),
        ("POST", TOKENS, json!({ "expires_days": -1 }), "expires_days"),
        ("POST", TOKENS, json!({ "expires_days": 4000 }), "expires_days"),
        ("POST", TOKENS, json!({ "name": "x".repeat(81) }), "name"),
        ("POST", "/api/v1/projects", json!({ "name": " " }), "name"),
        ("PATCH", "/api/v1/projects/main", json!({ "name": "a\nb" }), "name"),
    ] {
        let call = app.call(method, path).bearer(&token).header("if-match", "*");
        let answer = call.json(body.clone()).send().await;
        answer.problem(400, "invalid_input");
        assert_eq!(answer.wrong_fields(), [wrong], "{method} {path} {body}");
        assert!(!answer.text().contains("4mA9xQ7"));
    }
    let answer = app
        .call("POST", &test)
        .bearer(&token)
        .header("content-type", "text/plain")
        .body("deep")
        .send()
        .await;
    answer.problem(415, "unsupported_media_type");
}
