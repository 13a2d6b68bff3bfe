//! What is asked and answered: chat completions in `OpenAI`'s shape, made once.

use serde_json::{Value, json};
use std::time::Duration;

/// What the upstream knows its customer by.
pub(super) const PROVIDER_KEY: &str = "sk-proj-FAKE-bench-key-that-opens-nothing-000000000000";
pub(super) const PATH: &str = "/v1/chat/completions";

/// How a stream is answered.
#[derive(Clone, Copy)]
pub(super) struct Pace {
    pub(super) chunks: u32,
    /// Between one chunk and the next; the first comes with the head.
    pub(super) every: Duration,
}

/// Everything the mock sends, as it goes over the wire.
pub(super) struct Answers {
    pub(super) models: Vec<u8>,
    pub(super) whole: Vec<u8>,
    pub(super) refused: Vec<u8>,
    pub(super) stream_head: Vec<u8>,
    pub(super) chunk: Vec<u8>,
    pub(super) usage_chunk: Vec<u8>,
    pub(super) stream_end: Vec<u8>,
}

impl Answers {
    pub(super) fn new() -> Self {
        let models = json!({"object": "list", "data": [{"id": "gpt-4o-mini", "object": "model"}]});
        let refused = json!({"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}});
        Self {
            models: sized("200 OK", &models.to_string()),
            whole: sized("200 OK", &completion()),
            refused: sized("401 Unauthorized", &refused.to_string()),
            stream_head: format!(
                "{}transfer-encoding: chunked\r\n\r\n",
                head("200 OK", "text/event-stream")
            )
            .into(),
            chunk: chunked(&event(&delta())),
            usage_chunk: chunked(&event(&usage_chunk())),
            stream_end: format!("{}0\r\n\r\n", chunked_text(&event("[DONE]"))).into(),
        }
    }
}

/// The body of a whole answer, of about 1 KB.
pub(super) fn completion() -> String {
    let content = "Rivers carry what the hills let go of. ".repeat(13);
    json!({
        "id": "chatcmpl-FAKE0000000000000000000000000",
        "object": "chat.completion",
        "created": 1_760_000_000,
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [{
            "index": 0,
            "message": {"role": "assistant", "content": content, "refusal": null},
            "logprobs": null,
            "finish_reason": "stop",
        }],
        "usage": usage(),
        "service_tier": "default",
        "system_fingerprint": "fp_0000000000",
    })
    .to_string()
}

impl Pace {
    /// How long a stream takes.
    pub(super) fn length(self) -> Duration {
        self.every * self.chunks
    }
}

/// The body of a stream as a client meets it that did not ask for usage.
pub(super) fn stream(pace: Pace) -> String {
    let chunk = event(&delta());
    (0..pace.chunks).map(|_| &*chunk).collect::<String>() + &event("[DONE]")
}

/// A request of about 1 KB of body, with its head.
pub(super) fn request(authority: &str, path: &str, credential: &str, streams: bool) -> Vec<u8> {
    let content = "Tell me, in a few words, what a river is. ".repeat(21);
    let mut body = json!({
        "model": "gpt-4o-mini",
        "messages": [
            {"role": "system", "content": "You answer briefly."},
            {"role": "user", "content": content},
        ],
        "temperature": 0.2,
    });
    if streams {
        body["stream"] = Value::Bool(true);
    }
    let body = body.to_string();
    format!(
        "POST {path} HTTP/1.1\r\nhost: {authority}\r\nauthorization: Bearer {credential}\r\n\
         content-type: application/json\r\naccept: application/json\r\nuser-agent: bench/1.0\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn usage() -> Value {
    json!({
        "prompt_tokens": 231,
        "completion_tokens": 118,
        "total_tokens": 349,
        "prompt_tokens_details": {"cached_tokens": 128, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
    })
}

/// A chunk of about 200 bytes.
fn delta() -> String {
    json!({
        "id": "chatcmpl-FAKE0000000000000000000000000",
        "object": "chat.completion.chunk",
        "created": 1_760_000_000,
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [{"index": 0, "delta": {"content": " rivers"}, "finish_reason": null}],
    })
    .to_string()
}

fn usage_chunk() -> String {
    json!({
        "id": "chatcmpl-FAKE0000000000000000000000000",
        "object": "chat.completion.chunk",
        "created": 1_760_000_000,
        "model": "gpt-4o-mini-2024-07-18",
        "choices": [],
        "usage": usage(),
    })
    .to_string()
}

fn event(data: &str) -> String {
    format!("data: {data}\n\n")
}

fn chunked(text: &str) -> Vec<u8> {
    chunked_text(text).into_bytes()
}

fn chunked_text(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

/// A head up to where its body's length is said.
fn head(status: &str, content_type: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\nopenai-processing-ms: 2\r\nopenai-version: 2020-10-01\r\n\
         x-ratelimit-remaining-requests: 29999\r\nx-request-id: req_FAKE000000000000000000000000\r\n"
    )
}

fn sized(status: &str, body: &str) -> Vec<u8> {
    let head = head(status, "application/json");
    format!("{head}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}
