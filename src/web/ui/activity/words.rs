//! What stands in the record of a call, in plain words.

use crate::domain::{FallbackReason, KeySource, MicroDollars, UsageSource};
use time::OffsetDateTime;
use time::macros::format_description;

/// What stands where nothing is known.
pub(in crate::web::ui) const NOT_KNOWN: &str = "–";

pub(super) const fn source(source: Option<KeySource>) -> &'static str {
    match source {
        Some(KeySource::Byok) => "Your key",
        Some(KeySource::Platform) => "Platform",
        None => "No key",
    }
}

pub(super) const fn fallback(reason: FallbackReason) -> &'static str {
    match reason {
        FallbackReason::NoKey => "no key of your own",
        FallbackReason::KeyDisabled => "your key is switched off",
        FallbackReason::KeyRejected => "your key was refused",
        FallbackReason::KeyExhausted => "your key's quota is spent",
        FallbackReason::KeyRateLimited => "your key was rate-limited",
    }
}

pub(super) const fn usage_source(source: UsageSource) -> (&'static str, &'static str) {
    match source {
        UsageSource::Provider => ("Counted by the provider", "The provider's own figures."),
        UsageSource::Estimated => (
            "Estimated",
            "The caller left before the provider's figures came; counted from the bytes that passed.",
        ),
        UsageSource::Missing => ("Not told", "The provider gave no figures for this call."),
    }
}

/// `1,204`
pub(in crate::web::ui) fn count(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if number < 0 {
        grouped.push('-');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

pub(super) fn count_or(number: Option<i64>) -> String {
    number.map_or_else(|| NOT_KNOWN.to_owned(), count)
}

/// `$0.001250`, or `unknown`: what is not known is not nothing.
pub(super) fn cost(cost: Option<MicroDollars>) -> String {
    cost.map_or_else(|| "unknown".to_owned(), |cost| cost.to_string())
}

/// `812 ms`, `12.3 s`
pub(super) fn duration(milliseconds: i64) -> String {
    if milliseconds < 10_000 {
        return format!("{} ms", count(milliseconds));
    }
    let tenths = milliseconds / 100;
    format!("{}.{} s", count(tenths / 10), tenths % 10)
}

/// `2026-11-21 14:02:07.310 UTC`
pub(super) fn to_the_millisecond(time: OffsetDateTime) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:3] UTC");
    let time = time.to_offset(time::UtcOffset::UTC);
    time.format(format).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_told_in_groups() {
        assert_eq!(count(0), "0");
        assert_eq!(count(1_204), "1,204");
        assert_eq!(count(-1_234_567), "-1,234,567");
        assert_eq!(duration(812), "812 ms");
        assert_eq!(duration(12_345), "12.3 s");
        assert_eq!(duration(1_000_000), "1,000.0 s");
    }

    #[test]
    fn what_is_not_known_is_not_nothing() {
        assert_eq!(cost(None), "unknown");
        assert_eq!(cost(Some(MicroDollars(0))), "$0.000000");
        assert_eq!(count_or(None), "–");
    }
}
