//! Where the person is signed in.

use super::Desk;
use crate::api::{EndOtherSessions, EndSession};
use crate::components::{ButtonKind, Message, NOTICES, Notice, SubmitButton, When, table_head};
use crate::contract::{Flash, OwnSessionView, ProfileView};
use crate::forms::{at_form, focus_on, on_answer, pending, refusal};
use leptos::prelude::*;

fn ended() -> Notice {
    Notice::saying("Session ended. Whoever used it has to sign in again.")
}

fn others_ended(count: u32) -> Notice {
    Notice::saying(match count {
        0 => "There was no other session.".to_owned(),
        1 => "1 other session ended.".to_owned(),
        more => format!("{more} other sessions ended."),
    })
}

/// What a form of the list came to, where no script ran.
pub(super) fn notice_of(flash: Option<&Flash>) -> Option<Notice> {
    let flash = flash?;
    let one = flash.done::<()>("end_session").map(|()| ended());
    one.or_else(|| flash.done::<u32>("end_other_sessions").map(others_ended))
}

/// The person's sessions.
#[component]
pub(super) fn Sessions(shown: RwSignal<ProfileView>, desk: Desk) -> impl IntoView {
    let has_others = Memo::new(move |_| shown.with(|shown| shown.sessions.len() > 1));
    let all = {
        let desk = desk.clone();
        move || has_others.get().then(|| end_others_form(&desk))
    };
    let row = move |session: OwnSessionView| {
        view! { <Row session desk=desk.clone() /> }
    };
    view! {
        <section class="sessions" aria-labelledby="sessions-heading">
            <div class="section-head">
                <h2 id="sessions-heading">"Where you are signed in"</h2>
                {all}
            </div>
            <table class="table" role="table" aria-labelledby="sessions-heading">
                {table_head(["Device", "Address", "Signed in", "Last used"])}
                <tbody role="rowgroup">
                    <For
                        each=move || shown.with(|shown| shown.sessions.clone())
                        key=Clone::clone
                        children=row
                    />
                </tbody>
            </table>
        </section>
    }
}

#[component]
fn Row(session: OwnSessionView, desk: Desk) -> impl IntoView {
    let end = (!session.is_own).then(|| end_form(&session, &desk));
    let OwnSessionView {
        device,
        address,
        created_at,
        last_used_at,
        is_own,
        ..
    } = session;
    let address = if address.is_empty() {
        "Unknown".to_owned()
    } else {
        address
    };
    view! {
        <tr role="row">
            <td role="cell" data-label="Device">
                <span class="strong">{device}</span>
                {is_own.then(|| view! { <span class="badge">"This one"</span> })}
            </td>
            <td role="cell" data-label="Address">
                <code>{address}</code>
            </td>
            <td role="cell" data-label="Signed in">
                <When moment=created_at />
            </td>
            <td role="cell" data-label="Last used">
                <When moment=last_used_at />
            </td>
            <td role="cell" class="row-actions">
                {end}
            </td>
        </tr>
    }
}

fn end_form(session: &OwnSessionView, desk: &Desk) -> AnyView {
    let earlier = desk
        .flash
        .as_ref()
        .and_then(|flash| flash.refused("end_session", "session_id", &session.id));
    let action = ServerAction::<EndSession>::new();
    let refusal = refusal(action, earlier.cloned());
    let (notice, page) = (desk.notice, desk.page);
    on_answer(action, move |answer| {
        if answer.is_ok() {
            notice.set(Some(ended()));
            focus_on(NOTICES);
            page.refetch();
        }
    });
    let (id, about) = (session.id.clone(), format!("the session on {}", session.device));
    view! {
        <ActionForm action>
            <input type="hidden" name="session_id" value=id />
            <SubmitButton
                label="End".to_owned()
                about
                pending=pending(action)
                kind=ButtonKind::Quiet
            />
        </ActionForm>
        <Message text=at_form(refusal, &[]) />
    }
    .into_any()
}

fn end_others_form(desk: &Desk) -> AnyView {
    let earlier = desk
        .flash
        .as_ref()
        .and_then(|flash| flash.refused_by("end_other_sessions"));
    let action = ServerAction::<EndOtherSessions>::new();
    let refusal = refusal(action, earlier.cloned());
    let (notice, page) = (desk.notice, desk.page);
    on_answer(action, move |answer| {
        if let Ok(count) = answer {
            notice.set(Some(others_ended(count)));
            focus_on(NOTICES);
            page.refetch();
        }
    });
    view! {
        <ActionForm action>
            <SubmitButton label="End all others".to_owned() pending=pending(action) kind=ButtonKind::Outlined />
        </ActionForm>
        <Message text=at_form(refusal, &[]) />
    }
    .into_any()
}
