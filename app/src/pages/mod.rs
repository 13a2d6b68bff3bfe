//! One file, or one folder, for each route.

#![expect(
    unreachable_pub,
    reason = "the component macro makes public types of private components"
)]
#![expect(clippy::needless_pass_by_value, reason = "a component owns its props")]

mod activity;
mod audit;
mod bell;
mod checklist;
mod confirm;
mod frame;
mod import;
mod invitation;
mod jobs;
mod locks;
mod members;
mod notifications;
mod organization;
mod organizations;
mod overview;
mod password_reset;
mod policy;
mod profile;
mod projects;
mod provider_keys;
mod settings;
mod setup;
mod sign_in;
mod tokens;
mod unsubscribe;
mod webhooks;

pub(crate) use activity::{ActivityPage, CallPage};
pub(crate) use audit::{AuditEventPage, AuditPage};
pub(crate) use confirm::ConfirmPage;
pub(crate) use frame::Frame;
pub(crate) use import::ImportPage;
pub(crate) use invitation::InvitationPage;
pub(crate) use jobs::JobsPage;
pub(crate) use members::MembersPage;
pub(crate) use notifications::{NotificationChoicesPage, NotificationsPage};
pub(crate) use organization::OrganizationPage;
pub(crate) use organizations::OrganizationsPage;
pub(crate) use overview::OverviewPage;
pub(crate) use password_reset::{ForgotPasswordPage, ResetPasswordPage};
pub(crate) use profile::{ProfilePage, SecondStepPage};
pub(crate) use projects::ProjectsPage;
pub(crate) use provider_keys::ProviderKeysPage;
pub(crate) use settings::SettingsPage;
pub(crate) use setup::SetupPage;
pub(crate) use sign_in::SignInPage;
pub(crate) use tokens::TokensPage;
pub(crate) use unsubscribe::UnsubscribePage;
pub(crate) use webhooks::{WebhookPage, WebhooksPage};

use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::params::ParamsMap;

/// The project that the address names.
fn project_in_address() -> Memo<String> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("project").unwrap_or_default()))
}

/// Where the address says that a page of a longer list begins; empty for its first page.
fn place_in_address() -> Memo<String> {
    let query = use_query_map();
    Memo::new(move |_| query.with(|query| query.get("before").unwrap_or_default()))
}

/// The way on from a page of a longer list at `path`: to what is older, and back to the newest.
fn pager(path: &str, before: &str, older: Option<String>) -> Option<AnyView> {
    let newest = (!before.is_empty()).then(|| {
        view! {
            <a class="button outlined" href=path.to_owned()>
                "Newest"
            </a>
        }
    });
    let older = older.map(|older| {
        let query: ParamsMap = std::iter::once(("before", older)).collect();
        view! {
            <a class="button outlined" href=format!("{path}{}", query.to_query_string())>
                "Older"
            </a>
        }
    });
    let is_whole = newest.is_none() && older.is_none();
    (!is_whole).then(|| view! { <p class="row pager">{newest} {older}</p> }.into_any())
}
