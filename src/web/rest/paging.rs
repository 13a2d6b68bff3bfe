//! Lists in pages: so many at a time, and where the next page begins.

use super::body::{Fields, FromFields};
use crate::web::problem::Problem;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

/// The most things of a page.
pub(super) const MOST: u16 = 200;
const USUAL: u16 = 50;

/// Which part of a list is asked for.
#[derive(Debug, IntoParams)]
pub(super) struct Page {
    /// How many at most.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50, example = 50)]
    pub(super) limit: u16,
    /// Where to begin: `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    pub(super) cursor: Option<String>,
}

/// Some things of a list, and where the rest begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part<T> {
    /// The things of this page.
    pub(super) things: Vec<T>,
    /// Where the next page begins; `None` after the last.
    pub(super) next_cursor: Option<String>,
}

impl FromFields for Page {
    const FIELDS: &'static [&'static str] = &["limit", "cursor"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        let limit = fields.count("limit")?.unwrap_or_else(|| USUAL.into());
        match u16::try_from(limit) {
            Ok(limit @ 1..=MOST) => Ok(Self {
                limit,
                cursor: fields.text("cursor")?,
            }),
            _ => Err(Problem::at_field("limit", format!("Ask for 1 to {MOST}."))),
        }
    }
}

impl Page {
    /// The place that this page begins behind; `None` for the first.
    pub(super) fn place<P: DeserializeOwned>(&self) -> Result<Option<P>, Problem> {
        let Some(cursor) = &self.cursor else { return Ok(None) };
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok();
        match bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
            Some(place) => Ok(Some(place)),
            None => Err(Problem::at_field(
                "cursor",
                "Take the cursor from the page before, as it stands there.",
            )),
        }
    }

    /// This page of things that were read from the page's place on, one more of them than asked for where there are more.
    pub(super) fn of_next<T, P: Serialize>(&self, mut things: Vec<T>, place: impl Fn(&T) -> P) -> Part<T> {
        let limit = usize::from(self.limit);
        let is_last = things.len() <= limit;
        things.truncate(limit);
        let next_cursor = things.last().filter(|_| !is_last).map(|last| write(&place(last)));
        Part { things, next_cursor }
    }

    /// This page of all things there are, in the order of their places.
    pub(super) fn of_all<T, P>(&self, mut things: Vec<T>, place: impl Fn(&T) -> P) -> Result<Part<T>, Problem>
    where
        P: Ord + Serialize + DeserializeOwned,
    {
        things.sort_by_cached_key(&place);
        if let Some(begin) = self.place::<P>()? {
            things.retain(|thing| place(thing) > begin);
        }
        Ok(self.of_next(things, place))
    }
}

fn write(place: &impl Serialize) -> String {
    // Places are numbers, ids and names, all of which JSON can hold.
    let json = serde_json::to_vec(place).unwrap_or_default();
    BASE64_URL_SAFE_NO_PAD.encode(json)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cmp::Reverse;

    fn page(limit: u16, cursor: Option<String>) -> Page {
        Page { limit, cursor }
    }

    #[test]
    fn the_pages_together_are_the_list() {
        let all = || vec![("c", 3), ("a", 1), ("b", 2), ("b", 1), ("d", 9)];
        let place = |thing: &(&'static str, i32)| (thing.0.to_owned(), Reverse(thing.1));
        let (mut cursor, mut read) = (None, Vec::new());
        loop {
            let part = page(2, cursor).of_all(all(), place).unwrap();
            assert!((1..=2).contains(&part.things.len()));
            read.extend(part.things);
            cursor = part.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(read, [("a", 1), ("b", 2), ("b", 1), ("c", 3), ("d", 9)]);
    }

    #[test]
    fn a_page_that_holds_all_has_no_next() {
        let part = page(3, None).of_all(vec![1, 2, 3], |number| *number).unwrap();
        assert_eq!((part.things, part.next_cursor), (vec![1, 2, 3], None));
        let none = page(3, None).of_all(Vec::<i32>::new(), |number| *number).unwrap();
        assert_eq!(none.next_cursor, None);
    }

    #[test]
    fn a_cursor_of_elsewhere_is_refused() {
        let of_names = page(1, None).of_all(vec!["a", "b"], |name| (*name).to_owned()).unwrap();
        let nonsense = ["", "%", "AAAA", &of_names.next_cursor.unwrap()].map(|text| Some(text.to_owned()));
        for cursor in nonsense {
            let refused = page(1, cursor).of_all(vec![1, 2], |number| *number).unwrap_err();
            assert_eq!((refused.code, &*refused.errors[0].field), ("invalid_input", "cursor"));
        }
    }
}
