//! One file, or one folder, for each route.

#![expect(
    unreachable_pub,
    reason = "the component macro makes public types of private components"
)]
#![expect(clippy::needless_pass_by_value, reason = "a component owns its props")]

mod activity;
mod checklist;
mod confirm;
mod frame;
mod home;
mod import;
mod invitation;
mod jobs;
mod locks;
mod members;
mod organization;
mod organizations;
mod password_reset;
mod policy;
mod profile;
mod projects;
mod provider_keys;
mod settings;
mod setup;
mod sign_in;
mod tokens;

pub(crate) use activity::{ActivityPage, CallPage};
pub(crate) use confirm::ConfirmPage;
pub(crate) use frame::Frame;
pub(crate) use home::HomePage;
pub(crate) use import::ImportPage;
pub(crate) use invitation::InvitationPage;
pub(crate) use jobs::JobsPage;
pub(crate) use members::MembersPage;
pub(crate) use organization::OrganizationPage;
pub(crate) use organizations::OrganizationsPage;
pub(crate) use password_reset::{ForgotPasswordPage, ResetPasswordPage};
pub(crate) use profile::{ProfilePage, SecondStepPage};
pub(crate) use projects::ProjectsPage;
pub(crate) use provider_keys::ProviderKeysPage;
pub(crate) use settings::SettingsPage;
pub(crate) use setup::SetupPage;
pub(crate) use sign_in::SignInPage;
pub(crate) use tokens::TokensPage;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

/// The project that the address names.
fn project_in_address() -> Memo<String> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get("project").unwrap_or_default()))
}
