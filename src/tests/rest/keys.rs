//! A key's life over REST.

use super::{KEYS, OPENAI, fields, listed, openai_key, put_openai};
use crate::harness::TestApp;
use latchkey::sandbox::{Behaviour, Sandbox};
use serde_json::{Value, json};
use sqlx::PgPool;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const KEY_FIELDS: [&str; 8] = [
    "api_key_prefix",
    "health_status",
    "is_active",
    "last_health_check_at",
    "last_health_error",
    "last_used_at",
    "provider",
    "updated_at",
];

#[sqlx::test(migrations = false)]
async fn a_key_is_brought_switched_tested_and_deleted(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["read:byok", "write:byok"]).await;
    assert_eq!(listed(&app, &token).await, [] as [Value; 0]);

    let secret = openai_key(Behaviour::Valid);
    let key = put_openai(&app, &token, &secret).await.expect(200);
    assert_eq!(fields(&key), KEY_FIELDS);
    assert_eq!(key["provider"], "openai");
    assert_eq!(key["api_key_prefix"], "sk-proj-...cdef");
    assert_eq!(
        (&key["is_active"], &key["health_status"]),
        (&json!(true), &json!("healthy"))
    );
    assert_eq!(
        (&key["last_health_error"], &key["last_used_at"]),
        (&Value::Null, &Value::Null)
    );
    for time in ["last_health_check_at", "updated_at"] {
        assert!(
            OffsetDateTime::parse(key[time].as_str().unwrap(), &Rfc3339).is_ok(),
            "{key}"
        );
    }
    assert_eq!(
        listed(&app, &token).await,
        std::slice::from_ref(&key),
        "what was answered is what is there"
    );
    assert_eq!(app.call("GET", OPENAI).bearer(&token).send().await.expect(200), key);

    let switched = |is_active: bool| {
        app.call("PATCH", OPENAI)
            .bearer(&token)
            .json(json!({ "is_active": is_active }))
    };
    assert_eq!(switched(false).send().await.expect(200)["is_active"], false);
    assert_eq!(listed(&app, &token).await[0]["is_active"], false);
    assert_eq!(switched(true).send().await.expect(200)["is_active"], true);

    let tested = app
        .call("POST", &format!("{OPENAI}/test"))
        .bearer(&token)
        .send()
        .await
        .expect(200);
    assert_eq!(fields(&tested), KEY_FIELDS);
    assert_eq!(tested["health_status"], "healthy");

    let deleted = app.call("DELETE", OPENAI).bearer(&token).send().await;
    assert_eq!((deleted.status.as_u16(), deleted.text().as_str()), (204, ""));
    assert_eq!(listed(&app, &token).await, [] as [Value; 0]);
    for (method, path) in [("GET", OPENAI), ("DELETE", OPENAI), ("POST", &format!("{OPENAI}/test"))] {
        app.call(method, path)
            .bearer(&token)
            .send()
            .await
            .problem(404, "not_found");
    }
}

#[sqlx::test(migrations = false)]
async fn a_test_answers_with_the_key_whatever_the_verdict(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["write:byok"]).await;
    let secret = openai_key(Behaviour::Valid);
    put_openai(&app, &token, &secret).await.expect(200);
    app.sandbox.revoke(&secret);
    let path = format!("{OPENAI}/test");
    for content_type in [
        "",
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
    ] {
        let tested = app
            .call("POST", &path)
            .bearer(&token)
            .header("content-type", content_type)
            .send()
            .await;
        let tested = tested.expect(200);
        assert_eq!(tested["health_status"], "unhealthy");
        assert!(
            tested["last_health_error"]
                .as_str()
                .unwrap()
                .contains("Incorrect API key provided"),
            "{tested}"
        );
        assert!(!tested.to_string().contains(&secret));
    }
    let deep = app
        .call("POST", &path)
        .bearer(&token)
        .json(json!({ "deep": true }))
        .send()
        .await
        .expect(200);
    assert_eq!(deep["health_status"], "unhealthy");
    // Switching off needs no provider; switching on again does, and is refused.
    let switched = |is_active: bool| {
        app.call("PATCH", OPENAI)
            .bearer(&token)
            .json(json!({ "is_active": is_active }))
    };
    switched(false).send().await.expect(200);
    switched(true).send().await.problem(400, "invalid_api_key");
    app.sandbox.restore(&secret);
    assert_eq!(switched(true).send().await.expect(200)["health_status"], "healthy");
}

#[sqlx::test(migrations = false)]
async fn a_deep_test_finds_what_a_list_does_not(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["write:byok"]).await;
    put_openai(&app, &token, &openai_key(Behaviour::ListOnly))
        .await
        .expect(200);
    let test = |body: Value| app.call("POST", &format!("{OPENAI}/test")).bearer(&token).json(body);
    assert_eq!(test(json!({})).send().await.expect(200)["health_status"], "healthy");
    assert_eq!(
        test(json!({ "deep": true })).send().await.expect(200)["health_status"],
        "unhealthy"
    );
}

#[sqlx::test(migrations = false)]
async fn a_refused_key_leaves_the_old_one_working(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["read:byok", "write:byok"]).await;
    let before = put_openai(&app, &token, &openai_key(Behaviour::Valid))
        .await
        .expect(200);
    for behaviour in [Behaviour::Revoked, Behaviour::Blocked, Behaviour::Echo] {
        let secret = openai_key(behaviour);
        let refused = put_openai(&app, &token, &secret).await;
        let problem = refused.problem(400, "invalid_api_key");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.starts_with("OpenAI refused this key: "), "{detail}");
        assert!(
            detail.contains("Nothing was saved; the key sk-proj-...cdef stays as it was."),
            "{detail}"
        );
        assert!(!refused.text().contains(&secret), "{detail}");
        assert_eq!(listed(&app, &token).await, std::slice::from_ref(&before));
    }
    let tested = app
        .call("POST", &format!("{OPENAI}/test"))
        .bearer(&token)
        .send()
        .await
        .expect(200);
    assert_eq!(tested["health_status"], "healthy", "the old key still opens and works");
}

#[sqlx::test(migrations = false)]
async fn a_key_that_works_somehow_is_kept_with_its_verdict(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["write:byok"]).await;
    for (behaviour, status) in [
        (Behaviour::Exhausted, "unhealthy"),
        (Behaviour::Restricted, "healthy"),
        (Behaviour::Limited, "healthy"),
    ] {
        let key = put_openai(&app, &token, &openai_key(behaviour)).await.expect(200);
        assert_eq!(key["health_status"], status, "{behaviour:?}");
        assert!(key["last_health_error"].is_string(), "{behaviour:?}");
        assert_eq!(key["is_active"], true, "{behaviour:?}");
    }
}

#[sqlx::test(migrations = false)]
async fn every_provider_can_be_brought_by_id_or_slug(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["read:byok", "write:byok"]).await;
    let providers = ["openai", "anthropic", "gemini", "xai", "openrouter", "mistral"];
    for provider in providers {
        let path = format!("/api/v1/projects/{}/byok-keys/{provider}", app.own.project.id);
        let secret = Sandbox::key(provider, Behaviour::Valid);
        let key = app
            .call("PUT", &path)
            .bearer(&token)
            .json(json!({ "api_key": secret }))
            .send()
            .await;
        assert_eq!(key.expect(200)["health_status"], "healthy", "{provider}");
    }
    let azure = app
        .call("PUT", &format!("{KEYS}/azure_openai"))
        .bearer(&token)
        .json(json!({
            "api_key": Sandbox::key("azure_openai", Behaviour::Valid),
            "endpoint": app.sandbox.azure_endpoint(),
            "api_version": "2024-10-21",
            "name": "EU resource",
        }));
    assert_eq!(fields(&azure.send().await.expect(200)), KEY_FIELDS);
    assert_eq!(listed(&app, &token).await.len(), providers.len() + 1);
}
