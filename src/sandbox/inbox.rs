//! Receivers of webhooks: `POST /webhooks/{inbox}` keeps what comes and answers 200, or what `?answer=500` says;
//! `GET /webhooks/{inbox}` tells what came, the oldest first.

use super::state::State;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The most messages that an inbox keeps; the oldest go first.
const KEPT: usize = 1_000;

/// A message as it came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceivedMessage {
    /// Its headers, by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Its body, to the byte.
    pub body: String,
}

#[derive(Deserialize)]
pub(super) struct Wanted {
    /// The status to answer.
    answer: Option<u16>,
}

pub(super) async fn receive(
    Shared(state): Shared<Arc<State>>,
    Path(inbox): Path<String>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let received = ReceivedMessage {
        headers: headers
            .iter()
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let mut inboxes = state.inboxes();
    let messages = inboxes.entry(inbox).or_default();
    if messages.len() >= KEPT {
        messages.remove(0);
    }
    messages.push(received);
    let status = wanted.answer.and_then(|status| StatusCode::from_u16(status).ok());
    match status {
        None => (StatusCode::OK, "Taken.\n"),
        Some(status) => (status, "As you wished.\n"),
    }
}

pub(super) async fn list(Shared(state): Shared<Arc<State>>, Path(inbox): Path<String>) -> Json<Vec<ReceivedMessage>> {
    let messages = state.inboxes().get(&inbox).cloned();
    Json(messages.unwrap_or_default())
}
