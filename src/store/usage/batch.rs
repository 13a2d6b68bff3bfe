//! Events on their way into one statement.

use crate::domain::{FallbackReason, KeySource, MicroDollars, UsageEvent};
use serde::Serialize;
use std::io::Write as _;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

/// What most events take, in bytes: so much is set aside for each, since to grow is to copy.
const USUAL_LENGTH: usize = 1024;

/// Events on their way into one statement: a JSON array, made as they come in.
#[derive(Debug)]
pub struct Batch {
    json: Vec<u8>,
    events: usize,
}

/// What a call costs, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge<'a> {
    /// What the provider charges; `None` when that is not known.
    pub cost: Option<MicroDollars>,
    /// Which prices said so; `None` where the provider itself did, and where nothing was asked.
    pub prices_version: Option<&'a str>,
    /// What the operator charges besides.
    pub fee: MicroDollars,
}

impl Batch {
    /// An empty one, with room for about so many events.
    #[must_use]
    pub fn with_room_for(events: usize) -> Self {
        let mut json = Vec::with_capacity(1 + events * USUAL_LENGTH);
        json.push(b'[');
        Self { json, events: 0 }
    }

    /// Adds an event.
    pub fn push(&mut self, event: &UsageEvent, charge: Charge<'_>) {
        let begun = self.json.len();
        if self.events > 0 {
            self.json.push(b',');
        }
        match write(&mut self.json, event, charge) {
            Ok(()) => self.events += 1,
            // Only a time that no calendar holds cannot be written.
            Err(_) => self.json.truncate(begun),
        }
    }

    /// How many events it holds.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.events
    }

    /// Whether it holds none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.events == 0
    }

    /// Closes the array.
    #[must_use]
    pub fn finish(mut self) -> EventsJson {
        self.json.push(b']');
        // Only texts were written to it, and they are UTF-8.
        EventsJson(String::from_utf8(self.json).unwrap_or_else(|_| "[]".to_owned()))
    }
}

/// Events, ready to be sent; sent again after a failure.
#[derive(Debug)]
pub struct EventsJson(String);

impl EventsJson {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Writes one event under the names of the table's columns; what is not there is null.
fn write(json: &mut Vec<u8>, event: &UsageEvent, charge: Charge<'_>) -> Result<(), time::error::Format> {
    json.extend_from_slice(b"{\"occurred_at\":\"");
    event.occurred_at.format_into(json, &Rfc3339)?;
    json.push(b'"');
    let mut row = Row(json);
    row.id("org_id", Some(event.org.as_uuid()));
    row.id("id", Some(event.id.as_uuid()));
    row.id("project_id", Some(event.project.as_uuid()));
    row.id("token_id", Some(event.token.as_uuid()));
    row.word("provider", Some(event.provider.as_str()));
    row.word("operation", Some(event.operation));
    row.free("model_asked", event.model_asked.as_ref());
    row.free("model_answered", event.model_answered.as_ref());
    row.id("key_id", event.key.map(|key| key.as_uuid()));
    row.number("key_version", event.key_version);
    row.word("key_source", event.key_source.map(KeySource::as_str));
    row.word("fallback_reason", event.fallback_reason.map(FallbackReason::as_str));
    row.number("status", Some(event.status.into()));
    row.word("error_code", event.error_code);
    row.free("streamed", Some(&event.streamed));
    row.number("input_tokens", event.tokens.input);
    row.number("output_tokens", event.tokens.output);
    row.number("cached_input_tokens", event.tokens.cached_input);
    row.number("cache_write_tokens", event.tokens.cache_write);
    row.number("reasoning_tokens", event.tokens.reasoning);
    row.word("usage_source", Some(event.usage_source.as_str()));
    row.number("cost_micros", charge.cost.map(|cost| cost.0));
    row.number("fee_micros", Some(charge.fee.0));
    row.word("prices_version", charge.prices_version);
    row.number("latency_ms", Some(event.latency_ms));
    row.number("first_byte_ms", event.first_byte_ms);
    row.number("request_bytes", Some(event.request_bytes));
    row.number("response_bytes", Some(event.response_bytes));
    row.free("session", event.session.as_ref());
    row.free("labels", Some(&event.labels));
    json.push(b'}');
    Ok(())
}

/// A JSON object behind its first member. Most of its texts are known to need no escapes, which to look for would take
/// most of the time.
struct Row<'json>(&'json mut Vec<u8>);

impl Row<'_> {
    fn name(&mut self, name: &str) {
        self.0.extend_from_slice(b",\"");
        self.0.extend_from_slice(name.as_bytes());
        self.0.extend_from_slice(b"\":");
    }

    fn id(&mut self, name: &str, id: Option<Uuid>) {
        let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
        self.word(name, id.map(|id| &*id.hyphenated().encode_lower(&mut text)));
    }

    fn number(&mut self, name: &str, number: Option<i64>) {
        self.free(name, number.as_ref());
    }

    /// A word of our own: letters, digits, dashes and the like.
    fn word(&mut self, name: &str, word: Option<&str>) {
        let Some(word) = word else { return };
        self.name(name);
        self.0.push(b'"');
        self.0.extend_from_slice(word.as_bytes());
        self.0.push(b'"');
    }

    /// Anything.
    fn free<T: Serialize>(&mut self, name: &str, value: Option<&T>) {
        let Some(value) = value else { return };
        self.name(name);
        // Into memory, numbers and texts and maps of texts: nothing that could fail.
        if serde_json::to_writer(&mut *self.0, value).is_err() {
            let _ = self.0.write_all(b"null");
        }
    }
}
