//! Numbers and objects as providers write them, read without insisting.

use serde::de::value::MapAccessDeserializer;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::marker::PhantomData;

/// 2^53: above it a float is no longer exact.
const LARGEST_EXACT_FLOAT: f64 = 9_007_199_254_740_992.0;

/// The values that are neither numbers nor objects.
macro_rules! nothing_for_anything_else {
    () => {
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(None)
        }
    };
}

/// A count; `None` for anything that is no count: `null`, a text, a negative number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count(pub(super) Option<i64>);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CountVisitor).map(Self)
    }
}

struct CountVisitor;

impl<'de> Visitor<'de> for CountVisitor {
    type Value = Option<i64>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a count")
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).ok())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok((value >= 0).then_some(value))
    }

    // Cohere declares its counts as doubles: `5.0`.
    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        let countable = (0.0..LARGEST_EXACT_FLOAT).contains(&value);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "checked the line before; a fraction of a token is none"
        )]
        Ok(countable.then_some(value as i64))
    }

    nothing_for_anything_else!();

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

/// An object where there is one, else `None`; the rest around it is read all the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lenient<T>(pub(super) Option<T>);

impl<T> Default for Lenient<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LenientVisitor(PhantomData)).map(Self)
    }
}

struct LenientVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for LenientVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(object)).map(Some)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    nothing_for_anything_else!();
}

/// Adds up what was given; `None` when nothing was.
pub(super) fn sum(parts: &[Option<i64>]) -> Option<i64> {
    parts.iter().flatten().copied().reduce(i64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_a_whole_number_that_is_not_negative() {
        let read = |json: &str| serde_json::from_str::<Count>(json).unwrap().0;
        assert_eq!(read("12"), Some(12));
        assert_eq!(read("12.0"), Some(12));
        assert_eq!(read("9223372036854775807"), Some(i64::MAX));
        for strange in [
            "null",
            "-1",
            "-0.5",
            "1e300",
            "18446744073709551615",
            "\"12\"",
            "[1]",
            "{\"a\":1}",
            "true",
        ] {
            assert_eq!(read(strange), None, "{strange}");
        }
    }

    #[test]
    fn an_object_is_read_and_anything_else_is_not() {
        #[derive(Debug, Default, Deserialize)]
        #[serde(default)]
        struct Parts {
            a: Lenient<Inner>,
            b: Count,
        }
        #[derive(Clone, Copy, Debug, Default, Deserialize)]
        #[serde(default)]
        struct Inner {
            c: Count,
        }
        let read = |json: &str| serde_json::from_str::<Parts>(json).unwrap();
        let parts = read(r#"{"a":{"c":1,"d":[{}]},"b":2}"#);
        assert_eq!((parts.a.0.unwrap().c.0, parts.b.0), (Some(1), Some(2)));
        for odd in ["null", "7", "-7", "7.5", "\"x\"", "[{\"c\":1}]", "false"] {
            let parts = read(&format!("{{\"a\":{odd},\"b\":2}}"));
            assert!(parts.a.0.is_none() && parts.b.0 == Some(2), "{odd}");
        }
    }

    #[test]
    fn only_what_was_given_is_summed() {
        assert_eq!(sum(&[None, None]), None);
        assert_eq!(sum(&[Some(1), None, Some(2)]), Some(3));
        assert_eq!(sum(&[Some(i64::MAX), Some(1)]), Some(i64::MAX));
    }
}
