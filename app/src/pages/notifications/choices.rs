//! `/notifications/choices`: which notifications reach whom, and how.

use crate::api::{self, ChooseNotifications, ChooseOrganizationNotifications, ForgetNotificationChoices};
use crate::components::{ButtonKind, Message, NOTICES, Notice, NoticeRegion, PageHead, SubmitButton};
use crate::contract::{Flash, KindChoiceView, NotificationChoicesView, UiError};
use crate::forms::{at_form, focus_on, on_answer, pending, refusal};
use crate::loaded::loaded;
use leptos::prelude::*;

const OWN: &str = "choose_notifications";
const FORGET: &str = "forget_notification_choices";
const ORGANIZATION: &str = "choose_organization_notifications";

/// Which notifications reach the person and, for those who may say so, everybody else.
#[component]
pub(crate) fn NotificationChoicesPage() -> impl IntoView {
    let page = Resource::new_blocking(|| (), |()| api::notification_choices());
    loaded(page, move |shown, flash| view! { <Choices shown flash /> }.into_any())
}

/// What the page says once a form is done, by the function that did it.
fn notice_of(flash: Option<&Flash>) -> Option<Notice> {
    let flash = flash?;
    [OWN, FORGET, ORGANIZATION]
        .into_iter()
        .find(|function| flash.done::<NotificationChoicesView>(function).is_some())
        .map(saved)
}

fn saved(function: &str) -> Notice {
    Notice::saying(match function {
        OWN => "Your choices are saved.",
        FORGET => "The organization's choices hold for you again.",
        _ => "The organization's choices are saved. They hold for everybody who chose nothing.",
    })
}

#[component]
fn Choices(shown: RwSignal<NotificationChoicesView>, flash: Option<Flash>) -> impl IntoView {
    let notice = RwSignal::new(notice_of(flash.as_ref()));
    let desk = Desk {
        shown,
        answers: RwSignal::new(0),
        notice,
    };
    let NotificationChoicesView {
        email,
        sends_mail,
        can_write,
        ..
    } = shown.get_untracked();
    let mail = if sends_mail {
        format!("Mail goes to {email}.")
    } else {
        "This Latchkey sends no mail: what is chosen under Mail holds from when its operator sets mail up.".to_owned()
    };
    let organization = can_write.then(|| organization_form(desk, flash.as_ref()));
    view! {
        <PageHead
            title="What you are told"
            lead="Which notifications your bell shows, and which are mailed to you.".to_owned()
        >
            <a class="button outlined" href="/notifications">
                "All notifications"
            </a>
        </PageHead>
        <section class="section first" aria-labelledby="own-choices">
            <h2 id="own-choices">"For you"</h2>
            <p class="quiet break">{mail}</p>
            {own_form(desk, flash.as_ref())}
        </section>
        {organization}
        <NoticeRegion notice />
    }
}

/// What the forms share.
#[derive(Clone, Copy)]
struct Desk {
    shown: RwSignal<NotificationChoicesView>,
    /// How many answers came since the page was opened.
    answers: RwSignal<u32>,
    notice: RwSignal<Option<Notice>>,
}

impl Desk {
    /// The boxes of a form, made anew with each answer: they then say what holds, whatever was ticked meanwhile.
    fn table(self, labelled_by: &'static str, choice: fn(&KindChoiceView) -> (bool, bool)) -> AnyView {
        let Desk { shown, answers, .. } = self;
        let table = move |_| shown.with_untracked(|shown| choice_table(&shown.kinds, labelled_by, choice));
        view! { <For each=move || [answers.get()] key=|answers| *answers children=table /> }.into_any()
    }

    /// What a form does with its answer.
    fn saved(self, function: &'static str) -> impl Fn(Result<NotificationChoicesView, UiError>) + 'static {
        move |answer| {
            if let Ok(next) = answer {
                self.shown.set(next);
                self.answers.update(|answers| *answers += 1);
                self.notice.set(Some(saved(function)));
                focus_on(NOTICES);
            }
        }
    }
}

fn refused(flash: Option<&Flash>, function: &str) -> Option<UiError> {
    flash?.refused_by(function).cloned()
}

fn own_form(desk: Desk, flash: Option<&Flash>) -> AnyView {
    let Desk { shown, .. } = desk;
    let action = ServerAction::<ChooseNotifications>::new();
    let refused_save = refusal(action, refused(flash, OWN));
    on_answer(action, desk.saved(OWN));
    let forget = ServerAction::<ForgetNotificationChoices>::new();
    let refused_forget = refusal(forget, refused(flash, FORGET));
    on_answer(forget, desk.saved(FORGET));
    let has_own = Memo::new(move |_| shown.with(|shown| shown.has_own));
    let follows = move || {
        if has_own.get() {
            "Some of this you chose yourself; it does not follow the organization."
        } else {
            "You chose nothing yet, so this follows the organization."
        }
    };
    let back = move || {
        has_own.get().then(|| {
            view! {
                <ActionForm action=forget>
                    <SubmitButton
                        label="Use the organization's choices".to_owned()
                        pending=pending(forget)
                        kind=ButtonKind::Outlined
                    />
                </ActionForm>
            }
        })
    };
    let table = desk.table("own-choices", |kind| (kind.bell, kind.mail));
    view! {
        <p class="quiet">{follows}</p>
        <ActionForm action attr:class="stack">
            {table} <Message text=at_form(refused_save, &[]) />
            <SubmitButton
                label="Save my choices".to_owned()
                pending=pending(action)
                kind=ButtonKind::Filled
            />
        </ActionForm>
        {back}
        <Message text=at_form(refused_forget, &[]) />
    }
    .into_any()
}

fn organization_form(desk: Desk, flash: Option<&Flash>) -> AnyView {
    let Desk { shown, .. } = desk;
    let action = ServerAction::<ChooseOrganizationNotifications>::new();
    let refused_save = refusal(action, refused(flash, ORGANIZATION));
    on_answer(action, desk.saved(ORGANIZATION));
    let organization = shown.with_untracked(|shown| shown.organization_id.clone());
    let table = desk.table("organization-choices", |kind| {
        (kind.organization_bell, kind.organization_mail)
    });
    view! {
        <section class="section" aria-labelledby="organization-choices">
            <h2 id="organization-choices">"For the organization"</h2>
            <p class="quiet">
                "Holds for everybody who chose nothing themselves. Mail goes to its owners and admins."
            </p>
            <ActionForm action attr:class="stack">
                <input type="hidden" name="organization_id" value=organization />
                {table}
                <Message text=at_form(refused_save, &[]) />
                <SubmitButton
                    label="Save the organization's choices".to_owned()
                    pending=pending(action)
                    kind=ButtonKind::Filled
                />
            </ActionForm>
        </section>
    }
    .into_any()
}

/// A line for each kind, with a box for each way it may come; `choice` says what is ticked.
fn choice_table(
    kinds: &[KindChoiceView],
    labelled_by: &'static str,
    choice: fn(&KindChoiceView) -> (bool, bool),
) -> AnyView {
    let row = |kind: &KindChoiceView| {
        let (bell, mail) = choice(kind);
        let tick = |field: &'static str, way: &'static str, is_ticked: bool| {
            view! {
                <td role="cell" data-label=way>
                    <label class="choice">
                        <input type="checkbox" name=field value=kind.kind.clone() checked=is_ticked />
                        <span class="sr-only">{format!("{}: {}", kind.name, way.to_lowercase())}</span>
                    </label>
                </td>
            }
        };
        view! {
            <tr role="row">
                <td role="cell" data-label="Kind">
                    <span class="strong">{kind.name.clone()}</span>
                    <span class="quiet">{kind.meaning.clone()}</span>
                </td>
                {tick("bell[]", "Bell", bell)}
                {tick("mail[]", "Mail", mail)}
            </tr>
        }
    };
    let rows = kinds.iter().map(row).collect_view();
    view! {
        <table class="table compact choices" role="table" aria-labelledby=labelled_by>
            <thead role="rowgroup">
                <tr role="row">
                    <th role="columnheader" scope="col">"What happens"</th>
                    <th role="columnheader" scope="col">"Bell"</th>
                    <th role="columnheader" scope="col">"Mail"</th>
                </tr>
            </thead>
            <tbody role="rowgroup">{rows}</tbody>
        </table>
    }
    .into_any()
}
