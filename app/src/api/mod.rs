//! Server functions, `POST /_fn/<name>`: get the backend, call the port, set the status.

#![expect(
    missing_docs,
    reason = "the server macro makes a type of each function's arguments, which are documented there"
)]

mod account;
mod activity;
mod audit;
mod import;
mod invitations;
mod jobs;
mod keys;
mod locks;
mod members;
mod notifications;
mod organization_profile;
mod organizations;
mod profile;
mod projects;
mod tokens;
mod webhooks;

pub use account::*;
pub use activity::*;
pub use audit::*;
pub use import::*;
pub use invitations::*;
pub use jobs::*;
pub use keys::*;
pub use locks::*;
pub use members::*;
pub use notifications::*;
pub use organization_profile::*;
pub use organizations::*;
pub use profile::*;
pub use projects::*;
pub use tokens::*;
pub use webhooks::*;

/// The path that every server function stands under.
pub const PREFIX: &str = "/_fn";

#[cfg(feature = "ssr")]
pub(crate) mod server {
    use crate::contract::{ErrorCode, UiError};
    use crate::ports::Backend;
    use leptos::prelude::*;
    use leptos_axum::ResponseOptions;

    /// The backend, bound to the caller of this request.
    pub(crate) fn backend() -> Result<Backend, UiError> {
        use_context::<http::request::Parts>()
            .and_then(|parts| parts.extensions.get::<Backend>().cloned())
            .ok_or_else(|| UiError::new(ErrorCode::Internal, "The server is not wired up."))
    }

    /// Gives the answer the HTTP status that belongs to its error.
    pub(crate) fn answer<Answer>(result: Result<Answer, UiError>) -> Result<Answer, UiError> {
        if let Err(error) = &result {
            set_status(error.code.status());
        }
        result
    }

    /// Sets the response's HTTP status, unless the response leads elsewhere already.
    pub(crate) fn set_status(status: u16) {
        let Some(response) = use_context::<ResponseOptions>() else {
            return;
        };
        let leads_elsewhere = match response.0.read() {
            Ok(parts) => parts.headers.contains_key(http::header::LOCATION),
            Err(_) => false,
        };
        if let (false, Ok(status)) = (leads_elsewhere, http::StatusCode::from_u16(status)) {
            response.set_status(status);
        }
    }
}
