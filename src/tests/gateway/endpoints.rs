//! Customers' own endpoints: what was fit to be called when it was saved may have become another thing since.

use super::{bring, key};
use crate::harness::{Setup, TestApp};
use latchkey::sandbox::Behaviour;
use serde_json::json;
use sqlx::PgPool;

const AZURE: &str = "/gateway/azure_openai/openai/v1/chat/completions";

/// A server that trusts no address of this machine meets a key that is bound to one.
#[sqlx::test(migrations = false)]
async fn an_endpoint_inside_is_not_called(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.allow_platform_keys().await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "azure_openai", &key("azure_openai", Behaviour::Valid, "own")).await;
    let distrusting = Setup {
        trusts_sandbox: false,
        ..Setup::default()
    };
    let distrusting = app.another(distrusting).await;
    let call = distrusting.call("POST", AZURE).bearer(&token).json(super::chat());
    let answer = call.send().await;
    assert!(answer.status.is_server_error(), "{}", answer.text());
    assert_ne!(answer.header("x-latchkey-error"), "");
    assert!(app.sandbox.calls().is_empty(), "the key went out");
    let trusting = app.call("POST", AZURE).bearer(&token).json(super::chat()).send().await;
    assert_eq!(trusting.status.as_u16(), 200, "{}", trusting.text());
}

/// Addresses in headers, queries and bodies are the provider's to read: nothing of Latchkey's fetches them.
#[sqlx::test(migrations = false)]
async fn no_address_in_a_call_is_fetched(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "openai", &key("openai", Behaviour::Valid, "own")).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let trap = format!("http://{}/trap", listener.local_addr().unwrap());
    let image = json!([{ "type": "image_url", "image_url": { "url": trap } }]);
    let body = json!({ "model": "m", "messages": [{ "role": "user", "content": image }], "base_url": trap });
    let call = app
        .call("POST", &format!("{}?callback={trap}&base_url={trap}", super::CHAT))
        .bearer(&token)
        .json(body);
    let named = [
        "x-base-url",
        "x-upstream",
        "x-forwarded-host",
        "location",
        "referer",
        "openai-base-url",
    ];
    let call = named.iter().fold(call, |call, name| call.header(name, &trap));
    assert_eq!(call.send().await.status.as_u16(), 200);
    let seen = app.sandbox.calls().pop().unwrap();
    assert!(seen.path_and_query.contains("callback="), "the query is the provider's");
    let fetched = tokio::time::timeout(std::time::Duration::from_millis(200), listener.accept()).await;
    assert!(fetched.is_err(), "somebody fetched it");
}
