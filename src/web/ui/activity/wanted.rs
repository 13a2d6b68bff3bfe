//! From the address's words to a question to the service, and the places that pages begin at.

use super::window::Window;
use crate::domain::CallId;
use crate::service::usage::{Call, CallCursor, CallFilter};
use app::contract::{ActivityFilter, UiError};
use std::str::FromStr;
use time::OffsetDateTime;

/// The service's filter; what cannot be read of the address's, in words.
pub(super) fn wanted(filter: &ActivityFilter, window: Window) -> Result<CallFilter, String> {
    let label = match filter.label.as_str() {
        "" => None,
        label => Some(
            label
                .split_once('=')
                .ok_or("Write a label as name=value, such as env=prod.")?,
        ),
    };
    Ok(CallFilter {
        from: window.from,
        to: window.to,
        provider: read(&filter.provider, "There is no such provider.")?,
        model: text(&filter.model),
        key_source: read(&filter.source, "The key is one of byok and platform.")?,
        status: read(&filter.status, "The status is ok, failed, or a number such as 429.")?,
        token: read(
            &filter.token,
            "There is no such token. Its id looks as the Tokens page's addresses do.",
        )?,
        session: text(&filter.session),
        label: label.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())),
    })
}

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn read<Value: FromStr>(text: &str, otherwise: &str) -> Result<Option<Value>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| otherwise.to_owned())
}

/// The place behind `call`, as the address holds it.
pub(super) fn behind(call: &Call) -> String {
    format!("{}_{}", microseconds(call.occurred_at), call.id)
}

/// The place that [`behind`] wrote; `None` for the beginning.
pub(super) fn read_cursor(text: &str) -> Result<Option<CallCursor>, UiError> {
    if text.is_empty() {
        return Ok(None);
    }
    let place = text.split_once('_').and_then(|(time, id)| {
        Some(CallCursor {
            occurred_at: read_microseconds(time)?,
            id: id.parse::<CallId>().ok()?,
        })
    });
    let unknown = || UiError::at_field("before", "Take the place from the answer before.");
    place.map(Some).ok_or_else(unknown)
}

/// A time of arrival, as the page sends it back.
pub(super) fn write_arrival(time: OffsetDateTime) -> String {
    microseconds(time).to_string()
}

/// The time that [`write_arrival`] wrote.
pub(super) fn read_arrival(text: &str) -> Result<OffsetDateTime, UiError> {
    read_microseconds(text).ok_or_else(|| UiError::at_field("after", "Take the place from the answer before."))
}

/// What the database counts in.
fn microseconds(time: OffsetDateTime) -> i128 {
    time.unix_timestamp_nanos() / 1_000
}

fn read_microseconds(text: &str) -> Option<OffsetDateTime> {
    let microseconds: i128 = text.parse().ok()?;
    OffsetDateTime::from_unix_timestamp_nanos(microseconds.checked_mul(1_000)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::usage::StatusFilter;

    fn filter(change: fn(&mut ActivityFilter)) -> Result<CallFilter, String> {
        let mut filter = ActivityFilter::default();
        change(&mut filter);
        wanted(&filter, Window::default())
    }

    #[test]
    fn what_is_empty_filters_nothing() {
        assert_eq!(filter(|_| {}), Ok(CallFilter::default()));
    }

    #[test]
    fn words_are_read_or_explained() {
        let failed = filter(|filter| filter.status = "failed".to_owned()).unwrap();
        assert_eq!(failed.status, Some(StatusFilter::Failed));
        let label = filter(|filter| filter.label = "env = prod".to_owned()).unwrap();
        assert_eq!(label.label, Some(("env".to_owned(), "prod".to_owned())));
        assert!(
            filter(|filter| filter.label = "prod".to_owned())
                .unwrap_err()
                .contains("env=prod")
        );
        assert!(
            filter(|filter| filter.source = "mine".to_owned())
                .unwrap_err()
                .contains("byok")
        );
        assert!(filter(|filter| filter.token = "mine".to_owned()).is_err());
    }

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let time = time::macros::datetime!(2026-11-21 14:02:07.310_009 UTC);
        assert_eq!(read_arrival(&write_arrival(time)), Ok(time));
        let cursor = read_cursor("1790000000000001_019aa5d2-0a5f-7c7e-b8c3-1a2b3c4d5e6f").unwrap();
        assert_eq!(
            cursor.map(|cursor| microseconds(cursor.occurred_at)),
            Some(1_790_000_000_000_001)
        );
        assert_eq!(read_cursor(""), Ok(None));
        for nonsense in [
            "1",
            "x_y",
            "99999999999999999999999999999999999999_019aa5d2-0a5f-7c7e-b8c3-1a2b3c4d5e6f",
        ] {
            assert!(read_cursor(nonsense).is_err_and(|error| error.field("before").is_some()));
        }
    }
}
