//! Tokens and one-time links: `lk_<kind>_<public id>_<secret>_<checksum>`.
//!
//! The public id (80 random bits) finds the row; the secret (200 random bits) is stored only as an
//! HMAC-SHA-256. A fast hash is right for a secret that cannot be guessed. Both are lower-case
//! base32 (RFC 4648, no padding). The checksum is the CRC-32 (IEEE) of everything before its
//! underscore, in eight lower-case hex digits: a mistyped token is refused without a query, and a
//! scanner of leaked secrets can tell a token from a text that looks like one.

use super::hmac_key::HmacKey;
use crate::domain::Random;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::str::FromStr;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const PUBLIC_ID_BYTES: usize = 10;
const PUBLIC_ID_LENGTH: usize = 16;
const SECRET_BYTES: usize = 25;
const SECRET_LENGTH: usize = 40;
const CHECKSUM_LENGTH: usize = 8;

/// What a token is for; a token of one kind is not one of another.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum TokenKind {
    /// What a caller of Latchkey presents: `lk_api_…`.
    Api,
    /// The one-time link to create the owner: `lk_setup_…`.
    Setup,
    /// The one-time link to join an organization: `lk_invitation_…`.
    Invitation,
    /// The one-time link to choose a new password: `lk_reset_…`.
    Reset,
}

impl TokenKind {
    /// How the token spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Setup => "setup",
            Self::Invitation => "invitation",
            Self::Reset => "reset",
        }
    }
}

/// What finds a token's row: 16 lower-case base32 characters. Not secret.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TokenPublicId(String);

impl TokenPublicId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TokenPublicId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for TokenPublicId {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        is_base32(text, PUBLIC_ID_LENGTH)
            .then(|| Self(text.to_owned()))
            .ok_or(TokenError::Shape)
    }
}

/// Why a text is not a token. Never quotes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not of the form of a token.
    #[error("this does not have the form of a Latchkey token")]
    Shape,
    /// Of another kind than the one asked for.
    #[error("this is a Latchkey token of another kind")]
    Kind,
    /// Mistyped or cut off.
    #[error("this token was mistyped or is not complete")]
    Checksum,
}

/// A token with its secret: just minted, or as a caller presented it. Debug shows no secret.
#[derive(Debug)]
pub struct Token {
    kind: TokenKind,
    public_id: TokenPublicId,
    secret: SecretString,
}

impl Token {
    /// The regular expression by which scanners of leaked secrets find tokens; a hit is one when
    /// its checksum is right.
    pub const PATTERN: &str = r"\blk_(?:api|setup|invitation|reset)_[a-z2-7]{16}_[a-z2-7]{40}_[0-9a-f]{8}\b";

    /// A new token.
    #[must_use]
    pub fn mint(kind: TokenKind, random: &dyn Random) -> Self {
        let public_id: [u8; PUBLIC_ID_BYTES] = random.bytes();
        let secret: Zeroizing<[u8; SECRET_BYTES]> = Zeroizing::new(random.bytes());
        Self {
            kind,
            public_id: TokenPublicId(base32(&public_id)),
            secret: SecretString::from(base32(secret.as_slice())),
        }
    }

    /// Reads a token of the kind asked for, its checksum included. That it is genuine is found out
    /// by [`Token::matches`].
    ///
    /// # Errors
    /// [`TokenError`], which never quotes the text.
    pub fn parse(kind: TokenKind, text: &str) -> Result<Self, TokenError> {
        let (before, checksum) = last_part(text, CHECKSUM_LENGTH).ok_or(TokenError::Shape)?;
        let (rest, secret) = last_part(before, SECRET_LENGTH).ok_or(TokenError::Shape)?;
        let (start, public_id) = last_part(rest, PUBLIC_ID_LENGTH).ok_or(TokenError::Shape)?;
        let spelled = start.strip_prefix("lk_").ok_or(TokenError::Shape)?;
        if !is_base32(secret, SECRET_LENGTH) {
            return Err(TokenError::Shape);
        }
        let public_id = public_id.parse()?;
        if checksum.as_bytes() != checksum_of(before) {
            return Err(TokenError::Checksum);
        }
        if spelled != kind.as_str() {
            return Err(TokenError::Kind);
        }
        Ok(Self {
            kind,
            public_id,
            secret: SecretString::from(secret),
        })
    }

    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> TokenKind {
        self.kind
    }

    /// What finds its row.
    #[must_use]
    pub const fn public_id(&self) -> &TokenPublicId {
        &self.public_id
    }

    /// What is shown of it later on: `lk_api_<public id>`.
    #[must_use]
    pub fn shown(&self) -> String {
        format!("lk_{}_{}", self.kind.as_str(), self.public_id)
    }

    /// The whole token, shown once.
    #[must_use]
    pub fn text(&self) -> SecretString {
        let before = Zeroizing::new(format!("{}_{}", self.shown(), self.secret.expose_secret()));
        SecretString::from(format!("{}_{:08x}", *before, crc32fast::hash(before.as_bytes())))
    }

    /// What is stored of it: an HMAC-SHA-256 of kind, public id and secret.
    #[must_use]
    pub fn hash(&self, root: &HmacKey) -> [u8; 32] {
        let secret = self.secret.expose_secret().as_bytes();
        root.mac(&[
            b"token",
            self.kind.as_str().as_bytes(),
            self.public_id.0.as_bytes(),
            secret,
        ])
    }

    /// Whether it is the token whose hash was stored; takes the same time whether it is or not.
    #[must_use]
    pub fn matches(&self, root: &HmacKey, stored: &[u8]) -> bool {
        self.hash(root).ct_eq(stored).into()
    }
}

/// What stands before the underscore before the last part, and that part, which has `length` bytes.
fn last_part(text: &str, length: usize) -> Option<(&str, &str)> {
    let (before, part) = text.split_at_checked(text.len().checked_sub(length)?)?;
    Some((before.strip_suffix('_')?, part))
}

/// In hex digits, without the general formatter's cost: every call's token is checked.
fn checksum_of(before: &str) -> [u8; CHECKSUM_LENGTH] {
    let checksum = crc32fast::hash(before.as_bytes());
    let mut digits = [0; CHECKSUM_LENGTH];
    for (digit, shift) in digits.iter_mut().zip((0..32).step_by(4).rev()) {
        *digit = b"0123456789abcdef"[(checksum >> shift & 0xF) as usize];
    }
    digits
}

fn is_base32(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
}

/// Base32 of whole groups of five bytes, eight characters each.
fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() / 5 * 8);
    for group in bytes.chunks(5) {
        let bits = group.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        let digit = |at: u64| {
            ALPHABET
                .get((bits >> (35 - 5 * at) & 31) as usize)
                .map_or('a', |digit| char::from(*digit))
        };
        text.extend((0..8).map(digit));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::fixture::to_hex;
    use super::*;
    use crate::domain::SeededRandom;

    /// Kept for ever: a token that was handed out must stay good in every later version.
    const GOLDEN_TEXT: &str = "lk_api_yfoafcpmfufjcz7m_lzktf67oukj7qc6jilxjbbwbog43kaor3bklw4ma_11a3dc53";
    const GOLDEN_HASH: &str = "e16f79612235ac0cc48dcdaf9a50a595d194e2aeb153a7fee452d8b18164f7d0";

    fn mint(seed: u64) -> Token {
        Token::mint(TokenKind::Api, &SeededRandom::new(seed))
    }

    fn root() -> HmacKey {
        HmacKey::from_bytes(&[7; 32]).unwrap()
    }

    fn parse(text: &str) -> Result<Token, TokenError> {
        Token::parse(TokenKind::Api, text)
    }

    #[test]
    fn base32_is_that_of_rfc_4648() {
        assert_eq!(base32(b"fooba"), "mzxw6ytb");
        assert_eq!(base32(&[0xFF; 10]), "7777777777777777");
    }

    #[test]
    fn a_minted_token_is_parsed_and_matches_its_hash_alone() {
        let minted = mint(1);
        let text = minted.text();
        let parsed = parse(text.expose_secret()).unwrap();
        assert_eq!(parsed.public_id(), minted.public_id());
        assert_eq!(parsed.kind(), TokenKind::Api);
        assert!(parsed.matches(&root(), &minted.hash(&root())));
        assert!(!parsed.matches(&root(), &mint(2).hash(&root())));
        assert!(!parsed.matches(&root(), &[]));
        assert!(!parsed.matches(&HmacKey::generate(&SeededRandom::new(3)), &minted.hash(&root())));
        assert!(text.expose_secret().starts_with(&format!("{}_", minted.shown())));
        assert_eq!(minted.shown(), format!("lk_api_{}", minted.public_id()));
    }

    #[test]
    fn the_golden_token_keeps_its_text_and_hash() {
        assert_eq!(mint(1).text().expose_secret(), GOLDEN_TEXT);
        let golden = parse(GOLDEN_TEXT).unwrap();
        assert_eq!(to_hex(&golden.hash(&root())), GOLDEN_HASH);
    }

    #[test]
    fn a_set_up_link_is_no_token() {
        let link = Token::mint(TokenKind::Setup, &SeededRandom::new(1));
        assert_eq!(parse(link.text().expose_secret()).unwrap_err(), TokenError::Kind);
        assert!(Token::parse(TokenKind::Setup, link.text().expose_secret()).is_ok());
        assert_ne!(link.hash(&root()), mint(1).hash(&root()), "the kind is hashed too");
    }

    #[test]
    fn every_mistyped_character_and_every_cut_is_noticed() {
        let text = mint(1).text();
        let text = text.expose_secret();
        for at in 0..text.len() {
            assert!(parse(&text[..at]).is_err());
            for other in ["a", "2", "0", "_", "A", " "] {
                let typed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
                assert!(typed == text || parse(&typed).is_err(), "{typed}");
            }
        }
        for (typed, error) in [
            (String::new(), TokenError::Shape),
            ("_".repeat(9), TokenError::Shape),
            (format!("{text}_"), TokenError::Shape),
            (format!(" {text}"), TokenError::Shape),
            (format!("{}é", &text[..text.len() - 2]), TokenError::Checksum),
            (text.to_uppercase(), TokenError::Shape),
            ("x".repeat(1_000_000), TokenError::Shape),
        ] {
            assert_eq!(parse(&typed).unwrap_err(), error);
        }
    }

    #[test]
    fn neither_debug_nor_error_shows_the_secret() {
        let token = mint(1);
        let shown = format!("{token:?} {:?}", token.text());
        assert!(shown.contains("REDACTED") && !shown.contains(token.secret.expose_secret()));
        let text = token.text();
        let text = text.expose_secret();
        let error = parse(&text[..text.len() - 1]).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(token.secret.expose_secret()));
    }

    #[test]
    fn the_pattern_for_scanners_has_the_lengths_of_a_token() {
        let text = mint(1).text();
        let lengths: Vec<usize> = text.expose_secret().split('_').map(str::len).collect();
        assert_eq!(lengths, [2, 3, PUBLIC_ID_LENGTH, SECRET_LENGTH, CHECKSUM_LENGTH]);
        for part in [
            format!("{{{PUBLIC_ID_LENGTH}}}"),
            format!("{{{SECRET_LENGTH}}}"),
            format!("{{{CHECKSUM_LENGTH}}}"),
        ] {
            assert!(Token::PATTERN.contains(&part));
        }
        for kind in [
            TokenKind::Api,
            TokenKind::Setup,
            TokenKind::Invitation,
            TokenKind::Reset,
        ] {
            assert!(Token::PATTERN.contains(kind.as_str()));
        }
    }
}
