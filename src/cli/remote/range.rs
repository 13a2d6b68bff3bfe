//! Ranges of time, as `usage` and `audit` take them.

use super::failure::{Exit, Failure};
use crate::domain::Clock;
use clap::Args;
use std::str::FromStr;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime};

/// From when to when; without any of them, always.
#[derive(Clone, Copy, Debug, Args)]
pub struct Range {
    /// The last so many minutes, hours or days: 30m, 24h, 7d
    #[arg(long, value_name = "TIME", conflicts_with_all = ["from", "to"])]
    pub last: Option<Back>,
    /// Not before this time, or the beginning of this day in UTC: 2026-11-21T14:00:00Z, 2026-11-21
    #[arg(long, value_name = "TIME")]
    pub from: Option<Point>,
    /// Before this time, or the beginning of this day in UTC
    #[arg(long, value_name = "TIME")]
    pub to: Option<Point>,
}

/// How far back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Back(Duration);

/// A point in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point(OffsetDateTime);

impl FromStr for Back {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const HELP: &str = "write minutes, hours or days, such as 30m, 24h, 7d";
        let unit = text.chars().last().ok_or(HELP)?;
        let number: u32 = text
            .strip_suffix(unit)
            .and_then(|digits| digits.parse().ok())
            .ok_or(HELP)?;
        let one = match unit {
            'm' => Duration::MINUTE,
            'h' => Duration::HOUR,
            'd' => Duration::DAY,
            _ => return Err(HELP),
        };
        let seconds = one.whole_seconds().checked_mul(number.into()).ok_or(HELP)?;
        Ok(Self(Duration::seconds(seconds)))
    }
}

impl FromStr for Point {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let day = Date::parse(text, format_description!("[year]-[month]-[day]"));
        let time = OffsetDateTime::parse(text, &Rfc3339);
        day.map(|day| day.midnight().assume_utc())
            .or(time)
            .map(Self)
            .map_err(|_| "write a time such as 2026-11-21T14:00:00Z, or a day such as 2026-11-21")
    }
}

impl Range {
    /// The query's parameters.
    pub(super) fn parameters(&self, clock: &dyn Clock) -> Result<Vec<(&'static str, String)>, Failure> {
        let since = match self.last {
            Some(Back(back)) => {
                let before = clock.now().checked_sub(back);
                Some(before.ok_or_else(|| Failure::usage("that is too long ago"))?)
            }
            None => self.from.map(|Point(from)| from),
        };
        let until = self.to.map(|Point(to)| to);
        let points = [("from", since), ("to", until)];
        let said = points.into_iter().filter_map(|(name, point)| Some((name, point?)));
        said.map(|(name, point)| Ok((name, written(point)?))).collect()
    }
}

fn written(point: OffsetDateTime) -> Result<String, Failure> {
    let text = point.to_utc().format(&Rfc3339);
    text.map_err(|error| Failure::new(Exit::Usage, "that is no time that can be asked for").because(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    struct Noon;

    impl Clock for Noon {
        fn now(&self) -> OffsetDateTime {
            datetime!(2026-11-21 12:00 UTC)
        }
    }

    #[test]
    fn ranges_are_read() {
        let asked = |last: Option<&str>, from: Option<&str>, to: Option<&str>| {
            let range = Range {
                last: last.map(|text| text.parse().unwrap()),
                from: from.map(|text| text.parse().unwrap()),
                to: to.map(|text| text.parse().unwrap()),
            };
            let parameters = range.parameters(&Noon).unwrap();
            parameters
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(asked(None, None, None), [""; 0]);
        assert_eq!(asked(Some("30m"), None, None), ["from=2026-11-21T11:30:00Z"]);
        assert_eq!(asked(Some("7d"), None, None), ["from=2026-11-14T12:00:00Z"]);
        let (from, to) = ("2026-11-01", "2026-11-02T03:00:00+02:00");
        let expected = ["from=2026-11-01T00:00:00Z", "to=2026-11-02T01:00:00Z"];
        assert_eq!(asked(None, Some(from), Some(to)), expected);
        for wrong in ["", "h", "7", "-1h", "7w", "1½h", "4294967296d"] {
            assert!(wrong.parse::<Back>().is_err(), "{wrong}");
        }
        assert!("yesterday".parse::<Point>().is_err());
    }
}
