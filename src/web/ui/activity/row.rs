//! One call as the list shows it.

use super::words;
use crate::providers;
use crate::service::usage::Call;
use crate::web::ui::moment::moment;
use app::contract::CallView;
use time::OffsetDateTime;

/// The first status that tells of a failure.
const FAILED: u16 = 400;

pub(super) fn row(call: &Call, now: OffsetDateTime) -> CallView {
    CallView {
        id: call.id.to_string(),
        at: moment(call.occurred_at, now),
        provider: providers::name_of(call.provider.as_str()).to_owned(),
        model: call.model().unwrap_or(&call.operation).to_owned(),
        source: call.key_source.map(|source| source.to_string()).unwrap_or_default(),
        source_words: words::source(call.key_source).to_owned(),
        fallback: call.fallback_reason.map(words::fallback).unwrap_or_default().to_owned(),
        status: call.status,
        is_failed: is_failed(call),
        error_code: call.error_code.clone(),
        input_tokens: words::count_or(call.tokens.input),
        output_tokens: words::count_or(call.tokens.output),
        cost: words::cost(call.cost),
        latency: words::duration(call.latency_ms),
    }
}

/// Whether the caller got less than it asked for: a stream can break off behind a status of 200.
pub(super) fn is_failed(call: &Call) -> bool {
    call.status >= FAILED || call.error_code.is_some()
}
