//! Usage events: written in batches, read by project, the newest first.

mod calls;
mod filter;

pub use calls::{Call, CallCursor, arrived_since, exists, find, list};
pub use filter::{CallFilter, StatusFilter};

use super::{StoreError, SystemTx};
use crate::domain::{KeySource, MicroDollars, UsageEvent};
use serde::Serialize;
use std::collections::BTreeMap;
use time::OffsetDateTime;
use uuid::Uuid;

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

/// One event under the names of the table's columns; what is not there is null.
#[derive(Serialize)]
struct EventRow<'a> {
    org_id: Uuid,
    #[serde(with = "time::serde::rfc3339")]
    occurred_at: OffsetDateTime,
    id: Uuid,
    project_id: Uuid,
    token_id: Uuid,
    provider: &'a str,
    operation: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_asked: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model_answered: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<Uuid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_version: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_source: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fallback_reason: Option<&'static str>,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'static str>,
    streamed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_tokens: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tokens: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cached_input_tokens: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_write_tokens: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_tokens: Option<i64>,
    usage_source: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_micros: Option<i64>,
    fee_micros: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    prices_version: Option<&'a str>,
    latency_ms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_byte_ms: Option<i64>,
    request_bytes: i64,
    response_bytes: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'a str>,
    labels: &'a BTreeMap<String, String>,
}

impl Default for Batch {
    fn default() -> Self {
        Self {
            json: b"[".to_vec(),
            events: 0,
        }
    }
}

impl Batch {
    /// Adds an event.
    pub fn push(&mut self, event: &UsageEvent, charge: Charge<'_>) {
        let row = EventRow {
            org_id: event.org.as_uuid(),
            occurred_at: event.occurred_at,
            id: event.id.as_uuid(),
            project_id: event.project.as_uuid(),
            token_id: event.token.as_uuid(),
            provider: event.provider.as_str(),
            operation: event.operation,
            model_asked: event.model_asked.as_deref(),
            model_answered: event.model_answered.as_deref(),
            key_id: event.key.map(|key| key.as_uuid()),
            key_version: event.key_version,
            key_source: event.key_source.map(KeySource::as_str),
            fallback_reason: event.fallback_reason.map(crate::domain::FallbackReason::as_str),
            status: event.status,
            error_code: event.error_code,
            streamed: event.streamed,
            input_tokens: event.tokens.input,
            output_tokens: event.tokens.output,
            cached_input_tokens: event.tokens.cached_input,
            cache_write_tokens: event.tokens.cache_write,
            reasoning_tokens: event.tokens.reasoning,
            usage_source: event.usage_source.as_str(),
            cost_micros: charge.cost.map(|cost| cost.0),
            fee_micros: charge.fee.0,
            prices_version: charge.prices_version,
            latency_ms: event.latency_ms,
            first_byte_ms: event.first_byte_ms,
            request_bytes: event.request_bytes,
            response_bytes: event.response_bytes,
            session: event.session.as_deref(),
            labels: &event.labels,
        };
        let begun = self.json.len();
        if self.events > 0 {
            self.json.push(b',');
        }
        match serde_json::to_writer(&mut self.json, &row) {
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
        // Only serde_json wrote to it, and it writes UTF-8.
        EventsJson(String::from_utf8(self.json).unwrap_or_else(|_| "[]".to_owned()))
    }
}

/// Events, ready to be sent; sent again after a failure.
#[derive(Debug)]
pub struct EventsJson(String);

/// Records events, and when their tokens and keys were last used. An event that is there already stays as it is.
///
/// # Errors
/// Whatever the database says.
pub async fn add(tx: &mut SystemTx, events: &EventsJson) -> Result<u64, StoreError> {
    let added = sqlx::query_scalar!(
        r#"select system_add_usage_events($1::text::jsonb) as "added!""#,
        events.0
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(u64::try_from(added).unwrap_or_default())
}

/// Makes last month's partition, this month's, and so many ahead, unless they are there.
///
/// # Errors
/// Whatever the database says.
pub async fn create_partitions(tx: &mut SystemTx, months_ahead: i32) -> Result<(), StoreError> {
    sqlx::query!("select system_create_usage_partitions($1)", months_ahead)
        .execute(tx.connection())
        .await?;
    Ok(())
}
