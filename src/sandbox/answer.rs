//! A double's answer to a good call.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;
use serde_json::Value;

const JSON: &str = "application/json";

/// An answer with status 200.
pub(super) struct Answer {
    pub(super) headers: HeaderMap,
    pub(super) content: Content,
}

/// How an answer comes.
pub(super) enum Content {
    /// At once.
    Whole(Bytes),
    /// In frames with pauses between.
    Streamed(Stream),
}

/// The frames of a streamed answer.
pub(super) struct Stream {
    /// Before the words.
    pub(super) head: Vec<Bytes>,
    /// One a word.
    pub(super) words: Box<dyn ExactSizeIterator<Item = Bytes> + Send>,
    /// Behind them.
    pub(super) tail: Vec<Bytes>,
    /// The frame that tells of an error: from the body of the provider's refusal, and the frame's number.
    pub(super) error: fn(&Value, usize) -> Bytes,
}

impl Answer {
    pub(super) fn json(value: &Value) -> Self {
        Self::bytes(JSON, value.to_string())
    }

    pub(super) fn bytes(content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self::of(content_type, Content::Whole(body.into()))
    }

    pub(super) fn stream(content_type: &'static str, stream: Stream) -> Self {
        Self::of(content_type, Content::Streamed(stream))
    }

    fn of(content_type: &'static str, content: Content) -> Self {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        Self { headers, content }
    }

    pub(super) const fn is_streamed(&self) -> bool {
        matches!(self.content, Content::Streamed(_))
    }

    /// With one more header.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<HeaderValue>) -> Self {
        self.headers.insert(HeaderName::from_static(name), value.into());
        self
    }
}

impl Stream {
    /// The number of the frame in the middle of the words.
    pub(super) fn middle(&self) -> usize {
        self.head.len() + self.words.len() / 2
    }

    pub(super) fn frames(self) -> impl Iterator<Item = Bytes> + Send {
        self.head.into_iter().chain(self.words).chain(self.tail)
    }
}
