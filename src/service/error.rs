//! Why a use case did not do what was asked.

use crate::domain::{NotRecent, OneProjectOnly, Refusal, ShapeError};
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
    /// No such event on the audit trail.
    Event,
    /// No such lock.
    Lock,
    /// Nobody of the organization.
    Member,
    /// No such invitation in the organization.
    Invitation,
    /// No invitation that a link could still accept.
    OpenInvitation,
    /// No such webhook.
    Webhook,
    /// No such message to that webhook.
    Delivery,
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
            Missing::Lock => "There is no such lock; perhaps it was undone already.",
            Missing::Organization => "There is no such organization.",
            Missing::Member => "There is no such member.",
            Missing::Invitation => "There is no such invitation, or it was accepted or revoked already.",
            Missing::OpenInvitation => {
                "This invitation does not work (any more). Ask whoever invited you for a new one."
            }
            Missing::Webhook => "There is no such webhook.",
            Missing::Delivery => "There is no such message to this webhook, or it was made long ago.",
            Missing::Event => "There is no such event.",
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
    #[error(transparent)]
    OneProjectOnly(#[from] OneProjectOnly),
    /// A token asks for what only somebody who is signed in can do.
    #[error("it takes a person who is signed in")]
    PersonsOnly,
    /// Only who operates this deployment may do this.
    #[error("it takes the operator of this deployment")]
    OperatorOnly,
    /// Nobody is signed in, or the token is not valid.
    #[error("no valid credential was presented")]
    Unauthenticated,
    /// The person has to show once more who they are.
    #[error(transparent)]
    SignInAgain(#[from] NotRecent),
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
    /// What is asked for does not go together with how things are.
    #[error("{0}")]
    Conflict(String),
    /// It is at another row version than the caller saw: somebody else was faster.
    #[error("{0}")]
    Changed(String),
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
    /// What an authenticator app is to be told could not be written down.
    #[error("an authenticator could not be described")]
    Authenticator(#[source] totp_rs::TotpError),
    /// A mail could not be sent.
    #[error(transparent)]
    Mail(#[from] super::mail::MailError),
    /// A message to a webhook could not be signed.
    #[error("a message to a webhook could not be signed")]
    Webhook(#[source] standardwebhooks::WebhookError),
    /// The exported ends of audit chains.
    #[error("the audit chain cannot be compared with what was exported of it")]
    Heads(#[from] super::audit::HeadsError),
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
