//! `/profile/second-step`: codes of an authenticator app besides the password.

use super::enrol::{Begin, Enrol};
use super::left;
use super::recovery_codes::Codes;
use crate::api::{self, DisableSecondFactor, RenewRecoveryCodes};
use crate::components::{
    AskFirst, ButtonKind, ConfirmIdentity, Message, NOTICES, Notice, NoticeRegion, PageHead, SubmitButton, When,
};
use crate::contract::{Flash, Moment, RecoveryCodes, SecondFactorView};
use crate::forms::{at_form, focus_on, on_answer, pending, refusal};
use crate::loaded::{Answer, loaded};
use leptos::html::Form;
use leptos::prelude::*;
use leptos_router::components::A;

/// What the parts of the page share.
#[derive(Clone)]
pub(super) struct Desk {
    /// Recovery codes just made, until the person has saved them.
    pub(super) codes: RwSignal<Option<RecoveryCodes>>,
    /// Where the page says what was done.
    pub(super) notice: RwSignal<Option<Notice>>,
    /// The page's data, asked anew after each change.
    pub(super) page: Answer<SecondFactorView>,
    /// The form that led here, where no script ran.
    pub(super) flash: Option<Flash>,
}

fn disabled() -> Notice {
    Notice::saying("Codes are not asked for any more. Your other sessions have ended.")
}

/// What a form of the page came to, where no script ran.
pub(super) fn notice_of(flash: Option<&Flash>) -> Option<Notice> {
    flash?.done::<()>("disable_second_factor").map(|()| disabled())
}

/// Sets an authenticator up, or takes it away.
#[component]
pub(crate) fn SecondStepPage() -> impl IntoView {
    let page = Resource::new_blocking(|| (), |()| api::second_factor());
    loaded(page, move |shown, flash| {
        let codes = flash.as_ref().and_then(|flash| {
            let confirmed = flash.done("confirm_second_factor");
            confirmed.or_else(|| flash.done("renew_recovery_codes"))
        });
        let desk = Desk {
            codes: RwSignal::new(codes),
            notice: RwSignal::new(notice_of(flash.as_ref())),
            page,
            flash,
        };
        view! { <SecondStep shown desk /> }.into_any()
    })
}

#[component]
fn SecondStep(shown: RwSignal<SecondFactorView>, desk: Desk) -> impl IntoView {
    let (notice, codes) = (desk.notice, desk.codes);
    let just_made = move || {
        codes.get().map(|made| {
            view! { <Codes made shown=codes /> }
        })
    };
    let state = move || match shown.get() {
        SecondFactorView::Off => view! { <Begin desk=desk.clone() /> }.into_any(),
        SecondFactorView::Begun(enrolment) => view! { <Enrol enrolment desk=desk.clone() /> }.into_any(),
        SecondFactorView::On { since, codes_left } => view! { <On since codes_left desk=desk.clone() /> }.into_any(),
    };
    view! {
        <PageHead
            title="Second step"
            lead="A code from an authenticator app, asked for besides your password when you sign in.".to_owned()
        />
        {just_made}
        {state}
        <p>
            <A href="/profile" exact=true>
                "Back to your account"
            </A>
        </p>
        <NoticeRegion notice />
    }
}

#[component]
fn On(since: Moment, codes_left: u32, desk: Desk) -> impl IntoView {
    view! {
        <section class="card form-card" aria-labelledby="on-heading">
            <h2 id="on-heading">"Codes are asked for"</h2>
            <p class="row">
                <span class="badge" data-status="healthy">"On"</span>
                <span>"Since " <When moment=since /> ". " {left(codes_left)}</span>
            </p>
            <div class="actions">{renew_form(&desk)} {disable_form(&desk)}</div>
        </section>
    }
}

fn renew_form(desk: &Desk) -> AnyView {
    let earlier = desk
        .flash
        .as_ref()
        .and_then(|flash| flash.refused_by("renew_recovery_codes"));
    let action = ServerAction::<RenewRecoveryCodes>::new();
    let refusal = refusal(action, earlier.cloned());
    let form = NodeRef::<Form>::new();
    let (codes, page) = (desk.codes, desk.page);
    on_answer(action, move |answer| {
        if let Ok(made) = answer {
            codes.set(Some(made));
            page.refetch();
        }
    });
    view! {
        <AskFirst word="New recovery codes" about=String::new() keep="Keep the ones I have">
            <p>"The codes that you have stop working, and you get ten new ones."</p>
            <ActionForm action node_ref=form>
                <SubmitButton label="Make new codes".to_owned() pending=pending(action) kind=ButtonKind::Filled />
            </ActionForm>
            <Message text=at_form(refusal, &[]) />
            <ConfirmIdentity refused=refusal form id="renew" />
        </AskFirst>
    }
    .into_any()
}

fn disable_form(desk: &Desk) -> AnyView {
    let earlier = desk
        .flash
        .as_ref()
        .and_then(|flash| flash.refused_by("disable_second_factor"));
    let action = ServerAction::<DisableSecondFactor>::new();
    let refusal = refusal(action, earlier.cloned());
    let form = NodeRef::<Form>::new();
    let (notice, codes, page) = (desk.notice, desk.codes, desk.page);
    on_answer(action, move |answer| {
        if answer.is_ok() {
            codes.set(None);
            notice.set(Some(disabled()));
            focus_on(NOTICES);
            page.refetch();
        }
    });
    view! {
        <AskFirst word="Turn off" about="codes".to_owned() keep="Keep asking">
            <p>"Your password alone signs you in then. The authenticator and the recovery codes stop working."</p>
            <ActionForm action node_ref=form>
                <SubmitButton label="Turn codes off".to_owned() pending=pending(action) kind=ButtonKind::Danger />
            </ActionForm>
            <Message text=at_form(refusal, &[]) />
            <ConfirmIdentity refused=refusal form id="disable" />
        </AskFirst>
    }
    .into_any()
}
