//! Keys that make an answer go wrong.

use super::{Caller, Event, chat, event, events, joined, streamed};
use crate::sandbox::{Behaviour, Streams};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

fn message(model: &str) -> Value {
    let mut body = chat(model);
    body["max_tokens"] = 1000.into();
    body
}

fn contents() -> Value {
    json!({"contents": [{"parts": [{"text": "Hello there"}]}]})
}

/// A streamed call of each shape.
fn calls() -> Vec<(&'static str, &'static str, Value)> {
    let response = json!({"model": "some-model", "input": "Hello there", "stream": true});
    vec![
        ("openai", "/v1/chat/completions", streamed(chat("some-model"))),
        ("openai", "/v1/responses", response),
        ("anthropic", "/v1/messages", streamed(message("some-model"))),
        (
            "gemini",
            "/v1beta/models/some-model:streamGenerateContent?alt=sse",
            contents(),
        ),
        ("gemini", "/v1beta/models/some-model:streamGenerateContent", contents()),
        ("xai", "/v1/chat/completions", streamed(chat("some-model"))),
        ("openrouter", "/api/v1/chat/completions", streamed(chat("some-model"))),
        ("mistral", "/v1/chat/completions", streamed(chat("some-model"))),
        ("cohere", "/v2/chat", streamed(chat("some-model"))),
    ]
}

#[tokio::test]
async fn a_silent_key_gets_the_head_and_no_more() {
    let caller = Caller::with(Behaviour::Silent).await;
    for (slug, path, body) in calls() {
        let mut answer = caller.send(slug, path, &body).await;
        assert_eq!(answer.status(), 200, "{slug}");
        let waited = tokio::time::timeout(Duration::from_millis(50), answer.chunk()).await;
        assert!(waited.is_err(), "{slug} said something");
    }
    let mut whole = caller.send("openai", "/v1/chat/completions", &chat("gpt-4o")).await;
    assert_eq!(whole.headers()["content-type"], "application/json");
    let waited = tokio::time::timeout(Duration::from_millis(50), whole.chunk()).await;
    assert!(waited.is_err());
}

#[tokio::test]
async fn a_breaking_key_gets_half_a_stream_and_a_closed_connection() {
    let caller = Caller::with(Behaviour::Breaking).await;
    for (slug, path, body) in calls() {
        let mut answer = caller.send(slug, path, &body).await;
        assert_eq!(answer.status(), 200, "{slug}");
        let mut text = Vec::new();
        let error = loop {
            match answer.chunk().await {
                Ok(Some(chunk)) => text.extend(chunk),
                Ok(None) => panic!("{slug} came to an end"),
                Err(error) => break error,
            }
        };
        assert!(error.is_body() || error.is_decode(), "{slug}: {error:?}");
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("said:"), "{slug}: {text}");
        assert!(!text.contains("there"), "{slug}: {text}");
    }
    let whole = caller.send("openai", "/v1/chat/completions", &chat("gpt-4o")).await;
    assert!(whole.text().await.is_err());
    // Whoever is left did not leave.
    let streams = caller.sandbox.until_streams(|streams| streams.open == 0).await;
    assert_eq!(streams.abandoned, 0);
}

#[tokio::test]
async fn an_erring_key_gets_half_a_stream_and_the_providers_error() {
    let caller = Caller::with(Behaviour::Erring).await;
    for (slug, path, body) in calls() {
        let answer = caller.send(slug, path, &body).await;
        assert_eq!(answer.status(), 200, "{slug}");
        let text = answer.text().await.unwrap();
        assert!(text.contains("said:") && !text.contains("there"), "{slug}: {text}");
        if path.ends_with(":streamGenerateContent") {
            let list: Vec<Value> = serde_json::from_str(&text).unwrap();
            assert_eq!(list.last().unwrap()["error"]["status"], "UNAVAILABLE");
            continue;
        }
        let last = events(&text).pop().unwrap();
        let Event::Data { name, value } = &last else {
            panic!("{slug}: {last:?}")
        };
        match (slug, path) {
            ("openai", "/v1/responses") => {
                assert_eq!((name.as_deref(), &value["type"]), (Some("error"), &json!("error")));
                assert_eq!(value["sequence_number"], 6);
            }
            ("openai", _) => assert_eq!(value["error"]["type"], "server_error"),
            ("anthropic", _) => {
                assert_eq!(name.as_deref(), Some("error"));
                assert_eq!(value["error"]["type"], "overloaded_error");
            }
            ("gemini", _) => assert_eq!(value["error"]["code"], 503),
            ("openrouter", _) => {
                assert_eq!(value["error"]["code"], 502);
                assert_eq!(value["choices"][0]["finish_reason"], "error");
            }
            ("xai", _) => assert!(value["error"].is_string()),
            ("cohere", _) => assert_eq!(value["delta"]["finish_reason"], "ERROR"),
            _ => assert_eq!(value["object"], "error"),
        }
    }
}

#[tokio::test]
async fn an_erring_key_is_refused_where_nothing_is_streamed() {
    let caller = Caller::with(Behaviour::Erring).await;
    let answer = caller.send("anthropic", "/v1/messages", &message("some-model")).await;
    assert_eq!(answer.status(), 529);
    assert_eq!(
        answer.json::<Value>().await.unwrap()["error"]["type"],
        "overloaded_error"
    );
}

#[tokio::test]
async fn a_long_key_gets_200_words_with_pauses() {
    let caller = Caller::with(Behaviour::Long).await;
    let began = Instant::now();
    let body = streamed(chat("gpt-4o"));
    let mut answer = caller.send("openai", "/v1/chat/completions", &body).await;
    let mut frames = 0;
    while frames < 5 {
        let frame = answer.chunk().await.unwrap().unwrap();
        event(std::str::from_utf8(&frame).unwrap().trim_end());
        frames += 1;
    }
    assert!(began.elapsed() >= Duration::from_millis(200), "four pauses of 50 ms");
    assert_eq!(caller.sandbox.open_streams(), 1);

    let whole = caller.post("anthropic", "/v1/messages", &message("some-model")).await;
    assert_eq!(whole["usage"]["output_tokens"], 200);
}

#[tokio::test]
async fn frames_come_one_by_one() {
    let caller = Caller::start().await;
    let body = streamed(chat("gpt-4o"));
    let began = Instant::now();
    let mut answer = caller.send("openai", "/v1/chat/completions", &body).await;
    let mut frames = 0;
    while answer.chunk().await.unwrap().is_some() {
        frames += 1;
    }
    assert_eq!(frames, 7, "the role, four words, the reason, the end");
    assert!(began.elapsed() >= Duration::from_millis(60), "six pauses of 10 ms");
}

#[tokio::test]
async fn a_key_refused_by_the_model_alone_can_list() {
    let caller = Caller::with(Behaviour::ModelRefused).await;
    caller.get("openai", "/v1/models").await;
    let answer = caller.send("openai", "/v1/chat/completions", &chat("gpt-4o")).await;
    assert_eq!(answer.status(), 401);
    assert_eq!(
        answer.json::<Value>().await.unwrap()["error"]["code"],
        "invalid_api_key"
    );
}

#[tokio::test]
async fn a_client_that_leaves_is_noticed() {
    let caller = Caller::with(Behaviour::Long).await;
    let answer = caller
        .send("anthropic", "/v1/messages", &streamed(message("some-model")))
        .await;
    assert_eq!(caller.sandbox.open_streams(), 1);
    drop(answer);
    let streams = caller.sandbox.until_streams(|streams| streams.open == 0).await;
    assert_eq!(streams, Streams { open: 0, abandoned: 1 });
    assert_eq!(caller.sandbox.abandoned_streams(), 1);
}

#[tokio::test]
async fn a_client_that_leaves_before_the_head_is_noticed() {
    let caller = Caller::with(Behaviour::Hanging).await;
    let body = chat("gpt-4o");
    let sending = caller.send("openai", "/v1/chat/completions", &body);
    let arrived = caller.sandbox.until_streams(|streams| streams.open == 1);
    tokio::select! {
        _ = sending => panic!("a hanging key was answered"),
        _ = arrived => {}
    }
    caller.sandbox.until_streams(|streams| streams.abandoned == 1).await;
}

#[tokio::test]
async fn a_client_that_stays_to_the_end_has_not_left() {
    let caller = Caller::start().await;
    let body = streamed(chat("gpt-4o"));
    let events = caller.events("openai", "/v1/chat/completions", &body).await;
    assert_eq!(joined(&events, "/choices/0/delta/content"), "You said: Hello there");
    let streams = caller.sandbox.until_streams(|streams| streams.open == 0).await;
    assert_eq!(streams.abandoned, 0);
}

#[tokio::test]
async fn stopping_ends_every_stream() {
    let caller = Caller::with(Behaviour::Silent).await;
    let body = streamed(chat("gpt-4o"));
    let silent = caller.send("openai", "/v1/chat/completions", &body).await;
    let long = Caller {
        behaviour: Behaviour::Long,
        ..caller
    };
    let running = long.send("openai", "/v1/chat/completions", &body).await;
    let stopping = tokio::time::timeout(Duration::from_secs(5), long.sandbox.stop());
    stopping.await.unwrap();
    assert!(silent.text().await.is_err());
    assert!(running.text().await.is_err());
}
