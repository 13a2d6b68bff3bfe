//! The one error that a server function answers with.

use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of thing went wrong. Pages decide by this, never by a message's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// Nobody is signed in; sign in and try again.
    SignedOut,
    /// Signed in, but without the scope that this needs.
    #[serde(rename = "insufficient_scope")]
    Forbidden,
    /// Signed in, but too long ago for this; the page asks for the password and tries again.
    #[serde(rename = "recent_sign_in_required")]
    SignInAgain,
    /// No such thing, or not yours.
    NotFound,
    /// A field is wrong; [`UiError::fields`] says which and why.
    InvalidInput,
    /// Address and password do not fit.
    InvalidCredentials,
    /// The provider refused the key; nothing was saved.
    InvalidApiKey,
    /// The provider could not be reached; nothing was saved.
    ProviderUnreachable,
    /// Somebody else changed it meanwhile.
    Conflict,
    /// Too many tries; wait a little.
    TooManyRequests,
    /// The database or another part is away; try again soon.
    Unavailable,
    /// A fault of Latchkey's own; the log knows more under the request's id.
    Internal,
}

impl ErrorCode {
    /// The stable code, as it stands in URLs and API answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ErrorCode::SignedOut => "signed_out",
            ErrorCode::Forbidden => "insufficient_scope",
            ErrorCode::SignInAgain => "recent_sign_in_required",
            ErrorCode::NotFound => "not_found",
            ErrorCode::InvalidInput => "invalid_input",
            ErrorCode::InvalidCredentials => "invalid_credentials",
            ErrorCode::InvalidApiKey => "invalid_api_key",
            ErrorCode::ProviderUnreachable => "provider_unreachable",
            ErrorCode::Conflict => "conflict",
            ErrorCode::TooManyRequests => "too_many_requests",
            ErrorCode::Unavailable => "unavailable",
            ErrorCode::Internal => "internal",
        }
    }

    /// The HTTP status that goes with it.
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            ErrorCode::SignedOut | ErrorCode::InvalidCredentials => 401,
            ErrorCode::Forbidden | ErrorCode::SignInAgain => 403,
            ErrorCode::NotFound => 404,
            ErrorCode::InvalidInput | ErrorCode::InvalidApiKey => 400,
            ErrorCode::Conflict => 409,
            ErrorCode::TooManyRequests => 429,
            ErrorCode::Internal => 500,
            ErrorCode::ProviderUnreachable => 502,
            ErrorCode::Unavailable => 503,
        }
    }
}

/// What is wrong with one field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The field's name in the form.
    pub field: String,
    /// What to do about it.
    pub message: String,
}

/// Why a server function did not do what was asked. Holds no secret and no internal text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UiError {
    /// What kind of thing went wrong.
    pub code: ErrorCode,
    /// What happened and what to do, in words for the person at the screen.
    pub message: String,
    /// What is wrong with each field, where fields are at fault.
    #[serde(default)]
    pub fields: Vec<FieldError>,
}

impl UiError {
    /// An error in these words.
    #[must_use]
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            fields: Vec::new(),
        }
    }

    /// An error at one field of the form.
    #[must_use]
    pub fn at_field(field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let fields = vec![FieldError {
            field: field.to_owned(),
            message: message.clone(),
        }];
        Self {
            code: ErrorCode::InvalidInput,
            message,
            fields,
        }
    }

    /// What is wrong with `field`, if it is at fault.
    #[must_use]
    pub fn field(&self, field: &str) -> Option<&str> {
        let error = self.fields.iter().find(|error| error.field == field)?;
        Some(&error.message)
    }
}

impl fmt::Display for UiError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for UiError {}

impl FromServerFnError for UiError {
    type Encoder = JsonEncoding;

    /// Framework failures are told apart only as far as a person can act on them.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(_) => Self::new(
                ErrorCode::Unavailable,
                "Latchkey could not be reached. Check your connection and try again.",
            ),
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                Self::new(
                    ErrorCode::InvalidInput,
                    "The form was not complete or not form-encoded. Send every field it names.",
                )
            }
            _ => Self::new(ErrorCode::Internal, "Something went wrong here. Try again."),
        }
    }
}
