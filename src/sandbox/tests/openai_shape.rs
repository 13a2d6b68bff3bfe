//! Everyone who speaks OpenAI's shapes.

use super::{Caller, Event, chat, joined, streamed};
use serde_json::{Value, json};

/// Slug and path of a chat. The model is the deployment on Azure's older path.
const CHATS: [(&str, &str); 17] = [
    ("openai", "/v1/chat/completions"),
    ("azure_openai", "/openai/v1/chat/completions"),
    (
        "azure_openai",
        "/openai/deployments/some-model/chat/completions?api-version=2024-10-21",
    ),
    ("anthropic", "/v1/chat/completions"),
    ("gemini", "/v1beta/openai/chat/completions"),
    ("xai", "/v1/chat/completions"),
    ("openrouter", "/api/v1/chat/completions"),
    ("mistral", "/v1/chat/completions"),
    ("mistral", "/v1/fim/completions"),
    ("mistral", "/v1/agents/completions"),
    ("groq", "/openai/v1/chat/completions"),
    ("deepseek", "/chat/completions"),
    ("deepseek", "/v1/chat/completions"),
    ("deepseek", "/beta/chat/completions"),
    ("together", "/v1/chat/completions"),
    ("fireworks", "/inference/v1/chat/completions"),
    ("cohere", "/compatibility/v1/chat/completions"),
];

/// The parts of `usage` by which the providers differ: 3 words asked, 4 answered, 2 thought, none cached.
fn assert_usage(slug: &str, usage: &Value) {
    let count = |pointer: &str| usage.pointer(pointer).and_then(Value::as_u64);
    let completion = match slug {
        "xai" | "mistral" | "together" => 4,
        _ => 6,
    };
    assert_eq!(count("/prompt_tokens"), Some(3), "{slug}");
    assert_eq!(count("/completion_tokens"), Some(completion), "{slug}");
    let reasoning = (!matches!(slug, "mistral" | "together")).then_some(2);
    assert_eq!(
        count("/completion_tokens_details/reasoning_tokens"),
        reasoning,
        "{slug}"
    );
    assert_eq!(
        count("/total_tokens"),
        Some(if slug == "xai" { 9 } else { 3 + completion }),
        "{slug}"
    );
    assert_eq!(
        count("/cost_in_usd_ticks"),
        (slug == "xai").then_some(135_000),
        "{slug}"
    );
    assert_eq!(
        count("/prompt_cache_miss_tokens"),
        (slug == "deepseek").then_some(3),
        "{slug}"
    );
    assert_eq!(
        usage["cost"].as_f64(),
        (slug == "openrouter").then_some(0.000_013_5),
        "{slug}"
    );
    assert_eq!(usage["total_time"].as_f64(), (slug == "groq").then_some(1.5), "{slug}");
}

fn assert_closing(slug: &str, last: &Value) {
    assert_eq!(last["choices"][0]["finish_reason"], "stop", "{slug}");
    match slug {
        "mistral" | "cohere" | "fireworks" => assert_usage(slug, &last["usage"]),
        "groq" => assert_usage(slug, &last["x_groq"]["usage"]),
        _ => assert_eq!(last["x_groq"], Value::Null, "{slug}"),
    }
}

/// Takes away what comes before the first chunk.
fn after_opening(slug: &str, mut events: Vec<Event>) -> Vec<Event> {
    match slug {
        "openrouter" => assert_eq!(events.remove(0), Event::Comment("OPENROUTER PROCESSING".into())),
        "deepseek" => assert_eq!(events.remove(0), Event::Comment("keep-alive".into())),
        "azure_openai" => {
            let filter = events.remove(0);
            assert_eq!(filter.value()["choices"], json!([]));
            assert!(filter.value()["prompt_filter_results"].is_array());
        }
        _ => {}
    }
    assert_eq!(events.pop(), Some(Event::Done), "{slug}");
    events
}

#[tokio::test]
async fn a_chat_is_answered_whole() {
    let caller = Caller::start().await;
    for (slug, path) in CHATS {
        let answer = caller.post(slug, path, &chat("some-model")).await;
        assert_eq!(answer["object"], "chat.completion", "{slug}");
        assert_eq!(answer["model"], "some-model", "{slug}");
        assert_eq!(
            answer["choices"][0]["message"]["content"], "You said: Hello there",
            "{slug}"
        );
        assert_eq!(answer["choices"][0]["finish_reason"], "stop", "{slug}");
        assert_usage(slug, &answer["usage"]);
    }
}

#[tokio::test]
async fn a_streamed_chat_has_usage_where_the_provider_gives_it_unasked() {
    let caller = Caller::start().await;
    for (slug, path) in CHATS {
        let events = caller.events(slug, path, &streamed(chat("some-model"))).await;
        let chunks = after_opening(slug, events);
        assert_eq!(chunks.len(), 6, "{slug}: the role, four words, the reason");
        assert_eq!(chunks[0].value()["choices"][0]["delta"]["role"], "assistant", "{slug}");
        assert_eq!(
            joined(&chunks, "/choices/0/delta/content"),
            "You said: Hello there",
            "{slug}"
        );
        let (last, others) = chunks.split_last().unwrap();
        assert_closing(slug, last.value());
        assert!(
            others.iter().all(|chunk| chunk.value().get("usage").is_none()),
            "{slug}"
        );
        assert!(
            chunks.iter().all(|chunk| chunk.value()["model"] == "some-model"),
            "{slug}"
        );
    }
}

#[tokio::test]
async fn a_streamed_chat_has_one_more_chunk_with_usage_when_asked() {
    let caller = Caller::start().await;
    let mut body = streamed(chat("some-model"));
    body["stream_options"] = json!({"include_usage": true});
    for (slug, path) in CHATS {
        let mut chunks = after_opening(slug, caller.events(slug, path, &body).await);
        if !matches!(slug, "mistral" | "cohere" | "fireworks") {
            let with_usage = chunks.pop().unwrap();
            assert_eq!(with_usage.value()["choices"], json!([]), "{slug}");
            assert_usage(slug, &with_usage.value()["usage"]);
            assert!(
                chunks
                    .iter()
                    .all(|chunk| chunk.value().get("usage") == Some(&Value::Null)),
                "{slug}"
            );
        }
        assert_closing(slug, chunks.last().unwrap().value());
    }
}

#[tokio::test]
async fn a_limit_cuts_the_answer() {
    let caller = Caller::start().await;
    for field in ["max_tokens", "max_completion_tokens"] {
        let mut body = chat("gpt-4o");
        body[field] = 2.into();
        let answer = caller.post("openai", "/v1/chat/completions", &body).await;
        assert_eq!(answer["choices"][0]["message"]["content"], "You said:");
        assert_eq!(answer["choices"][0]["finish_reason"], "length");
        let events = caller.events("openai", "/v1/chat/completions", &streamed(body)).await;
        assert_eq!(events[3].value()["choices"][0]["finish_reason"], "length");
    }
}

#[tokio::test]
async fn a_text_is_completed() {
    let caller = Caller::start().await;
    for (slug, path) in [
        ("openai", "/v1/completions"),
        (
            "azure_openai",
            "/openai/deployments/some-model/completions?api-version=2024-10-21",
        ),
        ("xai", "/v1/completions"),
        ("openrouter", "/api/v1/completions"),
        ("deepseek", "/beta/completions"),
        ("together", "/v1/completions"),
        ("fireworks", "/inference/v1/completions"),
    ] {
        let body = json!({"model": "some-model", "prompt": "Hello there, you"});
        let answer = caller.post(slug, path, &body).await;
        assert_eq!(answer["object"], "text_completion", "{slug}");
        assert_eq!(answer["choices"][0]["text"], "You said: Hello there, you", "{slug}");
        assert_eq!(answer["usage"]["prompt_tokens"], 3, "{slug}");

        let mut body = streamed(body);
        body["stream_options"] = json!({"include_usage": true});
        let mut events = caller.events(slug, path, &body).await;
        assert_eq!(events.pop(), Some(Event::Done), "{slug}");
        assert_eq!(
            joined(&events, "/choices/0/text"),
            "You said: Hello there, you",
            "{slug}"
        );
        assert_eq!(events.last().unwrap().value()["usage"]["prompt_tokens"], 3, "{slug}");
    }
}

const RESPONSES: [(&str, &str); 6] = [
    ("openai", "/v1/responses"),
    ("azure_openai", "/openai/v1/responses"),
    ("xai", "/v1/responses"),
    ("openrouter", "/api/v1/responses"),
    ("groq", "/openai/v1/responses"),
    ("fireworks", "/inference/v1/responses"),
];

fn assert_response(slug: &str, response: &Value) {
    assert_eq!(response["model"], "some-model", "{slug}");
    assert_eq!(response["status"], "completed", "{slug}");
    assert_eq!(
        response["output"][0]["content"][0]["text"], "You said: Hello there",
        "{slug}"
    );
    let usage = &response["usage"];
    assert_eq!(
        (&usage["input_tokens"], &usage["output_tokens"]),
        (&json!(3), &json!(6)),
        "{slug}"
    );
    assert_eq!(usage["output_tokens_details"]["reasoning_tokens"], 2, "{slug}");
    assert_eq!(usage["cost_in_usd_ticks"].is_u64(), slug == "xai", "{slug}");
    assert_eq!(usage["cost"].is_f64(), slug == "openrouter", "{slug}");
}

#[tokio::test]
async fn a_response_is_given_whole_and_streamed() {
    let caller = Caller::start().await;
    for (slug, path) in RESPONSES {
        for input in [
            json!("Hello there"),
            json!([{"role": "user", "content": "Hello there"}]),
        ] {
            let body = json!({"model": "some-model", "instructions": "Greet", "input": input, "store": false});
            let answer = caller.post(slug, path, &body).await;
            assert_response(slug, &answer);
            assert_eq!(answer["store"], false, "{slug}");

            let events = caller.events(slug, path, &streamed(body)).await;
            let names: Vec<&str> = events
                .iter()
                .map(|event| event.value()["type"].as_str().unwrap())
                .collect();
            let mut expected = vec![
                "response.created",
                "response.in_progress",
                "response.output_item.added",
                "response.content_part.added",
            ];
            expected.extend(["response.output_text.delta"; 4]);
            expected.extend([
                "response.output_text.done",
                "response.content_part.done",
                "response.output_item.done",
                "response.completed",
            ]);
            assert_eq!(names, expected, "{slug}");
            for (number, event) in events.iter().enumerate() {
                assert_eq!(event.value()["sequence_number"], number, "{slug}");
                let Event::Data { name, value } = event else {
                    panic!("{event:?}")
                };
                assert_eq!(name.as_deref(), value["type"].as_str(), "{slug}");
            }
            let deltas = &events[4..8];
            assert_eq!(joined(deltas, "/delta"), "You said: Hello there", "{slug}");
            assert_response(slug, &events.last().unwrap().value()["response"]);
        }
    }
}

#[tokio::test]
async fn a_response_that_reaches_its_limit_is_incomplete() {
    let caller = Caller::start().await;
    let body = json!({"model": "gpt-4o", "input": "Hello there", "max_output_tokens": 3, "stream": true});
    let events = caller.events("openai", "/v1/responses", &body).await;
    let last = events.last().unwrap().value();
    assert_eq!(last["type"], "response.incomplete");
    assert_eq!(last["response"]["incomplete_details"]["reason"], "max_output_tokens");
    assert_eq!(last["response"]["usage"]["output_tokens"], 5);
}

#[tokio::test]
async fn a_kept_response_can_be_read_and_deleted() {
    let caller = Caller::start().await;
    let kept = caller.get("openai", "/v1/responses/resp_1").await;
    assert_eq!((&kept["id"], &kept["object"]), (&json!("resp_1"), &json!("response")));
    let request = caller.request(reqwest::Method::DELETE, "openai", "/v1/responses/resp_1");
    let deleted: Value = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(deleted["deleted"], true);
}
