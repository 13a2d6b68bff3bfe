//! Why a call does not reach a provider.

use crate::domain::{KeyId, Scope};
use crate::service::ServiceError;
use std::time::Duration;

/// Why a call was refused, or failed on our side. Its `code` is stable; programs may rely on it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum GatewayError {
    /// No token, or one that is wrong, expired or revoked.
    #[error("no valid token was presented")]
    Unauthenticated,
    /// The token lacks a scope.
    #[error("the token lacks the scope {0}")]
    InsufficientScope(Scope),
    /// A token of the whole organization must say for which project it calls.
    #[error("no project was named")]
    ProjectNeeded,
    /// There is no such project, or the token does not reach it.
    #[error("there is no such project")]
    NoProject,
    /// The project has no key for the provider.
    #[error("the project has no key for {provider}")]
    NoKey {
        /// The provider's name.
        provider: &'static str,
        /// The project's slug.
        project: String,
    },
    /// The call names a key that the project does not have.
    #[error("the project has no key of that name for {provider}")]
    NoNamedKey {
        /// The provider's name.
        provider: &'static str,
        /// The project's slug.
        project: String,
    },
    /// Somebody pulled the panic switch.
    #[error("calls are locked")]
    Locked {
        /// The provider's name, where not every provider is locked.
        provider: Option<&'static str>,
        /// The project's slug.
        project: String,
        /// Why, in the locker's words; perhaps empty.
        reason: String,
    },
    /// The key is switched off.
    #[error("the key {key} is switched off")]
    KeyDisabled {
        /// The provider's name.
        provider: &'static str,
        /// The project's slug.
        project: String,
        /// The key.
        key: KeyId,
    },
    /// The provider refused the key.
    #[error("the key {key} was refused by its provider")]
    KeyRejected {
        /// The provider's name.
        provider: &'static str,
        /// The project's slug.
        project: String,
        /// The key.
        key: KeyId,
        /// The provider's words, scrubbed.
        message: String,
    },
    /// The key's quota is spent, or it made too many calls.
    #[error("the key {key} rests")]
    KeyExhausted {
        /// The provider's name.
        provider: &'static str,
        /// The project's slug.
        project: String,
        /// The key.
        key: KeyId,
        /// The provider's words, scrubbed.
        message: String,
        /// How long it rests.
        retry_after: Option<Duration>,
    },
    /// The stored key does not open: an alarm, and never a reason to fall back.
    #[error("the key {key} does not open")]
    KeyUnreadable {
        /// The provider's name.
        provider: &'static str,
        /// The key.
        key: KeyId,
    },
    /// Too many calls at once, or within the minute.
    #[error("{limit} is reached")]
    LimitReached {
        /// Which limit, in words.
        limit: String,
        /// When to come back.
        retry_after: Duration,
    },
    /// The database is away and what is known is too old.
    #[error("the token or key cannot be looked up")]
    Unavailable,
}

impl GatewayError {
    /// The stable name.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::InsufficientScope(_) => "insufficient_scope",
            Self::ProjectNeeded => "project_needed",
            Self::NoProject => "not_found",
            Self::NoKey { .. } => "no_key",
            Self::NoNamedKey { .. } => "key_not_found",
            Self::Locked { .. } => "locked",
            Self::KeyDisabled { .. } => "key_disabled",
            Self::KeyRejected { .. } => "key_rejected",
            Self::KeyExhausted { .. } => "key_exhausted",
            Self::KeyUnreadable { .. } => "key_unreadable",
            Self::LimitReached { .. } => "limit_reached",
            Self::Unavailable => "unavailable",
        }
    }
}

impl From<ServiceError> for GatewayError {
    /// What the services refuse keeps its name; all else means that nothing can be looked up, and is logged once.
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Unauthenticated => Self::Unauthenticated,
            ServiceError::Missing(_) => Self::NoProject,
            error => {
                let error: &dyn std::error::Error = &error;
                tracing::error!(error, "a call could not be resolved");
                Self::Unavailable
            }
        }
    }
}
