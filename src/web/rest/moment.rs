//! Times as the API writes them.

use serde::{Serialize, Serializer, ser};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A time: RFC 3339 in UTC, to the millisecond, so that it reads the same before and after the database kept it.
pub(super) struct Moment(OffsetDateTime);

impl From<OffsetDateTime> for Moment {
    fn from(time: OffsetDateTime) -> Self {
        Self(time)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let time = self.0.to_utc();
        let time = time
            .replace_millisecond(time.millisecond())
            .map_err(ser::Error::custom)?;
        serializer.serialize_str(&time.format(&Rfc3339).map_err(ser::Error::custom)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_time_has_its_zone_and_no_more_than_milliseconds() {
        let written = |time| serde_json::to_value(Moment(time)).unwrap();
        assert_eq!(
            written(datetime!(2026-01-02 03:04:05.678912345 UTC)),
            "2026-01-02T03:04:05.678Z"
        );
        assert_eq!(written(datetime!(2026-01-02 03:04:05 +02:00)), "2026-01-02T01:04:05Z");
    }
}
