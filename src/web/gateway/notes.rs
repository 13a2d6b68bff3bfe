//! What a caller notes about a call for itself: a session's name and labels.

use http::{HeaderMap, HeaderName};
use std::collections::BTreeMap;

static SESSION: HeaderName = HeaderName::from_static("x-latchkey-session");
static LABELS: HeaderName = HeaderName::from_static("x-latchkey-labels");
const LONGEST_SESSION: usize = 128;
const MOST_LABELS: usize = 16;
const LONGEST_NAME: usize = 64;
const LONGEST_VALUE: usize = 128;

/// A session's name and labels, as they are recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Notes {
    pub(super) session: Option<String>,
    pub(super) labels: BTreeMap<String, String>,
}

/// What is wrong with a caller's notes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotesError {
    #[error("x-latchkey-session takes up to {LONGEST_SESSION} printable characters.")]
    Session,
    #[error(
        "x-latchkey-labels takes up to {MOST_LABELS} pairs such as repo=payments,env=prod; a name has up to \
         {LONGEST_NAME} characters, a value up to {LONGEST_VALUE}."
    )]
    Labels,
}

impl Notes {
    pub(super) fn read(headers: &HeaderMap) -> Result<Self, NotesError> {
        let session = match headers.get(&SESSION) {
            None => None,
            Some(value) => Some(text(value.to_str().ok(), LONGEST_SESSION).ok_or(NotesError::Session)?),
        };
        let mut labels = BTreeMap::new();
        for value in headers.get_all(&LABELS) {
            let pairs = value.to_str().map_err(|_| NotesError::Labels)?;
            for pair in pairs.split(',').filter(|pair| !pair.trim().is_empty()) {
                let (name, value) = pair.split_once('=').ok_or(NotesError::Labels)?;
                let name = text(Some(name), LONGEST_NAME).ok_or(NotesError::Labels)?;
                let value = text(Some(value), LONGEST_VALUE).ok_or(NotesError::Labels)?;
                labels.insert(name, value);
            }
        }
        if labels.len() > MOST_LABELS {
            return Err(NotesError::Labels);
        }
        Ok(Self { session, labels })
    }
}

fn text(given: Option<&str>, longest: usize) -> Option<String> {
    let given = given?.trim();
    (!given.is_empty() && given.len() <= longest).then(|| given.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn read(name: &HeaderName, value: &'static str) -> Result<Notes, NotesError> {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        Notes::read(&headers)
    }

    #[test]
    fn labels_are_pairs() {
        let notes = read(&LABELS, "repo=payments, env=prod,").unwrap();
        let pairs: Vec<_> = notes
            .labels
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        assert_eq!(pairs, ["env=prod", "repo=payments"]);
        assert_eq!(read(&LABELS, "repo"), Err(NotesError::Labels));
        assert_eq!(read(&LABELS, "=x"), Err(NotesError::Labels));
    }

    #[test]
    fn a_session_has_a_name() {
        assert_eq!(
            read(&SESSION, " nightly-1 ").unwrap().session.as_deref(),
            Some("nightly-1")
        );
        assert_eq!(read(&SESSION, "  "), Err(NotesError::Session));
        assert_eq!(Notes::read(&HeaderMap::new()), Ok(Notes::default()));
    }
}
