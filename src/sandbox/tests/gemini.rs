//! Gemini's own shapes.

use super::{Caller, events, joined};
use reqwest::Method;
use serde_json::{Value, json};

const MODEL: &str = "/v1beta/models/gemini-flash-latest";

fn body() -> Value {
    json!({
        "systemInstruction": {"parts": [{"text": "one two three"}]},
        "contents": [
            {"role": "user", "parts": [{"text": "four"}]},
            {"role": "model", "parts": [{"text": "five"}]},
            {"parts": [{"text": "Hello"}, {"text": "there"}]},
        ],
    })
}

/// Seven words asked, one of them out of the cache; two thought, which are not among the candidates'.
fn assert_usage(usage: &Value, candidates: u64) {
    assert_eq!(usage["promptTokenCount"], 7);
    assert_eq!(usage["cachedContentTokenCount"], 1);
    assert_eq!(usage["candidatesTokenCount"], candidates);
    assert_eq!(usage["thoughtsTokenCount"], 2);
    assert_eq!(usage["totalTokenCount"], 9 + candidates);
}

fn assert_parts(parts: &[Value]) {
    assert_eq!(parts.len(), 4);
    for (part, at) in parts.iter().zip(1..) {
        assert_usage(&part["usageMetadata"], at);
        assert_eq!(part["modelVersion"], "gemini-flash-latest");
        assert_eq!(part["candidates"][0].get("finishReason").is_some(), at == 4);
    }
}

#[tokio::test]
async fn content_is_generated_whole() {
    let caller = Caller::start().await;
    for base in ["/v1beta", "/v1"] {
        let path = format!("{base}/models/gemini-flash-latest:generateContent");
        let answer = caller.post("gemini", &path, &body()).await;
        let candidate = &answer["candidates"][0];
        assert_eq!(candidate["content"]["parts"][0]["text"], "You said: Hello there");
        assert_eq!(candidate["finishReason"], "STOP");
        assert_eq!(answer["modelVersion"], "gemini-flash-latest");
        assert_usage(&answer["usageMetadata"], 4);
    }
}

#[tokio::test]
async fn content_is_streamed_as_events_with_growing_counts_and_no_end() {
    let caller = Caller::start().await;
    let path = format!("{MODEL}:streamGenerateContent?alt=sse");
    let answer = caller.send("gemini", &path, &body()).await;
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    let text = answer.text().await.unwrap();
    assert_eq!(text.matches("\r\n\r\n").count(), 4);
    let events = events(&text);
    let parts: Vec<Value> = events.iter().map(|event| event.value().clone()).collect();
    assert_parts(&parts);
    assert_eq!(
        joined(&events, "/candidates/0/content/parts/0/text"),
        "You said: Hello there"
    );
}

#[tokio::test]
async fn content_is_streamed_as_one_list_without_that_parameter() {
    let caller = Caller::start().await;
    let path = format!("{MODEL}:streamGenerateContent");
    let answer = caller.send("gemini", &path, &body()).await;
    assert_eq!(answer.headers()["content-type"], "application/json; charset=UTF-8");
    assert_parts(&answer.json::<Vec<Value>>().await.unwrap());
}

#[tokio::test]
async fn a_limit_cuts_content() {
    let caller = Caller::start().await;
    let mut body = body();
    body["generationConfig"] = json!({"maxOutputTokens": 1});
    let answer = caller.post("gemini", &format!("{MODEL}:generateContent"), &body).await;
    assert_eq!(answer["candidates"][0]["content"]["parts"][0]["text"], "You");
    assert_eq!(answer["candidates"][0]["finishReason"], "MAX_TOKENS");
}

#[tokio::test]
async fn tokens_are_counted() {
    let caller = Caller::start().await;
    let path = format!("{MODEL}:countTokens");
    for (body, tokens) in [(body(), 4), (json!({"generateContentRequest": body()}), 7)] {
        assert_eq!(caller.post("gemini", &path, &body).await["totalTokens"], tokens);
    }
}

#[tokio::test]
async fn contents_are_embedded() {
    let caller = Caller::start().await;
    let content = |text: &str| json!({"content": {"parts": [{"text": text}]}, "outputDimensionality": 4});
    let model = "/v1beta/models/gemini-embedding-001";
    let one = caller
        .post("gemini", &format!("{model}:embedContent"), &content("Hello"))
        .await;
    let requests = json!({"requests": [content("Hello"), content("there")]});
    let batch = caller
        .post("gemini", &format!("{model}:batchEmbedContents"), &requests)
        .await;
    assert_eq!(one["embedding"]["values"].as_array().unwrap().len(), 4);
    assert_eq!(batch["embeddings"][0], one["embedding"]);
    assert_ne!(batch["embeddings"][1], one["embedding"]);
    assert_eq!(batch["usageMetadata"]["promptTokenCount"], 2);
}

#[tokio::test]
async fn pictures_are_predicted_and_tuned_models_answer() {
    let caller = Caller::start().await;
    let pictures = json!({"instances": [{"prompt": "a black pixel"}]});
    let answer = caller
        .post("gemini", "/v1beta/models/imagen-4:predict", &pictures)
        .await;
    assert_eq!(answer["predictions"][0]["mimeType"], "image/png");
    let path = "/v1beta/tunedModels/mine:generateContent";
    let answer = caller.post("gemini", path, &body()).await;
    assert_eq!(answer["modelVersion"], "mine");
}

#[tokio::test]
async fn models_are_listed_and_told_of() {
    let caller = Caller::start().await;
    let list = caller.get("gemini", "/v1beta/models?pageSize=1").await;
    assert_eq!(list["models"][0]["name"], "models/gemini-flash-latest");
    assert_eq!(caller.get("gemini", MODEL).await, list["models"][0]);
    assert_eq!(
        caller.get("gemini", "/v1beta/openai/models").await["data"][0]["id"],
        "gemini-flash-latest"
    );
    let one = caller.get("gemini", "/v1beta/openai/models/gemini-flash-latest").await;
    assert_eq!(one["id"], "gemini-flash-latest");
}

#[tokio::test]
async fn the_key_may_stand_in_the_query_or_as_bearer_where_google_takes_it_there() {
    let caller = Caller::start().await;
    let key = caller.key("gemini");
    let get = |path: &str| caller.client.request(Method::GET, caller.url("gemini", path));
    let status = |request: reqwest::RequestBuilder| async { request.send().await.unwrap().status() };
    assert_eq!(status(get(&format!("/v1beta/models?key={key}"))).await, 200);
    assert_eq!(status(get("/v1beta/openai/models").bearer_auth(&key)).await, 200);
    assert_eq!(status(get("/v1beta/models").bearer_auth(&key)).await, 400);
}

#[tokio::test]
async fn errors_stand_in_a_list_where_the_answer_is_openais_or_a_streamed_list() {
    let caller = Caller::start().await;
    let body = json!({"model": "no-such-model", "messages": []});
    for path in [
        "/v1beta/openai/chat/completions",
        "/v1beta/models/no-such-model:streamGenerateContent",
    ] {
        let answer = caller.send("gemini", path, &body).await;
        assert_eq!(answer.status(), 404);
        assert_eq!(answer.json::<Value>().await.unwrap()[0]["error"]["status"], "NOT_FOUND");
    }
}
