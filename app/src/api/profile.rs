//! The person's own account.

#[cfg(feature = "ssr")]
use super::server::{answer, backend};
use crate::contract::{ProfileView, RecoveryCodes, SecondFactorView, UiError};
#[cfg(feature = "ssr")]
use crate::ports::Password;
use leptos::prelude::*;

/// The Profile page.
#[server(prefix = "/_fn", endpoint = "profile")]
pub async fn profile() -> Result<ProfileView, UiError> {
    answer(backend()?.profile.page().await)
}

/// Sets a new password; every other session of the person ends.
#[server(prefix = "/_fn", endpoint = "change_password")]
pub async fn change_password(current_password: String, password: String) -> Result<(), UiError> {
    let (current, new) = (Password(current_password), Password(password));
    answer(backend()?.profile.change_password(current, new).await)
}

/// Ends one of the person's sessions.
#[server(prefix = "/_fn", endpoint = "end_session")]
pub async fn end_session(session_id: String) -> Result<(), UiError> {
    answer(backend()?.profile.end_session(session_id).await)
}

/// Ends all of the person's sessions but this one; how many.
#[server(prefix = "/_fn", endpoint = "end_other_sessions")]
pub async fn end_other_sessions() -> Result<u32, UiError> {
    answer(backend()?.profile.end_other_sessions().await)
}

/// How the person's second factor is.
#[server(prefix = "/_fn", endpoint = "second_factor")]
pub async fn second_factor() -> Result<SecondFactorView, UiError> {
    answer(backend()?.profile.second_factor().await)
}

/// Makes a secret for an authenticator app.
#[server(prefix = "/_fn", endpoint = "begin_second_factor")]
pub async fn begin_second_factor() -> Result<(), UiError> {
    answer(backend()?.profile.begin_second_factor().await)
}

/// Takes its first code; the recovery codes are in this answer and nowhere else.
#[server(prefix = "/_fn", endpoint = "confirm_second_factor")]
pub async fn confirm_second_factor(code: String) -> Result<RecoveryCodes, UiError> {
    answer(backend()?.profile.confirm_second_factor(Password(code)).await)
}

/// Asks for no code any more.
#[server(prefix = "/_fn", endpoint = "disable_second_factor")]
pub async fn disable_second_factor() -> Result<(), UiError> {
    answer(backend()?.profile.disable_second_factor().await)
}

/// Makes new recovery codes; they are in this answer and nowhere else.
#[server(prefix = "/_fn", endpoint = "renew_recovery_codes")]
pub async fn renew_recovery_codes() -> Result<RecoveryCodes, UiError> {
    answer(backend()?.profile.renew_recovery_codes().await)
}
