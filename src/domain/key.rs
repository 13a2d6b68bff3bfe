//! A provider key: what is known of it without opening it, and the shape of its secret.

use super::{Endpoint, FallbackChoice, Health, KeyId, ProjectId, ProviderSlug, UserId};
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

/// The longest secret that is accepted, in bytes.
pub const MAX_SECRET_BYTES: usize = 8 * 1024;

/// Below this length, in characters, not even the last four are shown.
const SHOWN_FROM: usize = 24;

/// A provider key as everyone with `read:byok` may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderKey {
    /// The key.
    pub id: KeyId,
    /// Its project.
    pub project: ProjectId,
    /// Its provider.
    pub provider: ProviderSlug,
    /// What people call it.
    pub name: String,
    /// Whether calls use it when they name none.
    pub is_default: bool,
    /// Whether it is switched on.
    pub is_active: bool,
    /// `sk-proj-...f3Qz`
    pub redacted: String,
    /// Where its secret may be sent.
    pub endpoint: Endpoint,
    /// Azure's `api-version`, where the customer chose one.
    pub api_version: Option<String>,
    /// Whether it works.
    pub health: Health,
    /// Whose key serves when this one does not, where that was decided for this key.
    pub fallback: FallbackChoice,
    /// When a call last used it.
    pub last_used_at: Option<OffsetDateTime>,
    /// The person who brought it; `None` for a token or the command line.
    pub added_by: Option<UserId>,
    /// That person's address, or the token's name.
    pub added_by_name: String,
    /// When it was brought.
    pub created_at: OffsetDateTime,
    /// When its configuration last changed.
    pub updated_at: OffsetDateTime,
    /// When it was deleted; out of use at once, recoverable until it is purged.
    pub deleted_at: Option<OffsetDateTime>,
    /// When its secret was erased, for ever; nothing but its history is left.
    pub purged_at: Option<OffsetDateTime>,
    /// Its place among the provider's keys in the project, from 1, for people.
    pub position: i32,
    /// When it goes, because it was rotated out; never for a default key.
    pub retires_at: Option<OffsetDateTime>,
    /// The key that it was rotated out by.
    pub superseded_by: Option<KeyId>,
    /// The name that it gave up to that one.
    pub name_before: Option<String>,
    /// When the key that it had superseded took over again, because the provider refused this one.
    pub rotation_undone_at: Option<OffsetDateTime>,
    /// Counts up with each new secret; part of what the envelope is bound to.
    pub secret_version: i64,
    /// Counts up with each change of configuration; compared before a change is made.
    pub row_version: i64,
}

/// A secret that passed the shape check: trimmed, of a sane length, printable.
#[derive(Clone, Debug)]
pub struct ShapedSecret(SecretString);

/// Why a pasted text cannot be a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ShapeError {
    /// Nothing was pasted.
    #[error("Paste a key.")]
    Empty,
    /// More than [`MAX_SECRET_BYTES`].
    #[error("That is longer than any provider's key (8 KB at most). Paste the key alone.")]
    TooLong,
    /// With control characters, spaces, or characters that no header can carry.
    #[error("A key has no spaces, line breaks or special characters. Paste the key alone.")]
    Characters,
    /// A provider's key for administering an account.
    #[error("This is an admin key, which can change a whole account. Bring a key that can only call models.")]
    AdminKey,
}

impl ShapedSecret {
    /// Checks a pasted secret; white space around it is dropped.
    ///
    /// # Errors
    /// [`ShapeError`], which never quotes the secret.
    pub fn parse(pasted: &SecretString, admin_prefixes: &[&str]) -> Result<Self, ShapeError> {
        let secret = pasted.expose_secret().trim();
        if secret.is_empty() {
            return Err(ShapeError::Empty);
        }
        if secret.len() > MAX_SECRET_BYTES {
            return Err(ShapeError::TooLong);
        }
        if !secret.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(ShapeError::Characters);
        }
        if admin_prefixes.iter().any(|prefix| secret.starts_with(prefix)) {
            return Err(ShapeError::AdminKey);
        }
        Ok(Self(SecretString::from(secret)))
    }

    /// The secret itself.
    #[must_use]
    pub const fn secret(&self) -> &SecretString {
        &self.0
    }

    /// How it is shown: see [`redact`].
    #[must_use]
    pub fn redacted(&self, prefixes: &[&str]) -> String {
        redact(self.0.expose_secret(), prefixes)
    }
}

/// `<vendor prefix>...<last 4>`, the prefix being the longest of the catalogue's fixed ones that
/// fits; `...<last 4>` without one; `...` for a secret shorter than 24 characters.
#[must_use]
pub fn redact(secret: &str, prefixes: &[&str]) -> String {
    if secret.chars().count() < SHOWN_FROM {
        return "...".to_owned();
    }
    let fits = |prefix: &&&str| secret.starts_with(**prefix);
    let prefix = prefixes
        .iter()
        .filter(fits)
        .max_by_key(|prefix| prefix.len())
        .unwrap_or(&"");
    let tail = secret.char_indices().rev().nth(3).map_or("", |(at, _)| &secret[at..]);
    format!("{prefix}...{tail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ShapedSecret, ShapeError> {
        ShapedSecret::parse(&SecretString::from(text), &["sk-admin-"])
    }

    #[test]
    fn only_the_fixed_prefix_and_the_last_four_are_shown() {
        let prefixes = ["sk-", "sk-proj-"];
        assert_eq!(redact("sk-proj-FAKEFAKEFAKEFAKEf3Qz", &prefixes), "sk-proj-...f3Qz");
        assert_eq!(redact("FAKEFAKEFAKEFAKEFAKEFAKEf3Qz", &prefixes), "...f3Qz");
        assert_eq!(redact("sk-proj-FAKE", &prefixes), "...");
    }

    #[test]
    fn a_key_has_a_shape() {
        assert!(parse("  sk-proj-FAKE\n").is_ok_and(|key| key.secret().expose_secret() == "sk-proj-FAKE"));
        assert_eq!(parse(" \n").unwrap_err(), ShapeError::Empty);
        assert_eq!(
            parse(&"x".repeat(MAX_SECRET_BYTES + 1)).unwrap_err(),
            ShapeError::TooLong
        );
        assert_eq!(parse("sk-\u{7}FAKE").unwrap_err(), ShapeError::Characters);
        assert_eq!(parse("sk-FAKE sk-FAKE").unwrap_err(), ShapeError::Characters);
        assert_eq!(parse("sk-FÄKE").unwrap_err(), ShapeError::Characters);
        assert_eq!(parse("sk-admin-FAKE").unwrap_err(), ShapeError::AdminKey);
    }
}
