//! How a command line names a key.

use super::key::{Key, label};
use crate::cli::remote::api::Api;
use crate::cli::remote::failure::{Exit, Failure};
use clap::builder::{TypedValueParser, ValueParserFactory};
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};
use std::ffi::OsStr;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// A key: by id, as the default of a provider (`openai`), or by provider and name (`openai/Production`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyName {
    /// This one.
    Id(Uuid),
    /// The provider's default key.
    Default(String),
    /// The provider's key of this name; case does not count.
    Named {
        /// The provider's slug.
        provider: String,
        /// The key's name.
        name: String,
    },
}

impl FromStr for KeyName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(id));
        }
        let (provider, name) = match text.split_once('/') {
            Some((provider, name)) => (provider, Some(name)),
            None => (text, None),
        };
        // A slug is short; what is not one may be a pasted key, which is not to be told again.
        let is_slug = !provider.is_empty()
            && provider.len() <= 32
            && provider
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        let provider = provider.to_owned();
        match name.map(str::trim) {
            _ if !is_slug => Err("write openai, openai/Name, or a key's id"),
            Some("") => Err("a name goes behind the slash"),
            Some(name) => Ok(Self::Named {
                provider,
                name: name.to_owned(),
            }),
            None => Ok(Self::Default(provider)),
        }
    }
}

/// Reads a key's name off the command line. What it says of a wrong one does not repeat it, as clap would of itself.
#[derive(Clone, Copy, Debug)]
pub struct KeyNameParser;

impl TypedValueParser for KeyNameParser {
    type Value = KeyName;

    fn parse_ref(&self, command: &Command, _argument: Option<&Arg>, value: &OsStr) -> Result<KeyName, Error> {
        let parsed: Result<KeyName, &'static str> = value.to_string_lossy().parse();
        parsed.map_err(|wrong| {
            Error::raw(ErrorKind::ValueValidation, format!("that names no key: {wrong}\n")).with_cmd(command)
        })
    }
}

impl ValueParserFactory for KeyName {
    type Parser = KeyNameParser;

    fn value_parser() -> KeyNameParser {
        KeyNameParser
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyName::Id(id) => write!(formatter, "{id}"),
            KeyName::Default(provider) => formatter.write_str(provider),
            KeyName::Named { provider, name } => formatter.write_str(&label(provider, name)),
        }
    }
}

impl KeyName {
    fn is_of(&self, key: &Key) -> bool {
        match self {
            KeyName::Id(id) => key.id == id.to_string(),
            // Of deleted keys none is the default.
            KeyName::Default(provider) => key.provider == *provider && (key.is_default || key.deleted_at.is_some()),
            KeyName::Named { provider, name } => {
                key.provider == *provider && key.name.to_lowercase() == name.to_lowercase()
            }
        }
    }

    fn provider(&self) -> Option<&str> {
        match self {
            KeyName::Id(_) => None,
            KeyName::Default(provider) | KeyName::Named { provider, .. } => Some(provider),
        }
    }

    /// The key of that name among those in use, or else among the deleted ones; `None` where there is none.
    ///
    /// # Errors
    /// When several deleted keys have the name.
    pub(super) async fn look_up(&self, api: &Api, project: &str, deleted: bool) -> Result<Option<Key>, Failure> {
        let mut query = Vec::new();
        query.extend(self.provider().map(|provider| ("provider", provider)));
        if deleted {
            query.push(("deleted", "true"));
        }
        let keys: Vec<Key> = api.list(&["projects", project, "keys"], &query, "keys").await?.read()?;
        let mut found: Vec<_> = keys.into_iter().filter(|key| self.is_of(key)).collect();
        if found.len() > 1 {
            let ids: Vec<_> = found.iter().map(|key| key.id.as_str()).collect();
            let message = format!("several keys are called {self}; say which: {}", ids.join(", "));
            return Err(Failure::usage(message));
        }
        Ok(found.pop())
    }

    /// The key of that name.
    pub(super) async fn find(&self, api: &Api, project: &str, deleted: bool) -> Result<Key, Failure> {
        let found = self.look_up(api, project, deleted).await?;
        found.ok_or_else(|| {
            let what = match (self, deleted) {
                (KeyName::Default(provider), false) => format!("{provider} has no default key here"),
                (name, false) => format!("there is no key {name} here"),
                (name, true) => format!("there is no deleted key {name} here that can be restored"),
            };
            Failure::new(Exit::Missing, what)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_named_in_three_ways() {
        let id = "019aa5d2-0a5f-7c7e-b8c3-1a2b3c4d5e6f";
        assert_eq!(id.parse(), Ok(KeyName::Id(id.parse().unwrap())));
        assert_eq!("azure_openai".parse(), Ok(KeyName::Default("azure_openai".to_owned())));
        let named = KeyName::Named {
            provider: "openai".to_owned(),
            name: "A/B test".to_owned(),
        };
        assert_eq!("openai/A/B test".parse(), Ok(named));
        for wrong in ["", "openai/", "/Name", "OpenAI", "sk-proj-FAKE-0123456789abcdef"] {
            assert!(wrong.parse::<KeyName>().is_err(), "{wrong}");
        }
    }
}
