//! Cohere's own shapes.

use super::{Caller, Event, chat, joined, streamed};
use serde_json::{Value, json};

const MODEL: &str = "command-a-03-2025";

fn assert_usage(usage: &Value) {
    assert_eq!(usage["billed_units"], json!({"input_tokens": 3, "output_tokens": 4}));
    assert_eq!(usage["tokens"], json!({"input_tokens": 8, "output_tokens": 4}));
}

#[tokio::test]
async fn a_chat_is_answered_whole() {
    let caller = Caller::start().await;
    let answer = caller.post("cohere", "/v2/chat", &chat(MODEL)).await;
    assert_eq!(answer["message"]["content"][0]["text"], "You said: Hello there");
    assert_eq!(answer["finish_reason"], "COMPLETE");
    assert_usage(&answer["usage"]);
}

#[tokio::test]
async fn a_chat_is_streamed() {
    let caller = Caller::start().await;
    let mut events = caller.events("cohere", "/v2/chat", &streamed(chat(MODEL))).await;
    assert_eq!(events.pop(), Some(Event::Done));
    let names: Vec<&str> = events
        .iter()
        .map(|event| event.value()["type"].as_str().unwrap())
        .collect();
    let mut expected = vec!["message-start", "content-start"];
    expected.extend(["content-delta"; 4]);
    expected.extend(["content-end", "message-end"]);
    assert_eq!(names, expected);
    assert_eq!(joined(&events, "/delta/message/content/text"), "You said: Hello there");
    let end = &events.last().unwrap().value()["delta"];
    assert_eq!(end["finish_reason"], "COMPLETE");
    assert_usage(&end["usage"]);
}

#[tokio::test]
async fn version_1_chats_whole_and_in_lines() {
    let caller = Caller::start().await;
    let body = json!({"model": MODEL, "preamble": "Greet", "message": "Hello there"});
    let whole = caller.post("cohere", "/v1/chat", &body).await;
    assert_eq!(whole["text"], "You said: Hello there");
    assert_eq!(
        whole["meta"]["billed_units"],
        json!({"input_tokens": 3, "output_tokens": 4})
    );

    let answer = caller.send("cohere", "/v1/chat", &streamed(body)).await;
    assert_eq!(answer.headers()["content-type"], "application/stream+json");
    let text = answer.text().await.unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 6);
    let said: String = lines[1..5].iter().map(|line| line["text"].as_str().unwrap()).collect();
    assert_eq!(said, "You said: Hello there");
    assert_eq!(lines[5]["response"], whole);
}

#[tokio::test]
async fn version_1_embeds_classifies_and_tokenizes() {
    let caller = Caller::start().await;
    let texts = json!({"model": "embed-v4.0", "texts": ["Hello there", "you"]});
    let older = caller.post("cohere", "/v1/embed", &texts).await;
    let newer = caller.post("cohere", "/v2/embed", &texts).await;
    assert_eq!(older["embeddings"], newer["embeddings"]["float"]);
    assert_eq!(older["meta"], newer["meta"]);
    let classified = caller
        .post("cohere", "/v1/classify", &json!({"inputs": ["a", "b"]}))
        .await;
    assert_eq!(classified["classifications"][1]["input"], "b");
    let text = json!({"model": MODEL, "text": "xx xxx"});
    let tokens = caller.post("cohere", "/v1/tokenize", &text).await["tokens"].clone();
    let body = json!({"model": MODEL, "tokens": tokens});
    assert_eq!(caller.post("cohere", "/v1/detokenize", &body).await["text"], "xx xxx");
}

#[tokio::test]
async fn texts_are_embedded() {
    let caller = Caller::start().await;
    let texts = json!({"model": "embed-v4.0", "texts": ["Hello there", "you"], "output_dimension": 4});
    let content = |text: &str| json!({"content": [{"type": "text", "text": text}]});
    let inputs = json!([content("Hello there"), content("you")]);
    let inputs = json!({"model": "embed-v4.0", "inputs": inputs, "output_dimension": 4});
    let of_texts = caller.post("cohere", "/v2/embed", &texts).await;
    let of_inputs = caller.post("cohere", "/v2/embed", &inputs).await;
    assert_eq!(of_texts, of_inputs);
    let vectors = of_texts["embeddings"]["float"].as_array().unwrap();
    assert_eq!((vectors.len(), vectors[0].as_array().unwrap().len()), (2, 4));
    assert_eq!(of_texts["meta"]["billed_units"]["input_tokens"], 3);
}

#[tokio::test]
async fn documents_are_ranked() {
    let caller = Caller::start().await;
    let body = json!({"model": "rerank-v3.5", "query": "Hello", "documents": ["a", "b", "c"], "top_n": 2});
    let answer = caller.post("cohere", "/v2/rerank", &body).await;
    let results = json!([{"index": 0, "relevance_score": 1.0}, {"index": 1, "relevance_score": 0.5}]);
    assert_eq!(answer["results"], results);
    assert_eq!(answer["meta"]["billed_units"]["search_units"], 1);
}

#[tokio::test]
async fn a_key_is_checked_and_models_are_listed() {
    let caller = Caller::start().await;
    assert_eq!(
        caller.post("cohere", "/v1/check-api-key", &json!({})).await["valid"],
        true
    );
    assert_eq!(caller.get("cohere", "/v1/models").await["models"][0]["name"], MODEL);
    assert_eq!(
        caller.get("cohere", &format!("/v1/models/{MODEL}")).await["name"],
        MODEL
    );
}
