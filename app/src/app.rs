//! The root component: routes and what all pages share.

#![expect(unreachable_pub, reason = "the component macro makes public types")]

use crate::components::NotFound;
use crate::last_form::LastForm;
use crate::pages::{
    ActivityPage, CallPage, Frame, HomePage, ProjectsPage, ProviderKeysPage, SettingsPage, SetupPage, SignInPage,
    TokensPage,
};
use leptos::prelude::*;
use leptos::server::ServerActionError;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::{SsrMode, path};

/// The dashboard.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title text="Latchkey" />
        <Router>
            <Pages />
        </Router>
    }
}

/// Every page. All are rendered in one piece on the server, so that their data decides the status,
/// and so that they are whole where no script runs.
#[component]
fn Pages() -> impl IntoView {
    LastForm::provide();
    // Anybody can write an error into an address; no form takes one from there.
    provide_context(ServerActionError::new("", ""));
    view! {
        <Routes fallback=NotFound>
            <Route path=path!("/setup") view=SetupPage ssr=SsrMode::Async />
            <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async />
            <Route path=path!("/") view=HomePage ssr=SsrMode::Async />
            <ParentRoute path=path!("/projects") view=Frame ssr=SsrMode::Async>
                <Route path=path!("") view=ProjectsPage ssr=SsrMode::Async />
                <Route path=path!(":project/keys") view=ProviderKeysPage ssr=SsrMode::Async />
                <Route path=path!(":project/activity") view=ActivityPage ssr=SsrMode::Async />
                <Route path=path!(":project/activity/:call") view=CallPage ssr=SsrMode::Async />
                <Route path=path!(":project/tokens") view=TokensPage ssr=SsrMode::Async />
                <Route path=path!(":project/settings") view=SettingsPage ssr=SsrMode::Async />
            </ParentRoute>
        </Routes>
    }
}
