//! A call through the router, and its answer.

use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::request::Builder;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body_util::BodyExt;
use latchkey::web::Front;
use serde_json::Value;
use std::net::SocketAddr;

/// A call to be made.
#[must_use]
pub(crate) struct Call {
    front: Front,
    request: Builder,
    body: Vec<u8>,
    says_length: bool,
}

impl Call {
    pub(super) fn new(front: Front, method: &str, path: &str) -> Self {
        Self {
            front,
            request: Request::builder().method(method).uri(path),
            body: Vec::new(),
            says_length: true,
        }
    }

    /// With this token.
    pub(crate) fn bearer(self, token: &str) -> Self {
        self.header(AUTHORIZATION.as_str(), &format!("Bearer {token}"))
    }

    /// With this header.
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }

    /// With this JSON.
    #[expect(clippy::needless_pass_by_value, reason = "made for `json!`")]
    pub(crate) fn json(self, body: Value) -> Self {
        self.header(CONTENT_TYPE.as_str(), "application/json")
            .body(body.to_string())
    }

    /// With this body, whatever it is.
    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Without saying how long the body is.
    pub(crate) fn chunked(mut self) -> Self {
        self.says_length = false;
        self
    }

    /// Makes the call.
    pub(crate) async fn send(self) -> Answer {
        let length = self.says_length.then(|| HeaderValue::from(self.body.len()));
        let mut request = self.request.body(Body::from(self.body)).unwrap();
        request
            .headers_mut()
            .extend(length.map(|length| (CONTENT_LENGTH, length)));
        let peer = SocketAddr::from(([192, 0, 2, 1], 40_000));
        let (parts, body) = Box::pin(self.front.answer(request, peer)).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: StatusCode,
    /// Its headers.
    pub(crate) headers: HeaderMap,
    /// Its body.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// A header's text; empty when it is not there.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The JSON of an answer with this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/json");
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The problem of this status and code, checked for what every problem has.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem: Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        assert_eq!(problem["request_id"], self.header("x-request-id"), "{problem}");
        assert!(
            problem["title"].is_string() && problem["detail"].is_string(),
            "{problem}"
        );
        problem
    }

    /// A server function's refusal because of how things are, in words that hold these.
    #[track_caller]
    pub(crate) fn conflict(&self, words: &str) {
        let error = self.expect(409);
        assert!(error["message"].as_str().unwrap().contains(words), "{error}");
    }

    /// The names of the fields that a problem is about.
    #[track_caller]
    pub(crate) fn wrong_fields(&self) -> Vec<String> {
        let problem: Value = serde_json::from_slice(&self.body).unwrap();
        let errors = problem["errors"].as_array().cloned().unwrap_or_default();
        errors
            .iter()
            .map(|error| error["field"].as_str().unwrap().to_owned())
            .collect()
    }
}
