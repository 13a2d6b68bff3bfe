//! When a provider says to try again.

use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// The longest rest that is believed: a wrong or hostile value must not park a key for years.
const LONGEST_REST: Duration = Duration::from_hours(31 * 24);

/// Reads `Retry-After` (RFC 9110, 10.2.3): seconds, or a date, which is measured against the answer's own
/// `Date` so that a clock that is wrong on either side does not matter.
#[must_use]
pub fn from_headers(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let wanted = text(RETRY_AFTER)?;
    let rest = match wanted.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => Duration::try_from(date(wanted)? - date(text(DATE)?)?).ok()?,
    };
    Some(rest.min(LONGEST_REST))
}

/// Reads a duration as Google's JSON writes it: `34.5s`.
pub(super) fn from_seconds(text: &str) -> Option<Duration> {
    let seconds = text.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .map(|rest| rest.min(LONGEST_REST))
}

fn date(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc2822).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(pairs: &[(HeaderName, &'static str)]) -> Option<Duration> {
        let headers = pairs.iter().map(|(name, value)| (name.clone(), value.parse().unwrap()));
        from_headers(&headers.collect())
    }

    #[test]
    fn seconds_and_dates_are_read() {
        assert_eq!(rest(&[(RETRY_AFTER, " 20 ")]), Some(Duration::from_secs(20)));
        let dated = rest(&[
            (RETRY_AFTER, "Sun, 06 Nov 1994 08:50:37 GMT"),
            (DATE, "Sun, 06 Nov 1994 08:49:37 GMT"),
        ]);
        assert_eq!(dated, Some(Duration::from_mins(1)));
    }

    #[test]
    fn nonsense_is_ignored_and_years_are_cut() {
        assert_eq!(rest(&[]), None);
        assert_eq!(rest(&[(RETRY_AFTER, "-5")]), None);
        assert_eq!(rest(&[(RETRY_AFTER, "soon")]), None);
        assert_eq!(rest(&[(RETRY_AFTER, "Sun, 06 Nov 1994 08:50:37 GMT")]), None, "no Date");
        let past = rest(&[
            (RETRY_AFTER, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (DATE, "Sun, 06 Nov 1994 08:50:37 GMT"),
        ]);
        assert_eq!(past, None);
        assert_eq!(rest(&[(RETRY_AFTER, "18446744073709551615")]), Some(LONGEST_REST));
    }

    #[test]
    fn googles_durations_are_read() {
        assert_eq!(from_seconds("34.5s"), Some(Duration::from_millis(34_500)));
        assert_eq!(from_seconds("1e30s"), None);
        assert_eq!(from_seconds("NaNs"), None);
        assert_eq!(from_seconds("34"), None);
    }
}
