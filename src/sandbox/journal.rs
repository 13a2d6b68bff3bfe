//! What the sandbox has seen.

use axum::http::{HeaderMap, Method};
use bytes::Bytes;
use std::collections::{HashMap, VecDeque};
use std::fmt;

/// The most requests that are kept; the oldest go first.
const KEPT: usize = 10_000;
/// The most bytes of bodies that are kept.
const KEPT_BYTES: usize = 256 * 1024 * 1024;

/// A request as it reached a provider's double.
#[derive(Clone)]
pub struct SeenCall {
    /// Which provider's.
    pub slug: &'static str,
    /// The method.
    pub method: Method,
    /// From the provider's origin on, as it was sent: `/v1/chat/completions`.
    pub path_and_query: String,
    /// Every header.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// The key where this provider expects it; empty without one.
    pub key: String,
}

impl fmt::Debug for SeenCall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { slug, method, .. } = self;
        write!(formatter, "{method} {slug}{} with {}", self.path_and_query, self.key)
    }
}

/// The requests seen, and how many model calls came with each key.
#[derive(Default)]
pub(super) struct Journal {
    requests: VecDeque<(SeenCall, bool)>,
    bytes: usize,
    model_calls: HashMap<String, usize>,
}

impl Journal {
    pub(super) fn add(&mut self, seen: SeenCall, is_model_call: bool) {
        if is_model_call {
            *self.model_calls.entry(seen.key.clone()).or_default() += 1;
        }
        self.bytes += seen.body.len();
        self.requests.push_back((seen, is_model_call));
        while self.requests.len() > KEPT || self.bytes > KEPT_BYTES {
            let Some((oldest, _)) = self.requests.pop_front() else {
                break;
            };
            self.bytes -= oldest.body.len();
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    pub(super) fn requests(&self) -> Vec<SeenCall> {
        self.requests.iter().map(|(seen, _)| seen.clone()).collect()
    }

    pub(super) fn model_calls(&self) -> Vec<SeenCall> {
        let model_calls = self.requests.iter().filter(|(_, is_model_call)| *is_model_call);
        model_calls.map(|(seen, _)| seen.clone()).collect()
    }

    pub(super) fn model_calls_with(&self, key: &str) -> usize {
        self.model_calls.get(key).copied().unwrap_or_default()
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} requests", self.requests.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(key: &str) -> SeenCall {
        SeenCall {
            slug: "openai",
            method: Method::POST,
            path_and_query: "/v1/responses".to_owned(),
            headers: HeaderMap::new(),
            body: Bytes::from_static(b"{}"),
            key: key.to_owned(),
        }
    }

    #[test]
    fn the_oldest_requests_are_dropped_and_every_call_is_counted() {
        let mut journal = Journal::default();
        journal.add(seen("first"), true);
        for _ in 0..KEPT {
            journal.add(seen("later"), true);
        }
        journal.add(seen("later"), false);
        assert_eq!(journal.requests().len(), KEPT);
        assert_eq!(journal.model_calls().len(), KEPT - 1);
        assert!(journal.requests().iter().all(|one| one.key == "later"));
        assert_eq!(journal.model_calls_with("first"), 1);
        assert_eq!(journal.model_calls_with("later"), KEPT);
        journal.clear();
        assert_eq!((journal.requests().len(), journal.model_calls_with("first")), (0, 0));
    }
}
