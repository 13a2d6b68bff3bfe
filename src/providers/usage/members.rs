//! Members of a JSON object, with their place in its text.

use super::RequestError;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;
use std::fmt;

/// The members of an object that were looked for.
pub(super) struct Members<'json, const COUNT: usize> {
    /// Their values' text, in the order of their names.
    pub(super) values: [Option<&'json RawValue>; COUNT],
    /// Whether the object has no member at all.
    pub(super) is_empty: bool,
}

/// Finds these members at the top of an object, in one pass. Names are compared as they mean, whatever escapes
/// they are written with.
pub(super) fn find_members<'json, const COUNT: usize>(
    json: &'json [u8],
    names: &[&'static str; COUNT],
) -> Result<Members<'json, COUNT>, RequestError> {
    let mut duplicate = None;
    let mut reader = serde_json::Deserializer::from_slice(json);
    let visitor = ObjectVisitor {
        names,
        duplicate: &mut duplicate,
    };
    let members = reader
        .deserialize_any(visitor)
        .and_then(|members| reader.end().map(|()| members));
    members.map_err(|error| match (duplicate, error.classify()) {
        (Some(name), _) => RequestError::Duplicate(name),
        (None, Category::Data) => RequestError::NotAnObject,
        (None, _) => RequestError::NotJson,
    })
}

struct ObjectVisitor<'search, const COUNT: usize> {
    names: &'search [&'static str; COUNT],
    duplicate: &'search mut Option<&'static str>,
}

impl<'json, const COUNT: usize> Visitor<'json> for ObjectVisitor<'_, COUNT> {
    type Value = Members<'json, COUNT>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'json>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        let mut members = Members {
            values: [None; COUNT],
            is_empty: true,
        };
        while let Some(position) = object.next_key_seed(NameSeed(self.names))? {
            members.is_empty = false;
            let Some(position) = position else {
                object.next_value::<IgnoredAny>()?;
                continue;
            };
            if members.values[position].replace(object.next_value()?).is_some() {
                *self.duplicate = Some(self.names[position]);
                return Err(A::Error::custom("a member is named twice"));
            }
        }
        Ok(members)
    }
}

/// Reads a name; gives its position among those looked for.
struct NameSeed<'search>(&'search [&'static str]);

impl<'json> DeserializeSeed<'json> for NameSeed<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'json>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NameSeed<'_> {
    type Value = Option<usize>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.iter().position(|wanted| *wanted == name))
    }
}
