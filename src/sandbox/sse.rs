//! Server-sent events.

use bytes::Bytes;
use serde_json::Value;

/// The content type of a stream of events.
pub(super) const EVENT_STREAM: &str = "text/event-stream; charset=utf-8";

/// The event after which OpenAI's clients, and those of all who speak likewise, stop reading.
pub(super) const DONE: Bytes = Bytes::from_static(b"data: [DONE]\n\n");

/// An event without a name.
pub(super) fn data(value: &Value) -> Bytes {
    Bytes::from(format!("data: {value}\n\n"))
}

/// A named event.
pub(super) fn event(name: &str, value: &Value) -> Bytes {
    Bytes::from(format!("event: {name}\ndata: {value}\n\n"))
}

/// An event named as its `type` says.
pub(super) fn typed(value: &Value) -> Bytes {
    event(value["type"].as_str().unwrap_or_default(), value)
}

/// A comment, which keeps a connection alive and tells nothing.
pub(super) fn comment(text: &str) -> Bytes {
    Bytes::from(format!(": {text}\n\n"))
}
