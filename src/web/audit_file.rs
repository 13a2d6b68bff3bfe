//! The audit trail as a file: for spreadsheets, or line by line for whoever verifies it.

use super::csv_text::text;
use super::problem;
use crate::service::ServiceError;
use crate::service::audit::ExportedEvent;
use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use csv::{Terminator, WriterBuilder};
use futures::{Stream, StreamExt, stream};
use std::io;
use std::str::FromStr;
use time::format_description::well_known::Rfc3339;

/// How many columns there are.
const WIDTH: usize = 11;

const COLUMNS: [&str; WIDTH] = [
    "sequence",
    "time",
    "event",
    "actor_kind",
    "actor_id",
    "target_kind",
    "target_id",
    "details",
    "client_address",
    "request_id",
    "mac",
];

/// What kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// For spreadsheets.
    Csv,
    /// One event a line, as JSON, with all that verifying it takes.
    JsonLines,
}

impl FromStr for Format {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "csv" => Ok(Self::Csv),
            "jsonl" => Ok(Self::JsonLines),
            _ => Err(()),
        }
    }
}

/// The answer that holds the events, page by page as they are read.
pub(super) fn answer(
    format: Format,
    pages: impl Stream<Item = Result<Vec<ExportedEvent>, ServiceError>> + Send + 'static,
) -> Response {
    let (kind, name, head) = match format {
        Format::Csv => (
            "text/csv; charset=utf-8",
            "attachment; filename=\"audit.csv\"",
            Some(csv(&[COLUMNS.map(str::to_owned)])),
        ),
        Format::JsonLines => (
            "application/jsonl; charset=utf-8",
            "attachment; filename=\"audit.jsonl\"",
            None,
        ),
    };
    let pages = pages.map(move |page| match (page, format) {
        (Ok(events), Format::Csv) => csv(&events.iter().map(record).collect::<Vec<_>>()),
        (Ok(events), Format::JsonLines) => Ok(json_lines(&events)),
        // The answer has begun; breaking it off is all that is left to tell.
        (Err(error), _) => {
            problem::log(&error);
            Err(io::Error::other(error))
        }
    });
    let headers = [(CONTENT_TYPE, kind), (CONTENT_DISPOSITION, name)];
    (headers, Body::from_stream(stream::iter(head).chain(pages))).into_response()
}

fn json_lines(events: &[ExportedEvent]) -> Vec<u8> {
    events.iter().fold(Vec::new(), |mut lines, event| {
        lines.extend_from_slice(event.line().as_bytes());
        lines.push(b'\n');
        lines
    })
}

/// Records as lines of the file.
fn csv(records: &[[String; WIDTH]]) -> io::Result<Vec<u8>> {
    let mut writer = WriterBuilder::new()
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    for record in records {
        writer.write_record(record).map_err(io::Error::other)?;
    }
    writer.into_inner().map_err(|error| io::Error::other(error.to_string()))
}

fn record(event: &ExportedEvent) -> [String; WIDTH] {
    [
        event.sequence.to_string(),
        event.occurred_at.format(&Rfc3339).unwrap_or_default(),
        text(&event.event),
        text(&event.actor_kind),
        event.actor_id.map(|id| id.to_string()).unwrap_or_default(),
        text(&event.target_kind),
        text(&event.target_id),
        text(&event.details.to_string()),
        text(event.client_address.as_deref().unwrap_or_default()),
        event.request_id.to_string(),
        hex::encode(event.mac),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;
    use serde_json::json;
    use time::macros::datetime;
    use uuid::Uuid;

    fn event(target: &str) -> ExportedEvent {
        ExportedEvent {
            organization: Uuid::from_u128(1),
            sequence: 7,
            id: Uuid::from_u128(2),
            occurred_at: datetime!(2026-11-21 14:02:07.310482 UTC),
            event: "invitation.created".to_owned(),
            actor_kind: "user".to_owned(),
            actor_id: Some(Uuid::from_u128(3)),
            client_address: None,
            request_id: Uuid::from_u128(4),
            target_kind: "invitation".to_owned(),
            target_id: target.to_owned(),
            details: json!({ "email": "=1+1@example.com" }),
            previous_mac: [1; 32],
            mac: [2; 32],
        }
    }

    fn file(format: Format, target: &str) -> String {
        let pages = stream::iter([Ok(vec![event(target)])]);
        let body = answer(format, pages).into_body();
        let bytes = block_on(axum::body::to_bytes(body, usize::MAX)).unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn no_text_of_others_becomes_a_formula() {
        let lines = file(Format::Csv, "=HYPERLINK(\"https://example.com\")");
        assert!(lines.starts_with("sequence,time,event,"), "{lines}");
        assert!(
            lines.contains(",\"'=HYPERLINK(\"\"https://example.com\"\")\",\"{\"\"email\"\""),
            "{lines}"
        );
        assert!(
            lines.contains("7,2026-11-21T14:02:07.310482Z,invitation.created,"),
            "{lines}"
        );
    }

    #[test]
    fn a_line_is_read_back_as_it_was_and_in_no_other_way() {
        let lines = file(Format::JsonLines, "x");
        let line = lines.strip_suffix('\n').unwrap();
        assert_eq!(ExportedEvent::read(line), Some(event("x")));
        let twice = line.replace("{\"email\":", "{\"email\":\"other@example.com\",\"email\":");
        for other in [twice, format!(" {line}"), line.replace("0202", "0 02"), String::new()] {
            assert_ne!(other, line);
            assert_eq!(ExportedEvent::read(&other), None, "{other}");
        }
    }
}
