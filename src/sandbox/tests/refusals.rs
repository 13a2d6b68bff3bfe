//! Calls that no provider accepts.

use super::{Caller, chat};
use reqwest::Method;
use serde_json::{Value, json};

/// Slug, path, where the model stands in the body, and where an error's message stands.
const CALLS: [(&str, &str, &str); 16] = [
    ("openai", "/v1/chat/completions", "/error/message"),
    ("openai", "/v1/responses", "/error/message"),
    ("openai", "/v1/embeddings", "/error/message"),
    ("anthropic", "/v1/messages", "/error/message"),
    ("anthropic", "/v1/messages/count_tokens", "/error/message"),
    ("xai", "/v1/chat/completions", "/error"),
    ("openrouter", "/api/v1/chat/completions", "/error/message"),
    ("mistral", "/v1/chat/completions", "/message"),
    ("azure_openai", "/openai/v1/chat/completions", "/error/message"),
    ("groq", "/openai/v1/chat/completions", "/error/message"),
    ("deepseek", "/chat/completions", "/error/message"),
    ("together", "/v1/chat/completions", "/error/message"),
    ("fireworks", "/inference/v1/chat/completions", "/error/message"),
    ("cohere", "/v2/chat", "/message"),
    ("cohere", "/v2/embed", "/message"),
    ("gemini", "/v1beta/openai/chat/completions", "/0/error/message"),
];

async fn assert_refused(answer: reqwest::Response, status: &[u16], pointer: &str, call: &str) {
    assert!(
        status.contains(&answer.status().as_u16()),
        "{call}: {}",
        answer.status()
    );
    let body: Value = answer.json().await.unwrap();
    let message = body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    assert!(!message.is_empty(), "{call}: {body}");
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let caller = Caller::start().await;
    for (slug, path, pointer) in CALLS {
        for body in ["", "{", "[]", "\"text\""] {
            let request = caller.request(Method::POST, slug, path).body(body);
            assert_refused(request.send().await.unwrap(), &[400], pointer, path).await;
        }
    }
}

#[tokio::test]
async fn a_call_without_a_model_is_refused() {
    let caller = Caller::start().await;
    for (slug, path, pointer) in CALLS {
        for body in [json!({"messages": []}), json!({"model": "", "messages": []})] {
            assert_refused(caller.send(slug, path, &body).await, &[400], pointer, path).await;
        }
    }
}

#[tokio::test]
async fn a_call_without_its_input_is_refused() {
    let caller = Caller::start().await;
    for (slug, path, pointer) in CALLS {
        let answer = caller.send(slug, path, &json!({"model": "some-model"})).await;
        assert_refused(answer, &[400], pointer, path).await;
    }
}

#[tokio::test]
async fn a_model_that_does_not_exist_is_refused() {
    let caller = Caller::start().await;
    for (slug, path, pointer) in CALLS {
        let answer = caller.send(slug, path, &chat("vendor/no-such-model-1")).await;
        assert_refused(answer, &[400, 404], pointer, path).await;
    }
    let gemini = "/v1beta/models/no-such-model:generateContent";
    let answer = caller.send("gemini", gemini, &json!({"contents": []})).await;
    assert_refused(answer, &[404], "/error/message", gemini).await;
    let azure = "/openai/deployments/no-such-model/chat/completions?api-version=2024-10-21";
    let answer = caller.send("azure_openai", azure, &chat("gpt-4o")).await;
    assert_eq!(
        answer.json::<Value>().await.unwrap()["error"]["code"],
        "DeploymentNotFound"
    );
    let one = caller
        .request(Method::GET, "openai", "/v1/models/no-such-model")
        .send()
        .await
        .unwrap();
    assert_refused(one, &[404], "/error/message", "one model").await;
}

#[tokio::test]
async fn azures_older_paths_want_a_version() {
    let caller = Caller::start().await;
    let path = "/openai/deployments/gpt-4o/chat/completions";
    assert_eq!(caller.send("azure_openai", path, &chat("gpt-4o")).await.status(), 404);
}

#[tokio::test]
async fn a_path_that_a_provider_has_not_is_refused_before_the_key_is_looked_at() {
    let caller = Caller::start().await;
    for (slug, _, pointer) in CALLS {
        let pointer = pointer.trim_start_matches("/0");
        let url = caller.url(slug, "/v1/no-such-path");
        let answer = caller.client.post(url).send().await.unwrap();
        assert_refused(answer, &[400, 404], pointer, slug).await;
    }
    let unknown = caller
        .client
        .post(caller.url("nobody", "/v1/models"))
        .send()
        .await
        .unwrap();
    assert_eq!(unknown.status(), 404);
}

#[tokio::test]
async fn a_body_of_64_mebibytes_is_read_and_a_larger_one_refused() {
    const LARGEST: usize = 64 * 1024 * 1024;
    let caller = Caller::start().await;
    let frame = json!({"model": "gpt-4o", "input": ""}).to_string().len();
    let body = json!({"model": "gpt-4o", "input": "a".repeat(LARGEST - frame)}).to_string();
    let send = |body: String| {
        let request = caller.request(Method::POST, "openai", "/v1/embeddings");
        async { request.body(body).send().await.unwrap() }
    };
    assert_eq!(send(body.clone()).await.status(), 200);
    assert_refused(send(body + " ").await, &[413], "/error/message", "a byte more").await;
}
