//! `/profile` and `/profile/second-step`

mod enrol;
mod password;
mod recovery_codes;
mod second_step;
mod sessions;

pub(crate) use second_step::SecondStepPage;

use crate::api;
use crate::components::{Notice, NoticeRegion, PageHead};
use crate::contract::{Flash, ProfileView};
use crate::loaded::{Answer, loaded};
use leptos::prelude::*;
use leptos_router::components::A;
use password::PasswordForm;
use sessions::Sessions;

/// What the parts of the page share.
#[derive(Clone)]
struct Desk {
    /// Where the page says what was done.
    notice: RwSignal<Option<Notice>>,
    /// The page's data, asked anew after each change.
    page: Answer<ProfileView>,
    /// The form that led here, where no script ran.
    flash: Option<Flash>,
}

/// The person's own account.
#[component]
pub(crate) fn ProfilePage() -> impl IntoView {
    let page = Resource::new_blocking(|| (), |()| api::profile());
    loaded(page, move |shown, flash| {
        let notice = password::notice_of(flash.as_ref())
            .or_else(|| sessions::notice_of(flash.as_ref()))
            .or_else(|| second_step::notice_of(flash.as_ref()));
        let desk = Desk {
            notice: RwSignal::new(notice),
            page,
            flash,
        };
        view! { <Profile shown desk /> }.into_any()
    })
}

#[component]
fn Profile(shown: RwSignal<ProfileView>, desk: Desk) -> impl IntoView {
    let email = shown.with_untracked(|shown| shown.email.clone());
    let notice = desk.notice;
    view! {
        <PageHead title="Your account" lead=format!("How you sign in as {email}, and where you are signed in.") />
        <section class="card form-card" aria-labelledby="password-heading">
            <h2 id="password-heading">"Password"</h2>
            <PasswordForm email desk=desk.clone() />
        </section>
        <section class="card form-card" aria-labelledby="second-step-heading">
            <h2 id="second-step-heading">"Second step"</h2>
            {move || shown.with(second_step)}
        </section>
        <Sessions shown desk />
        <NoticeRegion notice />
    }
}

/// Whether codes are asked for, and the way to change that.
fn second_step(shown: &ProfileView) -> AnyView {
    let (badge, words, link) = match &shown.second_factor {
        Some((_, codes_left)) => (
            view! { <span class="badge" data-status="healthy">"On"</span> }.into_any(),
            format!(
                "Signing in asks for a code besides your password. {}",
                left(*codes_left)
            ),
            "Change",
        ),
        None => (
            view! { <span class="badge">"Off"</span> }.into_any(),
            "With an authenticator app, your password alone lets nobody in.".to_owned(),
            "Set up",
        ),
    };
    view! {
        <p class="row">{badge} <span class="second-step-words">{words}</span></p>
        <p>
            <A href="/profile/second-step" attr:class="button outlined">
                {link}
                <span class="sr-only">" second step"</span>
            </A>
        </p>
    }
    .into_any()
}

/// How many recovery codes are left, in words.
fn left(codes: u32) -> String {
    match codes {
        0 => "No recovery code is left.".to_owned(),
        1 => "1 recovery code is left.".to_owned(),
        more => format!("{more} recovery codes are left."),
    }
}
