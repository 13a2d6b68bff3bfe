//! What the sandbox tells of the calls it got, and of itself in its answers.

use super::{Caller, chat, streamed};
use crate::sandbox::Behaviour;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_call_is_kept_as_it_came() {
    let caller = Caller::start().await;
    let request = caller.request(Method::POST, "openai", "/v1/chat/completions?a=%2F&b");
    let body = r#"{"model":"gpt-4o", "messages":[]}"#;
    let request = request.header("x-anything", "yes").body(body);
    assert_eq!(request.send().await.unwrap().status(), 200);
    let calls = caller.sandbox.calls();
    let [call] = calls.as_slice() else { panic!("{calls:?}") };
    assert_eq!(call.slug, "openai");
    assert_eq!(call.method, Method::POST);
    assert_eq!(call.path_and_query, "/v1/chat/completions?a=%2F&b");
    assert_eq!(call.headers["x-anything"], "yes");
    assert_eq!(call.body, body);
    assert_eq!(call.key, caller.key("openai"));
}

#[tokio::test]
async fn only_calls_of_models_are_calls_and_refused_ones_too() {
    let caller = Caller::with(Behaviour::Exhausted).await;
    caller
        .request(Method::GET, "openai", "/v1/models")
        .send()
        .await
        .unwrap();
    caller.send("openai", "/v1/chat/completions", &chat("gpt-4o")).await;
    let url = caller.url("anthropic", "/v1/messages");
    caller.client.post(url).send().await.unwrap();
    let seen: Vec<(&str, String)> = caller
        .sandbox
        .calls()
        .into_iter()
        .map(|call| (call.slug, call.key))
        .collect();
    assert_eq!(seen, [("openai", caller.key("openai")), ("anthropic", String::new())]);
    assert_eq!(caller.sandbox.requests().len(), 3);
    assert_eq!(caller.sandbox.calls_with(&caller.key("openai")), 1);
    caller.sandbox.clear_calls();
    assert!(caller.sandbox.requests().is_empty());
}

#[tokio::test]
async fn azure_is_seen_at_the_root_too() {
    let caller = Caller::start().await;
    let path = "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21";
    let url = format!("{}{path}", caller.sandbox.azure_endpoint());
    let request = caller.client.post(url).header("api-key", caller.key("azure_openai"));
    assert_eq!(request.json(&chat("gpt-4o")).send().await.unwrap().status(), 200);
    let calls = caller.sandbox.calls();
    assert_eq!(calls[0].slug, "azure_openai");
    assert_eq!(calls[0].path_and_query, path);
}

#[tokio::test]
async fn an_answer_tells_whose_account_it_was() {
    let caller = Caller::start().await;
    let mut message = chat("claude-haiku-4-5");
    message["max_tokens"] = 10.into();
    let openai = ("openai", "/v1/chat/completions", "openai-organization");
    let anthropic = ("anthropic", "/v1/messages", "anthropic-organization-id");
    for ((slug, path, account), body) in [
        (openai, chat("gpt-4o")),
        (openai, streamed(chat("gpt-4o"))),
        (openai, json!({})),
        (anthropic, message.clone()),
        (anthropic, streamed(message)),
    ] {
        let answer = caller.send(slug, path, &body).await;
        for name in [account, "x-request-id", "set-cookie", "x-ratelimit-remaining-requests"] {
            assert!(answer.headers().contains_key(name), "{slug}: {name}");
        }
    }
    let answer = caller.send("openai", "/v1/chat/completions", &chat("gpt-4o")).await;
    assert_eq!(answer.headers()["openai-organization"], "sandbox-org");
    assert_eq!(answer.headers()["set-cookie"], "sandbox=1");
    assert_eq!(answer.headers()["x-ratelimit-remaining-requests"], "99");
}

#[tokio::test]
async fn openrouters_models_want_no_key() {
    let caller = Caller::start().await;
    let request = caller.client.get(caller.url("openrouter", "/api/v1/models"));
    let list: Value = request
        .bearer_auth("anything")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(list["object"], "list");
}
