//! How long a token is to live, as forms say it.

use crate::service::tokens::MAX_LIFE_DAYS;
use app::contract::{OptionView, UiError};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime, UtcOffset};

/// Lives to choose among: days, and what they are called.
const LIVES: [(u32, &str); 4] = [(7, "7 days"), (30, "30 days"), (90, "90 days"), (365, "1 year")];
/// What stands for a day of the person's own choice.
const OWN: &str = "own";
const DAY: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// What can be chosen at `now`, with the day on which it ends.
pub(super) fn options(now: OffsetDateTime) -> Vec<OptionView> {
    let life =
        |(days, words): (u32, &str)| OptionView::new(days.to_string(), format!("{words} ({})", day_in(days, now)));
    let others = [
        OptionView::new(OWN, "A day of your choice"),
        OptionView::new("0", "Never"),
    ];
    LIVES.into_iter().map(life).chain(others).collect()
}

/// The first and the last day that can be chosen.
pub(super) fn bounds(now: OffsetDateTime) -> (String, String) {
    (day_in(1, now), day_in(MAX_LIFE_DAYS, now))
}

/// What a form says, in days; 0 for never.
pub(super) fn days(expires_days: &str, expires_on: &str, now: OffsetDateTime) -> Result<u32, UiError> {
    match expires_days {
        "" => Ok(0),
        OWN => own_days(expires_on, now),
        number => number.parse().map_err(|_| {
            UiError::at_field(
                "expires_days",
                format!("Use 0 for never, or up to {MAX_LIFE_DAYS} days."),
            )
        }),
    }
}

/// A token made now that lives for so many days ends on that day.
fn own_days(day: &str, now: OffsetDateTime) -> Result<u32, UiError> {
    let chosen = Date::parse(day, DAY).ok();
    let days = chosen.map(|day| (day - now.to_offset(UtcOffset::UTC).date()).whole_days());
    let days = days.and_then(|days| u32::try_from(days).ok());
    days.filter(|days| (1..=MAX_LIFE_DAYS).contains(days)).ok_or_else(|| {
        let (earliest, latest) = bounds(now);
        UiError::at_field("expires_on", format!("Choose a day from {earliest} to {latest}."))
    })
}

fn day_in(days: u32, now: OffsetDateTime) -> String {
    let end = now.to_offset(UtcOffset::UTC) + Duration::days(i64::from(days));
    end.format(DAY).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-21 23:30 -1);

    #[test]
    fn every_life_is_offered_with_its_last_day() {
        let options: Vec<_> = options(NOW)
            .into_iter()
            .map(|option| (option.value, option.label))
            .collect();
        let expected = [
            ("7", "7 days (2026-11-29)"),
            ("30", "30 days (2026-12-22)"),
            ("90", "90 days (2027-02-20)"),
            ("365", "1 year (2027-11-22)"),
            ("own", "A day of your choice"),
            ("0", "Never"),
        ];
        assert_eq!(
            options,
            expected.map(|(value, label)| (value.to_owned(), label.to_owned()))
        );
    }

    #[test]
    fn a_life_is_read_in_days() {
        assert_eq!(days("", "", NOW), Ok(0));
        assert_eq!(days("30", "2026-11-30", NOW), Ok(30));
        // By UTC it is the 22nd.
        assert_eq!(days("own", "2026-11-23", NOW), Ok(1));
        let (earliest, latest) = bounds(NOW);
        assert_eq!(earliest, "2026-11-23");
        assert_eq!(days("own", &latest, NOW), Ok(MAX_LIFE_DAYS));
        for wrong in ["2026-11-22", "2036-11-20", "1999-01-01", "tomorrow", ""] {
            let refused = days("own", wrong, NOW).unwrap_err();
            assert!(
                refused
                    .field("expires_on")
                    .is_some_and(|message| message.contains(&earliest)),
                "{wrong}"
            );
        }
        assert!(days("-1", "", NOW).unwrap_err().field("expires_days").is_some());
    }
}
