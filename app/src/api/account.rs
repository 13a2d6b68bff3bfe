//! Set-up, sign-in, sign-out, and who is here.

#[cfg(feature = "ssr")]
use super::server::{answer, backend};
use crate::contract::{Flash, ResetLinkView, SessionView, SetupView, SignInView, UiError};
#[cfg(feature = "ssr")]
use crate::own_page::own_page;
#[cfg(feature = "ssr")]
use crate::ports::{OwnerInput, Password};
use leptos::prelude::*;

/// Whether the set-up link can still be used.
#[server(prefix = "/_fn", endpoint = "setup")]
pub async fn setup(#[server(default)] link: String) -> Result<SetupView, UiError> {
    answer(backend()?.account.setup(Password(link)).await)
}

/// Creates the organization and its owner, and signs them in.
#[server(prefix = "/_fn", endpoint = "create_owner")]
pub async fn create_owner(link: String, organization: String, email: String, password: String) -> Result<(), UiError> {
    let input = OwnerInput {
        link: Password(link),
        organization,
        email,
        password: Password(password),
    };
    answer(backend()?.account.create_owner(input).await)?;
    leptos_axum::redirect("/");
    Ok(())
}

/// Signs a person in.
#[server(prefix = "/_fn", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String) -> Result<(), UiError> {
    answer(backend()?.account.sign_in(email, Password(password)).await)?;
    leptos_axum::redirect("/");
    Ok(())
}

/// What the sign-in page asks for.
#[server(prefix = "/_fn", endpoint = "sign_in_state")]
pub async fn sign_in_state() -> Result<SignInView, UiError> {
    answer(backend()?.account.sign_in_state().await)
}

/// Takes the code that follows the password.
#[server(prefix = "/_fn", endpoint = "second_step")]
pub async fn second_step(code: String) -> Result<(), UiError> {
    answer(backend()?.account.second_step(Password(code)).await)?;
    leptos_axum::redirect("/");
    Ok(())
}

/// Whether a code is asked for besides the person's password.
#[server(prefix = "/_fn", endpoint = "asks_for_code")]
pub async fn asks_for_code() -> Result<bool, UiError> {
    answer(backend()?.account.asks_for_code().await)
}

/// Takes the person's password, and a code where there is a second factor, as proof of who is there now; `next` is
/// the page of ours to lead on to, if any.
#[server(prefix = "/_fn", endpoint = "confirm")]
pub async fn confirm(
    password: String,
    #[server(default)] code: String,
    #[server(default)] next: String,
) -> Result<(), UiError> {
    answer(backend()?.account.confirm(Password(password), Password(code)).await)?;
    if !next.is_empty() {
        leptos_axum::redirect(own_page(&next));
    }
    Ok(())
}

/// Has a link to choose a new password mailed.
#[server(prefix = "/_fn", endpoint = "ask_for_reset")]
pub async fn ask_for_reset(email: String) -> Result<(), UiError> {
    answer(backend()?.account.ask_for_reset(email).await)?;
    leptos_axum::redirect("/forgot-password?asked=1");
    Ok(())
}

/// Whose password a mailed link can set.
#[server(prefix = "/_fn", endpoint = "reset_link")]
pub async fn reset_link(#[server(default)] link: String) -> Result<ResetLinkView, UiError> {
    answer(backend()?.account.reset_link(Password(link)).await)
}

/// Sets a new password, once.
#[server(prefix = "/_fn", endpoint = "reset_password")]
pub async fn reset_password(link: String, password: String) -> Result<(), UiError> {
    answer(
        backend()?
            .account
            .reset_password(Password(link), Password(password))
            .await,
    )?;
    leptos_axum::redirect("/sign-in?reset=1");
    Ok(())
}

/// Ends the session.
#[server(prefix = "/_fn", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), UiError> {
    answer(backend()?.account.sign_out().await)?;
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// Who is signed in, and which projects there are.
#[server(prefix = "/_fn", endpoint = "session")]
pub async fn session() -> Result<SessionView, UiError> {
    answer(backend()?.account.session().await)
}

/// What the last form came to, where no script ran; read once.
#[server(prefix = "/_fn", endpoint = "take_flash")]
pub async fn take_flash() -> Result<Option<Flash>, UiError> {
    answer(backend()?.account.take_flash().await)
}
