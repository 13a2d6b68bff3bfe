//! Counting answer text without parsing the JSON around it.

use memchr::{memchr2, memmem::Finder};

/// The members of an event that hold answer text: `content"` finds `"content":"…"` and also
/// `"reasoning_content":"…"`.
pub(super) struct TextMembers(Vec<Finder<'static>>);

impl TextMembers {
    /// `endings`: ends of member names with their closing quote.
    pub(super) fn new(endings: &[&'static str]) -> Self {
        Self(endings.iter().map(|ending| Finder::new(*ending)).collect())
    }

    /// Bytes of text in these members, as escaped in JSON. Quotes inside texts are escaped, so that no text
    /// can pass for a member.
    pub(super) fn bytes_in(&self, data: &[u8]) -> u64 {
        self.0.iter().map(|finder| found_by(finder, data)).sum()
    }
}

fn found_by(finder: &Finder<'_>, data: &[u8]) -> u64 {
    let mut total = 0;
    let mut rest = data;
    while let Some(at) = finder.find(rest) {
        rest = &rest[at + finder.needle().len()..];
        if let Some(text) = text_value(rest) {
            let length = text_end(text).unwrap_or(text.len());
            total += length as u64;
            rest = &text[length..];
        }
    }
    total
}

/// What follows the opening quote of a member's value, when the value is a text.
fn text_value(behind_name: &[u8]) -> Option<&[u8]> {
    let value = behind_name.trim_ascii_start().strip_prefix(b":")?;
    value.trim_ascii_start().strip_prefix(b"\"")
}

/// Where a JSON text, read from behind its opening quote, ends. `None` when it does not.
pub(super) fn text_end(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[at] == b'"' {
            return Some(at);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(json: &str) -> u64 {
        TextMembers::new(&["content\"", "text\""]).bytes_in(json.as_bytes())
    }

    #[test]
    fn texts_are_counted_however_they_are_spaced() {
        assert_eq!(counted(r#"{"delta":{"content":"Hello"}}"#), 5);
        assert_eq!(counted("{\"text\" : \"Hi\", \"reasoning_content\":\"Hmm\"}"), 5);
        assert_eq!(counted(r#"{"content":"a \"quoted\" word"}"#), 17);
        assert_eq!(counted(r#"{"content":"one","x":{"content":"two"}}"#), 6);
    }

    #[test]
    fn a_text_ends_at_its_first_quote_that_is_not_escaped() {
        for length in 0..40 {
            let text = "x".repeat(length);
            assert_eq!(text_end(format!("{text}\"rest\"").as_bytes()), Some(length));
            assert_eq!(text_end(format!("{text}\\\"\\\\\"rest").as_bytes()), Some(length + 4));
            assert_eq!(text_end(text.as_bytes()), None);
            assert_eq!(text_end(format!("{text}\\").as_bytes()), None);
            assert_eq!(text_end(format!("{text}\\\"").as_bytes()), None);
        }
    }

    #[test]
    fn what_is_no_text_counts_nothing() {
        assert_eq!(counted(r#"{"content":null,"type":"text"}"#), 0);
        assert_eq!(counted(r#"{"other":"\"content\":\"inside\""}"#), 0);
        assert_eq!(counted(""), 0);
    }

    #[test]
    fn a_text_that_does_not_end_is_counted_as_far_as_it_goes() {
        assert_eq!(counted(r#"{"content":"abc\"#), 4);
        assert_eq!(counted(r#"{"content":"#), 0);
    }
}
