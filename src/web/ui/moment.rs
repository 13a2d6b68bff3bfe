//! Points in time, ready to be shown.

use app::contract::Moment;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Duration, OffsetDateTime, UtcOffset};

/// `time` as it is shown at `now`.
pub(super) fn moment(time: OffsetDateTime, now: OffsetDateTime) -> Moment {
    let time = time.to_offset(UtcOffset::UTC).replace_nanosecond(0).unwrap_or(time);
    let exact = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
    Moment {
        iso: time.format(&Rfc3339).unwrap_or_default(),
        relative: relative(time - now),
        exact: time.format(exact).unwrap_or_default(),
    }
}

fn relative(distance: Duration) -> String {
    let seconds = distance.whole_seconds();
    let past = seconds <= 0;
    let seconds = seconds.unsigned_abs();
    // What is to come is rounded, or 90 days would be told as 89 a moment later.
    let in_units = |unit: u64| {
        if past {
            seconds / unit
        } else {
            (seconds + unit / 2) / unit
        }
    };
    let (number, unit) = if past && seconds < 5 {
        return "just now".to_owned();
    } else if seconds < 60 {
        (seconds, "s")
    } else if in_units(60) < 60 {
        (in_units(60), "min")
    } else if in_units(3_600) < 24 {
        (in_units(3_600), "h")
    } else if in_units(86_400) == 1 {
        (1, "day")
    } else {
        (in_units(86_400), "days")
    };
    if past {
        format!("{number} {unit} ago")
    } else {
        format!("in {number} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_told_in_their_largest_unit() {
        let told = |seconds| relative(Duration::seconds(seconds));
        assert_eq!(told(-2), "just now");
        assert_eq!(told(-14), "14 s ago");
        assert_eq!(told(-150), "2 min ago");
        assert_eq!(told(-7_200), "2 h ago");
        assert_eq!(told(-90_000), "1 day ago");
        assert_eq!(told(3 * 86_400), "in 3 days");
        assert_eq!(told(90 * 86_400 - 1), "in 90 days");
        assert_eq!(told(80), "in 1 min");
        assert_eq!(told(3_599), "in 1 h");
        assert_eq!(told(86_399), "in 1 day");
        assert_eq!(told(-3_599), "59 min ago");
    }

    #[test]
    fn a_moment_is_told_in_utc() {
        let time = time::macros::datetime!(2026-11-21 15:02:07.5 +1);
        let moment = moment(time, time + Duration::minutes(2));
        assert_eq!(moment.iso, "2026-11-21T14:02:07Z");
        assert_eq!(moment.exact, "2026-11-21 14:02 UTC");
    }
}
