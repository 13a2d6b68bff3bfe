//! Which paths may be called, and which may not until the project opens them.

use super::{assert_refused, bring, decide, eventually, key, undecided};
use crate::harness::{Answer, TestApp};
use latchkey::providers;
use latchkey::sandbox::Behaviour;
use latchkey::service::projects::GatewaySettingsChange;
use sqlx::PgPool;

/// What is closed by default: what an account keeps, and what is no call of a model.
const CLOSED: &[(&str, &str)] = &[
    ("GET", "/gateway/openai/v1/files"),
    ("POST", "/gateway/openai/v1/files"),
    ("GET", "/gateway/openai/v1/responses/resp_1"),
    ("DELETE", "/gateway/openai/v1/responses/resp_1"),
    ("POST", "/gateway/openai/v1/batches"),
    ("POST", "/gateway/openai/v1/fine_tuning/jobs"),
    ("DELETE", "/gateway/openai/v1/models/ft-1"),
    ("GET", "/gateway/openai/v1/chat/completions"),
    ("PUT", "/gateway/openai/v1/chat/completions"),
    ("POST", "/gateway/openai/v1/chat/completions/"),
    ("POST", "/gateway/openai/V1/chat/completions"),
    ("POST", "/gateway/openai/v1/organization/admin_api_keys"),
    ("POST", "/gateway/openai"),
    ("POST", "/gateway/openai/"),
    ("OPTIONS", "/gateway/openai/v1/chat/completions"),
];

#[sqlx::test(migrations = false)]
async fn what_is_no_call_of_a_model_is_closed_until_the_project_opens_it(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "openai", &key("openai", Behaviour::Valid, "own")).await;
    for (method, path) in CLOSED {
        let answer = app.call(method, path).bearer(&token).send().await;
        assert_refused(&answer, 403, "path_not_open");
    }
    let probes = app.sandbox.requests().len();
    let open = GatewaySettingsChange {
        opens_all_paths: true,
        ..undecided()
    };
    decide(&app, &app.own.project, open).await;
    let files = async || {
        let answer = app.call("GET", "/gateway/openai/v1/files").bearer(&token).send().await;
        (answer.status == 200).then_some(answer)
    };
    assert_eq!(eventually(files).await.expect(200)["object"], "list");
    let path = "/gateway/openai/v1/responses/resp_1";
    let deleted = app.call("DELETE", path).bearer(&token).send().await;
    assert_eq!(deleted.expect(200)["deleted"], true);
    let none = app
        .call("GET", "/gateway/openai/no/such/path")
        .bearer(&token)
        .send()
        .await;
    assert_eq!(
        none.header("x-latchkey-error"),
        "",
        "the provider's own answer: {}",
        none.text()
    );
    assert_eq!(none.status.as_u16(), 404);
    assert_eq!(
        app.sandbox.requests().len(),
        probes + 3,
        "what was closed reached nobody"
    );
}

/// A server behind could put such a path right, and it would lead elsewhere.
#[sqlx::test(migrations = false)]
async fn a_path_that_can_be_read_in_two_ways_reaches_nobody(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "openai", &key("openai", Behaviour::Valid, "own")).await;
    let open = GatewaySettingsChange {
        opens_all_paths: true,
        ..undecided()
    };
    decide(&app, &app.own.project, open).await;
    let before = app.sandbox.requests().len();
    for path in [
        "/v1/../admin",
        "/v1/chat/completions/../../files",
        "/v1/./files",
        "//v1/files",
        "/v1//files",
        "/v1/%2e%2e/files",
        "/v1/%2E%2E/files",
        "/v1%2ffiles",
        "/v1/%252e%252e/files",
        "/v1/%5c../files",
        "/..",
    ] {
        let answer = app
            .call("GET", &format!("/gateway/openai{path}"))
            .bearer(&token)
            .send()
            .await;
        assert_refused(&answer, 400, "invalid_request");
    }
    assert_eq!(app.sandbox.requests().len(), before);
}

#[sqlx::test(migrations = false)]
async fn every_open_path_of_the_catalogue_is_served(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    for provider in providers::catalogue() {
        bring(&app, provider.slug(), &key(provider.slug(), Behaviour::Valid, "own")).await;
        for open in provider.inference_paths() {
            let path = format!(
                "/gateway/{}{}",
                provider.slug(),
                open.pattern.replace('*', "some-model")
            );
            let call = app.call(open.method.as_str(), &path).bearer(&token);
            let call = call
                .header("anthropic-version", "2023-06-01")
                .header("content-type", "application/json");
            // Nothing that any provider takes, so that each answers for itself.
            let answer = call.body("{}").send().await;
            assert_reached(&path, &answer);
        }
    }
}

fn assert_reached(path: &str, answer: &Answer) {
    assert_eq!(answer.header("x-latchkey-error"), "", "{path}: {}", answer.text());
    assert_eq!(answer.header("x-latchkey-key-source"), "byok", "{path}");
}

#[sqlx::test(migrations = false)]
async fn a_provider_that_is_none_is_told_from_the_others(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    for path in [
        "/gateway/OpenAI/v1/models",
        "/gateway//v1/models",
        "/gateway/",
        "/gateway/none",
    ] {
        let answer = app.call("GET", path).bearer(&token).send().await;
        assert_refused(&answer, 404, "not_found");
        assert!(
            answer.text().contains("azure_openai"),
            "it names those there are: {}",
            answer.text()
        );
    }
}
