//! Looking through a body for members that count.

use super::super::RequestError;
use super::{ITEM_REFERENCE, MEMBERS, When};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Deeper bodies are not looked through; `serde_json` itself stops at 128.
pub(super) const DEEPEST: usize = 100;

/// What the search has come to. It ends with the first find.
#[derive(Default)]
pub(super) struct Search {
    found: Option<&'static str>,
    too_deep: bool,
}

impl Search {
    pub(super) fn run(mut self, body: &[u8]) -> Result<Option<&'static str>, RequestError> {
        let mut reader = serde_json::Deserializer::from_slice(body);
        let whole = Value {
            search: &mut self,
            place: Place::Elsewhere,
            rule: None,
            depth: 0,
        };
        let read = whole.deserialize(&mut reader).and_then(|_| reader.end());
        match (self.found, read) {
            (Some(name), _) => Ok(Some(name)),
            (None, Ok(())) => Ok(None),
            (None, Err(_)) if self.too_deep => Err(RequestError::TooDeep),
            (None, Err(_)) => Err(RequestError::NotJson),
        }
    }
}

/// What stands around a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Elsewhere,
    /// In `properties` or `metadata`, where names are the caller's own.
    OwnNames,
    /// In `audio` or `voice`, whose `id` names a former spoken answer or a voice of the account's own.
    Sound,
    /// In `input`.
    Input,
    /// Directly in the list that is `input`, where an object with nothing but an `id` refers to a stored item.
    InputItem,
}

/// A member's name.
struct Name {
    rule: Option<(&'static str, When)>,
    /// What this name makes of the place of its value.
    place: Place,
    is_id: bool,
    /// `type` or `role`, which every item of `input` has that is no reference.
    tells_kind: bool,
}

impl Name {
    fn new(name: &str) -> Self {
        let place = match name {
            "properties" | "metadata" => Place::OwnNames,
            "audio" | "voice" => Place::Sound,
            "input" => Place::Input,
            _ => Place::Elsewhere,
        };
        Self {
            rule: MEMBERS.iter().copied().find(|(member, _)| is_same_name(name, member)),
            place,
            is_id: name == "id",
            tells_kind: matches!(name, "type" | "role"),
        }
    }
}

fn is_same_name(name: &str, member: &str) -> bool {
    fn significant(text: &str) -> impl Iterator<Item = u8> {
        text.bytes()
            .filter(|byte| *byte != b'_')
            .map(|byte| byte.to_ascii_lowercase())
    }
    significant(name).eq(significant(member))
}

/// Reads a name.
struct NameSeed;

impl<'json> DeserializeSeed<'json> for NameSeed {
    type Value = Name;

    fn deserialize<D: Deserializer<'json>>(self, deserializer: D) -> Result<Name, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NameSeed {
    type Value = Name;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Name, E> {
        Ok(Name::new(name))
    }
}

/// Looks through a value; tells whether it is there at all, and not `null`.
struct Value<'search> {
    search: &'search mut Search,
    place: Place,
    /// The rule of the member whose value it is.
    rule: Option<(&'static str, When)>,
    depth: usize,
}

impl Value<'_> {
    /// Ends the search when the member's rule is met.
    fn check<E: Error>(&mut self, is_met: impl FnOnce(When) -> bool) -> Result<(), E> {
        match self.rule {
            Some((name, when)) if is_met(when) => {
                let name = if let When::Says(text) = when { text } else { name };
                self.search.found = Some(name);
                Err(E::custom("found"))
            }
            _ => Ok(()),
        }
    }

    fn scalar<E: Error>(mut self, is_met: impl FnOnce(When) -> bool) -> Result<bool, E> {
        self.check(is_met).map(|()| true)
    }

    fn inner(&mut self, place: Place, rule: Option<(&'static str, When)>) -> Value<'_> {
        Value {
            search: self.search,
            place,
            rule,
            depth: self.depth + 1,
        }
    }

    fn check_depth<E: Error>(&mut self) -> Result<(), E> {
        self.search.too_deep = self.depth >= DEEPEST;
        if self.search.too_deep {
            Err(E::custom("too deep"))
        } else {
            Ok(())
        }
    }

    fn find<E: Error>(&mut self, name: &'static str) -> E {
        self.search.found = Some(name);
        E::custom("found")
    }
}

impl<'json> DeserializeSeed<'json> for Value<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'json>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'json> Visitor<'json> for Value<'_> {
    type Value = bool;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<bool, E> {
        self.scalar(|when| when == When::Given || (when == When::True && value))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<bool, E> {
        self.scalar(|when| when == When::Given)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<bool, E> {
        self.scalar(|when| when == When::Given)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<bool, E> {
        self.scalar(|when| when == When::Given)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<bool, E> {
        self.scalar(|when| match when {
            When::Given => true,
            When::Says(text) => text == value,
            When::True | When::Object => false,
        })
    }

    fn visit_seq<A: SeqAccess<'json>>(mut self, mut list: A) -> Result<bool, A::Error> {
        self.check(|when| when == When::Given)?;
        self.check_depth()?;
        let place = if self.place == Place::Input {
            Place::InputItem
        } else {
            Place::Elsewhere
        };
        while list.next_element_seed(self.inner(place, None))?.is_some() {}
        Ok(true)
    }

    fn visit_map<A: MapAccess<'json>>(mut self, mut object: A) -> Result<bool, A::Error> {
        self.check(|when| matches!(when, When::Given | When::Object))?;
        self.check_depth()?;
        let (mut has_id, mut tells_kind) = (false, false);
        while let Some(name) = object.next_key_seed(NameSeed)? {
            let rule = name.rule.filter(|_| self.place != Place::OwnNames);
            let is_given = object.next_value_seed(self.inner(name.place, rule))?;
            has_id |= name.is_id && is_given;
            tells_kind |= name.tells_kind && is_given;
        }
        match self.place {
            Place::Sound if has_id => Err(self.find("id")),
            Place::InputItem if has_id && !tells_kind => Err(self.find(ITEM_REFERENCE)),
            _ => Ok(true),
        }
    }
}
