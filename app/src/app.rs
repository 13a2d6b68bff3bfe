//! The root component: routes and what all pages share.

#![expect(unreachable_pub, reason = "the component macro makes public types")]

use crate::components::NotFound;
use crate::last_form::LastForm;
use crate::pages::{
    ActivityPage, AuditEventPage, AuditPage, CallPage, ConfirmPage, ForgotPasswordPage, Frame, ImportPage,
    InvitationPage, JobsPage, MembersPage, NotificationChoicesPage, NotificationsPage, OrganizationPage,
    OrganizationsPage, OverviewPage, ProfilePage, ProjectsPage, ProviderKeysPage, ResetPasswordPage, SecondStepPage,
    SettingsPage, SetupPage, SignInPage, TokensPage, UnsubscribePage, WebhookPage, WebhooksPage,
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
            <Route path=path!("/confirm") view=ConfirmPage ssr=SsrMode::Async />
            <Route path=path!("/forgot-password") view=ForgotPasswordPage ssr=SsrMode::Async />
            <Route path=path!("/reset-password") view=ResetPasswordPage ssr=SsrMode::Async />
            <Route path=path!("/unsubscribe") view=UnsubscribePage ssr=SsrMode::Async />
            <Route path=path!("/invitations/:token") view=InvitationPage ssr=SsrMode::Async />
            <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                <Route path=path!("") view=OverviewPage ssr=SsrMode::Async />
                <Route path=path!("projects") view=ProjectsPage ssr=SsrMode::Async />
                <Route path=path!("projects/:project/keys") view=ProviderKeysPage ssr=SsrMode::Async />
                <Route path=path!("projects/:project/keys/import") view=ImportPage ssr=SsrMode::Async />
                <Route path=path!("projects/:project/activity") view=ActivityPage ssr=SsrMode::Async />
                <Route path=path!("projects/:project/activity/:call") view=CallPage ssr=SsrMode::Async />
                <Route path=path!("projects/:project/tokens") view=TokensPage ssr=SsrMode::Async />
                <Route path=path!("projects/:project/settings") view=SettingsPage ssr=SsrMode::Async />
                <Route path=path!("notifications") view=NotificationsPage ssr=SsrMode::Async />
                <Route path=path!("notifications/choices") view=NotificationChoicesPage ssr=SsrMode::Async />
                <Route path=path!("profile") view=ProfilePage ssr=SsrMode::Async />
                <Route path=path!("profile/second-step") view=SecondStepPage ssr=SsrMode::Async />
                <Route path=path!("audit") view=AuditPage ssr=SsrMode::Async />
                <Route path=path!("audit/:sequence") view=AuditEventPage ssr=SsrMode::Async />
                <Route path=path!("members") view=MembersPage ssr=SsrMode::Async />
                <Route path=path!("organization") view=OrganizationPage ssr=SsrMode::Async />
                <Route path=path!("organizations") view=OrganizationsPage ssr=SsrMode::Async />
                <Route path=path!("operator/jobs") view=JobsPage ssr=SsrMode::Async />
                <Route path=path!("webhooks") view=WebhooksPage ssr=SsrMode::Async />
                <Route path=path!("webhooks/:webhook") view=WebhookPage ssr=SsrMode::Async />
            </ParentRoute>
        </Routes>
    }
}
