//! Points in time as the fields of filters hold them.

use time::macros::format_description;
use time::{Date, OffsetDateTime, PrimitiveDateTime, Time};

/// Which end of a stretch of time a text stands for.
#[derive(Clone, Copy)]
pub(super) enum End {
    From,
    To,
}

/// A point in time as the form's fields hold it: `2026-11-21T14:00`.
pub(super) fn in_field(time: Option<OffsetDateTime>) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]");
    time.and_then(|time| time.format(format).ok()).unwrap_or_default()
}

/// The point in time that a text stands for, at this end of a stretch; `None` for an empty text; what is wrong with it, in
/// words.
pub(super) fn read(text: &str, end: End) -> Result<Option<OffsetDateTime>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let to_the_minute = format_description!("[year]-[month]-[day]T[hour]:[minute][optional [:[second]]]");
    let day = format_description!("[year]-[month]-[day]");
    if let Ok(time) = PrimitiveDateTime::parse(text, to_the_minute) {
        return Ok(Some(time.assume_utc()));
    }
    let Ok(day) = Date::parse(text, day) else {
        let name = match end {
            End::From => "From",
            End::To => "To",
        };
        return Err(format!(
            "{name} is not a point in time. Write it as 2026-11-21T14:00, in UTC."
        ));
    };
    // Until a day means until its end.
    let day = match end {
        End::From => Some(day),
        End::To => day.next_day(),
    };
    Ok(day.map(|day| day.with_time(Time::MIDNIGHT).assume_utc()))
}
