//! The root component: routes and what all pages share.

use crate::pages::NotFound;
use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{Route, Router, Routes};
use leptos_router::{SsrMode, path};

/// The dashboard.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title text="Latchkey" />
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/setup") view=NotFound ssr=SsrMode::Async />
                <Route path=path!("/sign-in") view=NotFound ssr=SsrMode::Async />
                <Route path=path!("/") view=NotFound ssr=SsrMode::Async />
                <Route path=path!("/projects") view=NotFound ssr=SsrMode::Async />
                <Route path=path!("/projects/:project/keys") view=NotFound ssr=SsrMode::Async />
                <Route path=path!("/projects/:project/tokens") view=NotFound ssr=SsrMode::Async />
                <Route path=path!("/projects/:project/settings") view=NotFound ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}
