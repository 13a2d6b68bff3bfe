//! Where a page of a list begins, as addresses carry it: behind what stands at a time under an id.

use super::error::from_service;
use crate::service::ServiceError;
use app::contract::UiError;
use std::fmt::Display;
use std::str::FromStr;
use time::OffsetDateTime;

/// `1790000000000001_019aa5d2-…`: microseconds since 1970, and the id.
pub(super) fn write(at: OffsetDateTime, id: impl Display) -> String {
    format!("{}_{id}", write_moment(at))
}

/// The place that was written; `None` for none.
///
/// # Errors
/// For what no page named.
pub(super) fn read<Id: FromStr>(text: &str) -> Result<Option<(OffsetDateTime, Id)>, UiError> {
    if text.is_empty() {
        return Ok(None);
    }
    let place = text
        .split_once('_')
        .and_then(|(at, id)| Some((read_moment(at)?, id.parse().ok()?)));
    place.map(Some).ok_or_else(|| {
        let error = ServiceError::invalid("before", "This address leads nowhere. Begin at the first page.");
        from_service(&error)
    })
}

/// A time alone, likewise.
pub(super) fn write_moment(at: OffsetDateTime) -> String {
    (at.unix_timestamp_nanos() / 1_000).to_string()
}

/// The time that [`write_moment`] wrote.
pub(super) fn read_moment(microseconds: &str) -> Option<OffsetDateTime> {
    let microseconds: i128 = microseconds.parse().ok()?;
    OffsetDateTime::from_unix_timestamp_nanos(microseconds.checked_mul(1_000)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DeliveryId;
    use time::macros::datetime;

    #[test]
    fn a_place_is_read_as_it_was_written() {
        let at = datetime!(2026-11-21 14:02:07.000_001 UTC);
        let id: DeliveryId = "019aa5d2-0a5f-7c7e-b8c3-1a2b3c4d5e6f".parse().unwrap();
        assert_eq!(read(&write(at, id)), Ok(Some((at, id))));
        assert_eq!(read::<DeliveryId>(""), Ok(None));
        assert_eq!(read_moment(&write_moment(at)), Some(at));
        for nonsense in [
            "_",
            "1",
            "1_x",
            "x_019aa5d2-0a5f-7c7e-b8c3-1a2b3c4d5e6f",
            &format!("{}_{id}", i128::MAX),
        ] {
            let error = read::<DeliveryId>(nonsense).unwrap_err();
            assert!(error.field("before").is_some(), "{nonsense}");
        }
    }
}
