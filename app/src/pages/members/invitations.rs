//! Who is invited and has not come yet.

use super::{Desk, role_name};
use crate::api::RevokeInvitation;
use crate::components::{
    AskFirst, ButtonKind, ConfirmIdentity, Message, NOTICES, Notice, SubmitButton, When, table_head,
};
use crate::contract::{Flash, InvitationView, MembersView};
use crate::forms::{at_form, focus_on, on_answer, pending, refusal};
use leptos::html::Form;
use leptos::prelude::*;

const FUNCTION: &str = "revoke_invitation";

fn revoked() -> Notice {
    Notice::saying("Invitation revoked. Its link does not work any more.")
}

/// What the form came to, where no script ran.
pub(super) fn notice_of(flash: Option<&Flash>) -> Option<Notice> {
    flash?.done::<()>(FUNCTION).map(|()| revoked())
}

/// Invitations that wait, and those that have run out; nothing where there are none.
#[component]
pub(super) fn Invitations(shown: RwSignal<MembersView>, desk: Desk) -> impl IntoView {
    let is_empty = Memo::new(move |_| shown.with(|shown| shown.invitations.is_empty()));
    move || {
        if is_empty.get() {
            return None;
        }
        let desk = desk.clone();
        let row = move |invitation: InvitationView| {
            view! { <InvitationRow invitation desk=desk.clone() /> }
        };
        Some(view! {
            <section class="section" aria-labelledby="invitations">
                <h2 id="invitations">"Invitations"</h2>
                <table class="table" role="table" aria-labelledby="invitations">
                    {table_head(["Invited", "Role", "Link works", "Invited by"])}
                    <tbody role="rowgroup">
                        <For
                            each=move || shown.with(|shown| shown.invitations.clone())
                            key=Clone::clone
                            children=row
                        />
                    </tbody>
                </table>
            </section>
        })
    }
}

#[component]
fn InvitationRow(invitation: InvitationView, desk: Desk) -> impl IntoView {
    let revoke = invitation.can_revoke.then(|| revoke_form(&invitation, &desk));
    let InvitationView {
        email,
        role,
        invited_by,
        expires_at,
        is_open,
        ..
    } = invitation;
    let ran_out = (!is_open).then(|| view! { <span class="badge" data-status="disabled">"Expired"</span> });
    let until = if is_open { "until " } else { "ended " };
    view! {
        <tr role="row" data-active=if is_open { "true" } else { "false" }>
            <td role="cell" data-label="Invited">
                <span class="strong break">{email}</span>
                {ran_out}
            </td>
            <td role="cell" data-label="Role">
                {role_name(&role)}
            </td>
            <td role="cell" data-label="Link works">
                <span>{until} <When moment=expires_at /></span>
            </td>
            <td role="cell" data-label="Invited by">
                <span class="break">{invited_by}</span>
            </td>
            <td role="cell" class="row-actions">
                {revoke}
            </td>
        </tr>
    }
}

fn revoke_form(invitation: &InvitationView, desk: &Desk) -> AnyView {
    let earlier = desk
        .flash
        .as_ref()
        .and_then(|flash| flash.refused(FUNCTION, "invitation_id", &invitation.id));
    let action = ServerAction::<RevokeInvitation>::new();
    let refusal = refusal(action, earlier.cloned());
    let (notice, page) = (desk.notice, desk.page);
    on_answer(action, move |answer| {
        if answer.is_ok() {
            notice.set(Some(revoked()));
            focus_on(NOTICES);
            page.refetch();
        }
    });
    let form = NodeRef::<Form>::new();
    let confirm_id = format!("confirm-revoke-{}", invitation.id);
    let about = format!("invitation of {}", invitation.email);
    let (organization, id) = (desk.organization.clone(), invitation.id.clone());
    view! {
        <AskFirst word="Revoke" about keep="Keep invitation">
            <p>"Its link stops working at once. You can invite them again."</p>
            <ActionForm action node_ref=form>
                <input type="hidden" name="organization_id" value=organization />
                <input type="hidden" name="invitation_id" value=id />
                <SubmitButton
                    label="Revoke invitation".to_owned()
                    pending=pending(action)
                    kind=ButtonKind::Danger
                />
            </ActionForm>
        </AskFirst>
        <Message text=at_form(refusal, &[]) />
        <ConfirmIdentity refused=refusal form id=confirm_id />
    }
    .into_any()
}
