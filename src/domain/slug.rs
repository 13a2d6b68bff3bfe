//! Names that stand in URLs.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use uuid::Uuid;

const MAX_LENGTH: usize = 63;

/// Why a text is not a slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SlugError {
    /// Empty, too long, or with other characters than `a-z`, `0-9`, `-`, `_`.
    #[error("use 1 to 63 of the characters a-z, 0-9, - and _, beginning with a letter or digit")]
    Shape,
    /// It would be taken for an id.
    #[error("a name in a URL must not look like an id")]
    LooksLikeId,
}

fn check(text: &str) -> Result<(), SlugError> {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let begins_well = text.bytes().next().is_some_and(letters);
    let well_formed = text.bytes().all(|byte| letters(byte) || byte == b'-' || byte == b'_');
    if !begins_well || !well_formed || text.len() > MAX_LENGTH {
        return Err(SlugError::Shape);
    }
    if Uuid::try_parse(text).is_ok() {
        Err(SlugError::LooksLikeId)
    } else {
        Ok(())
    }
}

macro_rules! slugs {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The slug as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = SlugError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                check(text).map(|()| Self(text.into()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    )+};
}

slugs! {
    /// A project's name in URLs, unique within its organization.
    ProjectSlug,
    /// A provider's name: `openai`, `azure_openai`, …
    ProviderSlug,
}

impl ProjectSlug {
    /// A slug made from a project's name: `"Payments (EU)"` becomes `payments-eu`.
    /// `None` when the name holds no usable character or would look like an id.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let mut slug = String::new();
        for character in name.trim().to_lowercase().chars() {
            if character.is_ascii_alphanumeric() || character == '_' {
                slug.push(character);
            } else if !slug.ends_with('-') {
                slug.push('-');
            }
        }
        let slug: String = slug.trim_matches(['-', '_']).chars().take(MAX_LENGTH - 8).collect();
        slug.trim_end_matches(['-', '_']).parse().ok()
    }

    /// This slug with a number behind it, for when the plain one is taken.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Self {
        Self(format!("{}-{number}", self.0).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_hold_underscores_and_never_look_like_ids() {
        assert!("project_xyz".parse::<ProjectSlug>().is_ok());
        assert_eq!(
            "01890a5d-ac96-774b-bcce-b302099a8057".parse::<ProjectSlug>(),
            Err(SlugError::LooksLikeId)
        );
        assert_eq!(
            "01890a5dac96774bbcceb302099a8057".parse::<ProjectSlug>(),
            Err(SlugError::LooksLikeId)
        );
        for refused in ["", "Upper", "-front", "a b", "ä", &"a".repeat(64)] {
            assert_eq!(refused.parse::<ProjectSlug>(), Err(SlugError::Shape), "{refused:?}");
        }
    }

    #[test]
    fn a_name_becomes_a_slug() {
        let slug = |name| ProjectSlug::from_name(name).map(|slug| slug.to_string());
        assert_eq!(slug("Payments (EU)").as_deref(), Some("payments-eu"));
        assert_eq!(slug("  my_project "), Some("my_project".to_owned()));
        assert_eq!(slug("日本"), None);
        assert!(slug(&"long ".repeat(60)).is_some_and(|slug| slug.len() <= 55));
    }
}
