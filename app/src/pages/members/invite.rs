//! The form that invites somebody.

use super::{Desk, role_options};
use crate::api::InviteMember;
use crate::components::{ButtonKind, ConfirmIdentity, Icon, Message, SubmitButton, TextField, icon, select_field};
use crate::forms::{at_field, at_form, on_answer, pending, refusal};
use leptos::html::{Details, Form};
use leptos::prelude::*;

const FUNCTION: &str = "invite_member";

/// What most people are invited as, where it may be given.
const USUAL: &str = "member";

/// Invites somebody by their address, as one of the roles that the person may give.
#[component]
pub(super) fn InviteForm(roles: Vec<String>, desk: Desk) -> impl IntoView {
    let flash = desk.flash.clone().filter(|flash| flash.refused_by(FUNCTION).is_some());
    let earlier = flash.as_ref().and_then(|flash| flash.refused_by(FUNCTION)).cloned();
    let typed = |field: &str| {
        flash
            .as_ref()
            .and_then(|flash| flash.field(field))
            .map(ToOwned::to_owned)
    };
    let is_open = earlier.is_some();
    let email = typed("email").unwrap_or_default();
    let role = typed("role").unwrap_or_else(|| USUAL.to_owned());
    let action = ServerAction::<InviteMember>::new();
    let refusal = refusal(action, earlier);
    let details = NodeRef::<Details>::new();
    let form = NodeRef::<Form>::new();
    let organization = desk.organization.clone();
    on_answer(action, move |answer| {
        if let Ok(invitation) = answer {
            desk.tell_created(invitation);
            desk.page.refetch();
            if let Some(details) = details.get_untracked() {
                details.set_open(false);
            }
        }
    });
    let role_choice = select_field(
        "Role".to_owned(),
        "role".to_owned(),
        "invite-role".to_owned(),
        &role,
        role_options(&roles),
    );
    view! {
        <details class="disclosure" node_ref=details open=is_open>
            <summary class="button filled">{icon(Icon::Plus)} "Invite member"</summary>
            <div class="disclosed panel">
                <ActionForm action node_ref=form attr:class="stack">
                    <input type="hidden" name="organization_id" value=organization />
                    <TextField
                        label="Email"
                        name="email"
                        id="invite-email"
                        kind="email"
                        value=email
                        placeholder="name@example.com"
                        hint="Only the person with this address can accept."
                        max_length=254
                        error=at_field(refusal, "email")
                    />
                    {role_choice}
                    <Message text=at_form(refusal, &["email"]) />
                    <SubmitButton
                        label="Invite".to_owned()
                        pending=pending(action)
                        kind=ButtonKind::Filled
                    />
                </ActionForm>
                <ConfirmIdentity refused=refusal form id="confirm-invite" />
            </div>
        </details>
    }
}
