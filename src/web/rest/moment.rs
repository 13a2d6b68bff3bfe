//! Times as the API writes them.

use super::body::Fields;
use crate::web::problem::Problem;
use serde::{Serialize, Serializer, ser};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;

/// A time: RFC 3339 in UTC, to the millisecond, so that it reads the same before and after the database kept it.
#[derive(ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-11-21T14:02:07.310Z")]
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

/// A time that a caller sent.
pub(super) fn read(fields: &mut Fields, field: &'static str) -> Result<Option<OffsetDateTime>, Problem> {
    let unreadable = |_| Problem::at_field(field, "Send a time such as 2026-11-21T14:00:00Z.");
    let text = fields.text(field)?;
    text.map(|text| OffsetDateTime::parse(&text, &Rfc3339).map_err(unreadable))
        .transpose()
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
