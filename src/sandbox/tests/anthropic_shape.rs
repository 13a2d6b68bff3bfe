//! Anthropic's messages.

use super::{Caller, Event, joined, streamed};
use serde_json::{Value, json};

const MESSAGES: [(&str, &str); 5] = [
    ("anthropic", "/v1/messages"),
    ("xai", "/v1/messages"),
    ("deepseek", "/anthropic/v1/messages"),
    ("openrouter", "/api/v1/messages"),
    ("fireworks", "/inference/v1/messages"),
];

fn body() -> Value {
    json!({
        "model": "some-model",
        "max_tokens": 100,
        "system": [{"type": "text", "text": "one two three four"}],
        "messages": [
            {"role": "user", "content": "five six"},
            {"role": "assistant", "content": "seven"},
            {"role": "user", "content": [{"type": "text", "text": "Hello"}]},
        ],
    })
}

/// Eight words asked: two out of the cache, one into it, five otherwise.
fn assert_usage(slug: &str, usage: &Value, output: u64) {
    assert_eq!(usage["input_tokens"], 5, "{slug}");
    assert_eq!(usage["cache_creation_input_tokens"], 1, "{slug}");
    assert_eq!(usage["cache_creation"]["ephemeral_5m_input_tokens"], 1, "{slug}");
    assert_eq!(usage["cache_read_input_tokens"], 2, "{slug}");
    assert_eq!(usage["output_tokens"], output, "{slug}");
}

#[tokio::test]
async fn a_message_is_answered_whole() {
    let caller = Caller::start().await;
    for (slug, path) in MESSAGES {
        let answer = caller.post(slug, path, &body()).await;
        assert_eq!(answer["type"], "message", "{slug}");
        assert_eq!(answer["model"], "some-model", "{slug}");
        assert_eq!(answer["content"][0]["text"], "You said: Hello", "{slug}");
        assert_eq!(answer["stop_reason"], "end_turn", "{slug}");
        assert_usage(slug, &answer["usage"], 3);
    }
}

#[tokio::test]
async fn a_message_is_streamed_with_counts_that_are_not_to_be_added() {
    let caller = Caller::start().await;
    for (slug, path) in MESSAGES {
        let events = caller.events(slug, path, &streamed(body())).await;
        let names: Vec<&str> = events
            .iter()
            .map(|event| match event {
                Event::Data {
                    name: Some(name),
                    value,
                } if value["type"] == name.as_str() => name.as_str(),
                other => panic!("{other:?}"),
            })
            .collect();
        let expected = [
            "message_start",
            "content_block_start",
            "ping",
            "content_block_delta",
            "content_block_delta",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop",
        ];
        assert_eq!(names, expected, "{slug}");
        assert_usage(slug, &events[0].value()["message"]["usage"], 1);
        assert_eq!(events[0].value()["message"]["model"], "some-model", "{slug}");
        assert_eq!(joined(&events, "/delta/text"), "You said: Hello", "{slug}");
        assert_eq!(events[7].value()["delta"]["stop_reason"], "end_turn", "{slug}");
        assert_usage(slug, &events[7].value()["usage"], 3);
    }
}

#[tokio::test]
async fn a_limit_cuts_a_message() {
    let caller = Caller::start().await;
    let mut body = body();
    body["max_tokens"] = 1.into();
    let answer = caller.post("anthropic", "/v1/messages", &body).await;
    assert_eq!(answer["content"][0]["text"], "You");
    assert_eq!(answer["stop_reason"], "max_tokens");
}

#[tokio::test]
async fn tokens_are_counted_as_they_are_billed() {
    let caller = Caller::start().await;
    let counted = caller.post("anthropic", "/v1/messages/count_tokens", &body()).await;
    assert_eq!(counted, json!({"input_tokens": 8}));
}

#[tokio::test]
async fn the_key_may_be_a_bearer_and_the_version_must_be_named() {
    let caller = Caller::start().await;
    let key = caller.key("anthropic");
    let url = caller.url("anthropic", "/v1/messages");
    for (header, value) in [("x-api-key", key.clone()), ("authorization", format!("Bearer {key}"))] {
        let request = caller.client.post(&url).header(header, value).json(&body());
        let with_version = request.try_clone().unwrap().header("anthropic-version", "2023-06-01");
        assert_eq!(with_version.send().await.unwrap().status(), 200, "{header}");
        let without = request.send().await.unwrap();
        assert_eq!(without.status(), 400, "{header}");
        let error: Value = without.json().await.unwrap();
        assert_eq!(error["error"]["type"], "invalid_request_error", "{header}");
        assert_eq!(
            error["error"]["message"], "anthropic-version: header is required",
            "{header}"
        );
    }
    let strange = caller.client.post(&url).header("x-api-key", "nonsense").json(&body());
    assert_eq!(strange.send().await.unwrap().status(), 401, "a bad key is told first");
}

#[tokio::test]
async fn models_are_listed_and_told_of() {
    let caller = Caller::start().await;
    let list = caller.get("anthropic", "/v1/models").await;
    assert_eq!(list["data"][0]["id"], list["first_id"]);
    let one = caller.get("anthropic", "/v1/models/claude-haiku-4-5").await;
    assert_eq!(
        (&one["id"], &one["type"]),
        (&json!("claude-haiku-4-5"), &json!("model"))
    );
}
