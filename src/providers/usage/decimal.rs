//! Decimal numbers read from their text, since money never passes through a float.

use crate::domain::MicroDollars;

/// More than any price or cost needs, and few enough for every power to fit.
const MOST_DIGITS: usize = 36;

/// `text` times 10^`places` as a whole number, rounded half up. `None` for what is no decimal number, for
/// negative ones, and for those too large to hold.
///
/// ```text
/// scaled("1.25", 6) = 1_250_000     scaled("5e-7", 6) = 1     scaled("232856000", -4) = 23_286
/// ```
pub(crate) fn scaled(text: &str, places: i32) -> Option<i128> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.len() + fraction.len() > MOST_DIGITS {
        return None;
    }
    let number = whole
        .bytes()
        .chain(fraction.bytes())
        .fold(0_i128, |sum, digit| sum * 10 + i128::from(digit - b'0'));
    let shift = places
        .checked_add(exponent)?
        .checked_sub(i32::try_from(fraction.len()).ok()?)?;
    let power = 10_i128.checked_pow(shift.unsigned_abs());
    match power {
        Some(power) if shift >= 0 => number.checked_mul(power),
        Some(power) => Some((number + power / 2) / power),
        None if shift < 0 || number == 0 => Some(0),
        None => None,
    }
}

/// An amount of dollars.
pub(super) fn dollars(text: &str) -> Option<MicroDollars> {
    scaled(text, 6)
        .and_then(|micros| i64::try_from(micros).ok())
        .map(MicroDollars)
}

/// An amount of xAI's ticks, of which 10^10 are a dollar.
pub(super) fn ticks(text: &str) -> Option<MicroDollars> {
    scaled(text, -4)
        .and_then(|micros| i64::try_from(micros).ok())
        .map(MicroDollars)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_scaled_and_rounded_half_up() {
        assert_eq!(scaled("1.25", 6), Some(1_250_000));
        assert_eq!(scaled("0.0000005", 6), Some(1));
        assert_eq!(scaled("0.00000049999999999999", 6), Some(0));
        assert_eq!(scaled("1.2e-05", 6), Some(12));
        assert_eq!(scaled("1E+2", 0), Some(100));
        assert_eq!(scaled("0", 6), Some(0));
        assert_eq!(scaled("1e-999", 6), Some(0));
        assert_eq!(scaled("0e999", 6), Some(0));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "+1",
            "1e",
            "1e999",
            "NaN",
            "0x10",
            "1,5",
            "1_0",
            "1e99999999999",
        ] {
            assert_eq!(scaled(text, 6), None, "{text:?}");
        }
        assert_eq!(scaled(&"9".repeat(40), 6), None);
        assert_eq!(dollars("99999999999999999999"), None);
    }

    #[test]
    fn ten_billion_ticks_are_a_dollar() {
        assert_eq!(ticks("10000000000"), Some(MicroDollars(1_000_000)));
        assert_eq!(ticks("4999"), Some(MicroDollars(0)));
        assert_eq!(ticks("5000"), Some(MicroDollars(1)));
    }
}
