//! From when until when, as the address says it.

use super::filter::{CUSTOM, USUAL_RANGE};
use crate::web::ui::point_in_time::{End, read};
use app::contract::ActivityFilter;
use time::{Duration, OffsetDateTime};

/// A stretch of time: from then on, and before then.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Window {
    pub(super) from: Option<OffsetDateTime>,
    pub(super) to: Option<OffsetDateTime>,
}

impl Window {
    /// The window that the filter speaks of at `now`; what is wrong with it, in words.
    pub(super) fn of(filter: &ActivityFilter, now: OffsetDateTime) -> Result<Self, String> {
        let range = if filter.range.is_empty() {
            USUAL_RANGE
        } else {
            &filter.range
        };
        let length = match range {
            "1h" => Duration::HOUR,
            "24h" => Duration::DAY,
            "7d" => Duration::days(7),
            "30d" => Duration::days(30),
            CUSTOM => return Self::custom(filter),
            _ => return Err("The range is one of 1h, 24h, 7d, 30d and custom.".to_owned()),
        };
        Ok(Self {
            from: Some(now - length),
            to: None,
        })
    }

    fn custom(filter: &ActivityFilter) -> Result<Self, String> {
        Ok(Self {
            from: read(&filter.from, End::From)?,
            to: read(&filter.to, End::To)?,
        })
    }

    /// Whether a call that is made at `now` or later can lie within it.
    pub(super) fn reaches(&self, now: OffsetDateTime) -> bool {
        self.to.is_none_or(|to| to > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::ui::point_in_time::in_field;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-21 15:00 UTC);

    fn window(range: &str, from: &str, to: &str) -> Result<Window, String> {
        let filter = ActivityFilter {
            range: range.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
            ..ActivityFilter::default()
        };
        Window::of(&filter, NOW)
    }

    #[test]
    fn a_range_ends_now_and_goes_on() {
        let day = window("", "", "").unwrap();
        assert_eq!(day.from, Some(datetime!(2026-11-20 15:00 UTC)));
        assert!(day.reaches(NOW));
        assert!(window("2w", "", "").unwrap_err().contains("30d"));
    }

    #[test]
    fn a_day_lasts_until_its_end() {
        let day = window(CUSTOM, "2026-11-20", "2026-11-20").unwrap();
        assert_eq!(day.from, Some(datetime!(2026-11-20 0:00 UTC)));
        assert_eq!(day.to, Some(datetime!(2026-11-21 0:00 UTC)));
        assert!(!day.reaches(NOW));
        assert_eq!(in_field(day.to), "2026-11-21T00:00");
    }

    #[test]
    fn a_point_in_time_is_read_as_browsers_send_it() {
        let hours = window(CUSTOM, "2026-11-20T14:30", "2026-11-20T16:30:05").unwrap();
        assert_eq!(hours.from, Some(datetime!(2026-11-20 14:30 UTC)));
        assert_eq!(hours.to, Some(datetime!(2026-11-20 16:30:05 UTC)));
        assert!(window(CUSTOM, "yesterday", "").unwrap_err().starts_with("From"));
        assert_eq!(window(CUSTOM, "", ""), Ok(Window::default()));
    }
}
