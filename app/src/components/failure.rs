//! Pages that say why there is nothing to show.

use crate::contract::{ErrorCode, UiError};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::components::Redirect;

/// Why a page cannot be shown, with the HTTP status that belongs to it. Those who are not signed in
/// are led to sign-in instead.
pub(crate) fn failure(error: &UiError) -> AnyView {
    if error.code == ErrorCode::SignedOut {
        return view! { <Redirect path="/sign-in" /> }.into_any();
    }
    set_status(error.code.status());
    let (title, words) = words(error.code);
    let can_retry = matches!(error.code, ErrorCode::Unavailable | ErrorCode::Internal);
    failure_page(error.code.status(), title, words, can_retry)
}

/// No such page.
#[component]
pub(crate) fn NotFound() -> impl IntoView {
    set_status(404);
    let (title, words) = words(ErrorCode::NotFound);
    view! { <main class="standalone">{failure_page(404, title, words, false)}</main> }
}

const fn words(code: ErrorCode) -> (&'static str, &'static str) {
    match code {
        ErrorCode::NotFound => (
            "This page does not exist",
            "The address is wrong, or what stood here is gone or belongs to another organization.",
        ),
        ErrorCode::Forbidden => (
            "Your role does not permit this",
            "Ask an owner or admin of your organization if you need it. Some pages are only for those who operate this \
             Latchkey.",
        ),
        ErrorCode::Unavailable => (
            "Latchkey's database is away",
            "Your keys are safe. Nothing can be shown or changed until it is back; this usually takes a moment.",
        ),
        ErrorCode::TooManyRequests => ("Too many requests", "Wait a minute, then load this page again."),
        _ => (
            "Something went wrong here",
            "This is a fault of Latchkey's own, and its log says more. Your keys are not affected.",
        ),
    }
}

fn failure_page(status: u16, title: &'static str, words: &'static str, can_retry: bool) -> AnyView {
    view! {
        <Title text=title />
        <section class="failure">
            <p class="failure-status">{status}</p>
            <h1>{title}</h1>
            <p>{words}</p>
            <p class="row">
                {can_retry
                    .then(|| view! { <a class="button filled" href="" rel="external">"Try again"</a> })}
                <a class="button outlined" href="/" rel="external">"Go to the start page"</a>
            </p>
        </section>
    }
    .into_any()
}

/// Sets the HTTP status of the page, on the server.
fn set_status(status: u16) {
    #[cfg(feature = "ssr")]
    crate::api::server::set_status(status);
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}
