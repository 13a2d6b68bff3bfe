//! Recovery codes: ten at a time, fifty random bits each, written so that people can type them.

use crate::domain::Random;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

/// How many there are at a time.
const SET: usize = 10;
/// Crockford's base 32: without letters that look like digits.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LENGTH: usize = 10;

/// A code that stands in for a lost authenticator once. Debug shows nothing of it.
#[derive(Clone, Debug)]
pub struct RecoveryCode(SecretString);

impl RecoveryCode {
    /// A new set of codes.
    pub(super) fn mint_set(random: &dyn Random) -> Vec<Self> {
        (0..SET).map(|_| Self::mint(random)).collect()
    }

    fn mint(random: &dyn Random) -> Self {
        let bytes: Zeroizing<[u8; LENGTH]> = Zeroizing::new(random.bytes());
        let characters = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
        Self(SecretString::from(characters.collect::<String>()))
    }

    /// Reads what somebody typed; `None` for what has not the form of a recovery code.
    pub(super) fn parse(typed: &SecretString) -> Option<Self> {
        let typed = typed.expose_secret().chars();
        let kept = typed.filter(|character| !character.is_whitespace() && *character != '-');
        let code: Zeroizing<String> = Zeroizing::new(kept.map(meant).collect());
        let is_whole = code.len() == LENGTH && code.bytes().all(|byte| ALPHABET.contains(&byte));
        is_whole.then(|| Self(SecretString::from(code.as_str())))
    }

    /// The code as people are shown it: `xxxxx-xxxxx`.
    #[must_use]
    pub fn text(&self) -> SecretString {
        let (first, second) = self.0.expose_secret().split_at(LENGTH / 2);
        SecretString::from(format!("{first}-{second}"))
    }

    /// The code without what only helps reading it.
    pub(super) fn bare(&self) -> &SecretString {
        &self.0
    }
}

/// The digit that a letter was meant as, and small letters throughout.
fn meant(character: char) -> char {
    match character.to_ascii_lowercase() {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SeededRandom;

    fn parsed(typed: &str) -> Option<String> {
        let code = RecoveryCode::parse(&SecretString::from(typed))?;
        Some(code.bare().expose_secret().to_owned())
    }

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let codes = RecoveryCode::mint_set(&SeededRandom::new(7));
        assert_eq!(codes.len(), SET);
        for code in codes {
            let text = code.text().expose_secret().to_owned();
            assert_eq!(text.len(), LENGTH + 1);
            assert_eq!(parsed(&text).as_deref(), Some(code.bare().expose_secret()));
            assert_eq!(parsed(&format!(" {} ", text.to_uppercase())), parsed(&text));
        }
        assert_eq!(parsed("OIL23 45678").as_deref(), Some("0112345678"));
    }

    #[test]
    fn what_is_no_code_is_not_taken_for_one() {
        for typed in ["", "123456", "12345-6789u", "12345-67890-1", "12345-6789é"] {
            assert_eq!(parsed(typed), None, "{typed}");
        }
    }
}
