//! Calls as a file for spreadsheets and scripts.

use super::csv_text::text;
use super::problem;
use crate::domain::MicroDollars;
use crate::service::ServiceError;
use crate::service::projects::Project;
use crate::service::usage::Call;
use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use csv::{Terminator, WriterBuilder};
use futures::{Stream, StreamExt, stream};
use std::fmt::Display;
use std::io;
use time::format_description::well_known::Rfc3339;

/// How many columns there are.
const WIDTH: usize = 28;

const COLUMNS: [&str; WIDTH] = [
    "request_id",
    "time",
    "provider",
    "operation",
    "model_asked",
    "model_answered",
    "key_source",
    "fallback_reason",
    "key_id",
    "key_version",
    "token_id",
    "status",
    "error_code",
    "streamed",
    "input_tokens",
    "output_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
    "usage_source",
    "cost_usd",
    "fee_usd",
    "latency_ms",
    "first_byte_ms",
    "request_bytes",
    "response_bytes",
    "session",
    "labels",
];

/// The answer that holds a project's calls, page by page as they are read.
pub(super) fn answer(
    (project, pages): (
        Project,
        impl Stream<Item = Result<Vec<Call>, ServiceError>> + Send + 'static,
    ),
) -> Response {
    let head = stream::iter([write(&[COLUMNS.map(str::to_owned)])]);
    let pages = pages.map(|page| match page {
        Ok(calls) => write(&calls.iter().map(record).collect::<Vec<_>>()),
        // The answer has begun; breaking it off is all that is left to tell.
        Err(error) => {
            problem::log(&error);
            Err(io::Error::other(error))
        }
    });
    let name = format!("attachment; filename=\"{}-activity.csv\"", project.slug);
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, name),
    ];
    (headers, Body::from_stream(head.chain(pages))).into_response()
}

/// Records as lines of the file.
fn write(records: &[[String; WIDTH]]) -> io::Result<Vec<u8>> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    for record in records {
        writer.write_record(record).map_err(io::Error::other)?;
    }
    writer.into_inner().map_err(|error| io::Error::other(error.to_string()))
}

fn record(call: &Call) -> [String; WIDTH] {
    let labels: Vec<_> = call
        .labels
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    [
        call.id.to_string(),
        call.occurred_at.format(&Rfc3339).unwrap_or_default(),
        call.provider.to_string(),
        text(&call.operation),
        text(call.model_asked.as_deref().unwrap_or_default()),
        text(call.model_answered.as_deref().unwrap_or_default()),
        known(call.key_source),
        known(call.fallback_reason),
        known(call.key),
        known(call.key_version),
        call.token.to_string(),
        call.status.to_string(),
        text(call.error_code.as_deref().unwrap_or_default()),
        call.streamed.to_string(),
        known(call.tokens.input),
        known(call.tokens.output),
        known(call.tokens.cached_input),
        known(call.tokens.cache_write),
        known(call.tokens.reasoning),
        call.usage_source.to_string(),
        known(call.cost.map(dollars)),
        dollars(call.fee),
        call.latency_ms.to_string(),
        known(call.first_byte_ms),
        call.request_bytes.to_string(),
        call.response_bytes.to_string(),
        text(call.session.as_deref().unwrap_or_default()),
        text(&labels.join(",")),
    ]
}

/// Empty where nothing is known, which is not nothing.
fn known(value: Option<impl Display>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

/// `0.001250`
fn dollars(money: MicroDollars) -> String {
    money.to_string().replace('$', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_as_a_number() {
        assert_eq!(dollars(MicroDollars(1_250)), "0.001250");
        assert_eq!(known(None::<i64>), "");
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let mut record = COLUMNS.map(str::to_owned);
        record[26] = text("=HYPERLINK(\"https://example.com\"), and more");
        let written = String::from_utf8(write(&[record]).unwrap()).unwrap();
        assert!(written.ends_with(",\"'=HYPERLINK(\"\"https://example.com\"\"), and more\",labels\r\n"));
    }
}
