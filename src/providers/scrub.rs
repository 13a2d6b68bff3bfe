//! Takes a key out of text that somebody else wrote.
//!
//! Providers quote keys: OpenAI echoes short ones whole (continuedev/continue#9358), Google a suspended one
//! (google/generative-ai-docs#356), and most a masked one. What is shown and stored holds none of it but
//! what [`redact`] shows anyway.

use crate::domain::redact;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::collections::HashSet;
use std::fmt::Write as _;

/// The longest message that is kept, in characters.
const LONGEST_MESSAGE: usize = 500;

/// How much of a message is looked at, in characters; the rest is dropped unread.
const LONGEST_READ: usize = 16 * 1024;

/// So many characters of a key in a row are taken out, wherever they stand.
const FRAGMENT: usize = 8;

/// What stands where a piece of the key stood.
const REMOVED: &str = "[key]";

/// The characters that vendors write over a key's middle.
const MASKS: [&str; 4] = ["***", "...", "…", "•••"];

/// The message without the key and without control characters, of at most 500 characters.
///
/// The key goes in every form it is likely to have: as it is, percent-encoded, in base64, in hexadecimal,
/// in any case, whole or from eight characters on; and masked. `prefixes` are the vendor's fixed
/// beginnings, which are no secret.
#[must_use]
pub fn scrub(message: &str, secret: &str, prefixes: &[&str]) -> String {
    let readable = readable(message);
    let unmasked = replace_masked(&readable, secret, prefixes);
    let clean = remove_fragments(&unmasked, secret, prefixes);
    shorten(&clean)
}

/// One line: no control characters, none that reorder or hide text, no runs of white space.
fn readable(message: &str) -> String {
    let hidden = |character: char| {
        matches!(character, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
            || (character.is_control() && !character.is_whitespace())
    };
    let visible: String = message
        .chars()
        .take(LONGEST_READ)
        .filter(|character| !hidden(*character))
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Replaces `ab***yz`, whose visible ends are the key's own, by what Latchkey shows of the key.
fn replace_masked(message: &str, secret: &str, prefixes: &[&str]) -> String {
    let around = |character: char| !character.is_ascii_alphanumeric() && !"-_*.…•".contains(character);
    let mut replaced = String::with_capacity(message.len());
    for piece in message.split_inclusive(around) {
        let word = piece.trim_end_matches(around);
        // A sentence's own full stop; of an ellipsis at the end none is taken.
        let word = if word.ends_with("..") {
            word
        } else {
            word.trim_end_matches('.')
        };
        if is_masked(word, secret) {
            replaced.push_str(&redact(secret, prefixes));
            replaced.push_str(&piece[word.len()..]);
        } else {
            replaced.push_str(piece);
        }
    }
    replaced
}

fn is_masked(word: &str, secret: &str) -> bool {
    let Some(start) = MASKS.iter().filter_map(|mask| word.find(mask)).min() else {
        return false;
    };
    let masking = |character: char| "*.…•".contains(character);
    let head = &word[..start];
    let tail = word[start..].trim_start_matches(masking);
    let shows_some = !head.is_empty() || !tail.is_empty();
    shows_some && secret.starts_with(head) && secret.ends_with(tail)
}

fn remove_fragments(message: &str, secret: &str, prefixes: &[&str]) -> String {
    let fragments = Fragments::of(secret, prefixes);
    let bytes = message.as_bytes();
    let mut secret_until = 0;
    let mut removed = String::with_capacity(message.len());
    for (at, character) in message.char_indices() {
        if let Some(length) = fragments.longest_at(&bytes[at..]) {
            if at >= secret_until {
                removed.push_str(REMOVED);
            }
            secret_until = secret_until.max(at + length);
        }
        if at >= secret_until {
            removed.push(character);
        }
    }
    removed
}

/// Every piece of a key, in every form, that must not be seen; in lower case.
struct Fragments {
    pieces: HashSet<Vec<u8>>,
    lengths: Vec<usize>,
}

impl Fragments {
    fn of(secret: &str, prefixes: &[&str]) -> Self {
        let prefix = prefixes
            .iter()
            .filter(|prefix| secret.starts_with(**prefix))
            .map(|prefix| prefix.len())
            .max();
        let core = &secret[prefix.unwrap_or(0)..];
        // Of a key that is hardly longer than its prefix, the whole counts.
        let core = if core.len() < FRAGMENT / 2 { secret } else { core };
        let mut pieces = HashSet::new();
        for form in forms(core) {
            let form = form.to_ascii_lowercase().into_bytes();
            pieces.extend(form.windows(FRAGMENT.min(form.len()).max(1)).map(<[u8]>::to_vec));
        }
        let mut lengths: Vec<usize> = pieces.iter().map(Vec::len).collect();
        lengths.sort_unstable();
        lengths.dedup();
        Self { pieces, lengths }
    }

    fn longest_at(&self, text: &[u8]) -> Option<usize> {
        let is_piece = |length: usize| {
            text.get(..length)
                .is_some_and(|text| self.pieces.contains(&text.to_ascii_lowercase()))
        };
        self.lengths.iter().rev().copied().find(|length| is_piece(*length))
    }
}

/// A secret as it is, percent-encoded, in hexadecimal, and in base64 at each of the three places that it can
/// take within something longer (`user:secret`).
fn forms(core: &str) -> Vec<String> {
    let mut percent = String::new();
    let mut hexadecimal = String::new();
    for byte in core.bytes() {
        // Writing to a string does not fail.
        let _ = if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            write!(percent, "{}", char::from(byte))
        } else {
            write!(percent, "%{byte:02x}")
        };
        let _ = write!(hexadecimal, "{byte:02x}");
    }
    let mut forms = vec![core.to_owned(), percent, hexadecimal];
    for offset in 0..3 {
        let padded = [vec![0; offset], core.as_bytes().to_vec()].concat();
        // The first characters also encode what stands before, the last one what stands behind.
        let before = (offset * 8).div_ceil(6);
        for encoded in [STANDARD_NO_PAD.encode(&padded), URL_SAFE_NO_PAD.encode(&padded)] {
            let inner = encoded.get(before..encoded.len().saturating_sub(1)).unwrap_or("");
            if inner.len() >= FRAGMENT {
                forms.push(inner.to_owned());
            }
        }
    }
    forms.retain(|form| !form.is_empty());
    forms
}

fn shorten(message: &str) -> String {
    match message.char_indices().nth(LONGEST_MESSAGE) {
        None => message.to_owned(),
        Some(_) => message.chars().take(LONGEST_MESSAGE - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    const PREFIXES: &[&str] = &["sk-", "sk-proj-"];
    const SECRET: &str = "sk-proj-FAKEcanary/0123+456789=abcdefXYZf3Qz";

    fn scrubbed(message: &str) -> String {
        scrub(message, SECRET, PREFIXES)
    }

    #[test]
    fn a_whole_key_goes_and_its_fixed_prefix_may_stay() {
        assert_eq!(
            scrubbed(&format!(
                "Incorrect API key provided: {SECRET}. Keys begin with sk-proj-."
            )),
            "Incorrect API key provided: sk-proj-[key]. Keys begin with sk-proj-."
        );
    }

    #[test]
    fn an_encoded_key_goes() {
        let percent = "sk-proj-FAKEcanary%2F0123%2B456789%3DabcdefXYZf3Qz";
        assert_eq!(scrubbed(&format!("at ?key={percent}&x=1")), "at ?key=sk-proj-[key]&x=1");
        for before in ["", "u", "us", "user:"] {
            let encoded = STANDARD.encode(format!("{before}{SECRET}"));
            let left = scrubbed(&format!("Basic {encoded}"));
            assert!(left.contains(REMOVED), "{left}");
            assert!(left.len() < "Basic ".len() + 24 + REMOVED.len(), "{left}");
        }
        assert_eq!(scrub("at 414243444546", "ABCDEF", PREFIXES), "at [key]");
    }

    #[test]
    fn fragments_of_eight_characters_go_in_any_case() {
        assert_eq!(scrubbed("near 'canary/0' and CANARY/0123"), "near '[key]' and [key]");
        assert_eq!(scrubbed("seven: canary/"), "seven: canary/");
    }

    #[test]
    fn a_masked_key_is_shown_as_latchkey_shows_it() {
        for masked in [
            "sk-proj-FAKEc***f3Qz",
            "sk-p********3Qz",
            "sk...Qz",
            "sk-proj-FAK…Qz",
            "***f3Qz",
        ] {
            let message = scrubbed(&format!("Incorrect API key provided: {masked}. See 'docs'."));
            assert_eq!(
                message, "Incorrect API key provided: sk-proj-...f3Qz. See 'docs'.",
                "{masked}"
            );
        }
        assert_eq!(scrubbed("Wait... retry *** or 1.2.3"), "Wait... retry *** or 1.2.3");
        assert_eq!(scrub("provided: ab***yz.", "abcd-FAKE-wxyz", &[]), "provided: ....");
    }

    #[test]
    fn short_keys_leave_nothing() {
        assert_eq!(scrub("key abc123 refused", "abc123", PREFIXES), "key [key] refused");
        assert_eq!(scrub("key sk-1 refused", "sk-1", PREFIXES), "key [key] refused");
        assert_eq!(scrub("nothing", "", PREFIXES), "nothing");
    }

    #[test]
    fn a_message_is_one_short_readable_line() {
        assert_eq!(scrubbed("a\u{0}b\u{1b}[31m\nc\t\u{202e}d"), "ab[31m c d");
        assert_eq!(scrubbed(&"long ".repeat(9000)).chars().count(), LONGEST_MESSAGE);
        assert_eq!(scrubbed("Clé refusée — 鍵"), "Clé refusée — 鍵");
    }

    proptest! {
        #[test]
        fn no_twelve_characters_of_a_key_survive(
            core in "[A-Za-z0-9_/+=-]{24,120}", before in ".{0,60}", after in ".{0,60}", cut in 0_usize..12,
        ) {
            let secret = format!("sk-proj-{core}");
            let message = format!("{before}{} {secret}{after}", &secret[cut..]);
            let left = scrub(&message, &secret, PREFIXES);
            for window in core.as_bytes().windows(12) {
                prop_assert!(!left.as_bytes().windows(12).any(|seen| seen == window), "{left}");
            }
        }
    }
}
