//! Why a use case did not do what was asked.

use crate::domain::{Refusal, ShapeError};
use crate::store::StoreError;
use crate::vault::{OpenError, SealError};
use std::time::Duration;

/// What is not there, or not the caller's to know of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// No such project.
    Project,
    /// No such provider in the catalogue.
    Provider,
    /// The provider has no key here, or there is no key with that id.
    Key,
    /// No such token.
    Token,
    /// No such organization.
    Organization,
    /// No such call.
    Call,
}

impl Missing {
    /// What to say about it.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Missing::Project => "There is no such project.",
            Missing::Provider => "There is no such provider.",
            Missing::Key => "There is no such provider key.",
            Missing::Token => "There is no such token.",
            Missing::Organization => "There is no such organization.",
            Missing::Call => "There is no such call, or it is not recorded yet.",
        }
    }
}

/// A failure of a use case. `Display` omits its source; the chain is logged once, at the edge.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The scope is missing.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The token works in one project, and this concerns the whole organization.
    #[error("the token works in one project only")]
    OneProjectOnly,
    /// Nobody is signed in, or the token is not valid.
    #[error("no valid credential was presented")]
    Unauthenticated,
    /// Address and password do not fit.
    #[error("address or password is wrong")]
    InvalidCredentials,
    /// It is not there.
    #[error("{}", .0.message())]
    Missing(Missing),
    /// A field is wrong.
    #[error("{field}: {message}")]
    Invalid {
        /// The field's name in forms and JSON.
        field: &'static str,
        /// What to do about it.
        message: String,
    },
    /// The provider refused the key; nothing changed.
    #[error("the provider refused the key")]
    KeyRefused {
        /// The provider's name.
        provider: &'static str,
        /// The provider's own words, scrubbed.
        message: String,
        /// Whose key it looks like instead.
        hint: Option<String>,
        /// What stays as it was, in a sentence.
        unchanged: String,
    },
    /// The provider gave no usable answer; nothing changed.
    #[error("the provider could not be reached")]
    ProviderUnreachable {
        /// The provider's name.
        provider: &'static str,
        /// What is known of it, scrubbed.
        message: String,
        /// Whether it was reached but answered too late.
        timed_out: bool,
        /// What stays as it was, in a sentence.
        unchanged: String,
    },
    /// Somebody else was faster.
    #[error("{0}")]
    Conflict(String),
    /// Too many tries.
    #[error("too many tries")]
    Throttled {
        /// When to try again.
        retry_after: Duration,
    },
    /// The sealed secret does not open: an alarm, never a reason to use another key.
    #[error("a sealed secret could not be opened")]
    Open(#[source] OpenError),
    /// A secret could not be sealed.
    #[error("a secret could not be sealed")]
    Seal(#[from] SealError),
    /// The database.
    #[error("the store failed")]
    Store(#[from] StoreError),
    /// A session could not be read or written.
    #[error("a session could not be read or written")]
    Session(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A password could not be hashed.
    #[error("a password could not be hashed: {0}")]
    Hashing(String),
}

impl ServiceError {
    /// Whether the database is away, so that trying again makes sense.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Store(StoreError::Unavailable(_)))
    }

    /// A wrong field.
    pub(crate) fn invalid(field: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid {
            field,
            message: message.into(),
        }
    }
}

impl From<ShapeError> for ServiceError {
    fn from(error: ShapeError) -> Self {
        Self::invalid("api_key", error.to_string())
    }
}
