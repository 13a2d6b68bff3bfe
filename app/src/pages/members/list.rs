//! Everybody who belongs to the organization.

use super::{Desk, role_name, role_options};
use crate::api::{RemoveMember, SetMemberRole};
use crate::components::{
    AskFirst, ButtonKind, ConfirmIdentity, Message, NOTICES, Notice, SubmitButton, When, select_field, table_head,
};
use crate::contract::{Flash, MemberView, MembersView};
use crate::forms::{at_form, focus_on, on_answer, pending, refusal};
use crate::pages::frame::Session;
use leptos::html::Form;
use leptos::prelude::*;

fn changed() -> Notice {
    Notice::saying("Role changed. It is in force with their next request.")
}

fn removed() -> Notice {
    Notice::saying("Member removed. They have no access from now on.")
}

/// What a form of the list came to, where no script ran.
pub(super) fn notice_of(flash: Option<&Flash>) -> Option<Notice> {
    let flash = flash?;
    let done = |function| flash.done::<()>(function);
    done("set_member_role")
        .map(|()| changed())
        .or_else(|| done("remove_member").map(|()| removed()))
}

/// Everybody, with what the person who looks may change.
#[component]
pub(super) fn MemberList(shown: RwSignal<MembersView>, desk: Desk) -> impl IntoView {
    let row = move |member: MemberView| {
        let roles = shown.with_untracked(|shown| shown.roles.clone());
        view! { <MemberRow member roles desk=desk.clone() /> }
    };
    view! {
        <table class="table" role="table" aria-label="Members">
            {table_head(["Member", "Role", "Joined"])}
            <tbody role="rowgroup">
                <For
                    each=move || shown.with(|shown| shown.members.clone())
                    key=Clone::clone
                    children=row
                />
            </tbody>
        </table>
    }
}

#[component]
fn MemberRow(member: MemberView, roles: Vec<String>, desk: Desk) -> impl IntoView {
    let change = (member.can_change && !member.is_last_owner).then(|| role_form(&member, &roles, &desk));
    let remove = (member.can_remove && !member.is_you && !member.is_last_owner).then(|| remove_form(&member, &desk));
    let leave = (member.is_you && !member.is_last_owner).then(|| leave_form(&desk));
    let stays = (member.is_you && member.is_last_owner).then(|| {
        view! { <span class="quiet">"The only owner; make somebody else one to leave."</span> }
    });
    let MemberView {
        email,
        role,
        joined_at,
        is_you,
        ..
    } = member;
    let you = is_you.then(|| view! { <span class="badge">"You"</span> });
    view! {
        <tr role="row">
            <td role="cell" data-label="Member">
                <span class="strong break">{email}</span>
                {you}
            </td>
            <td role="cell" data-label="Role">
                {role_name(&role)}
            </td>
            <td role="cell" data-label="Joined">
                <When moment=joined_at />
            </td>
            <td role="cell" class="row-actions wide">
                <div class="actions">{change} {remove} {leave} {stays}</div>
            </td>
        </tr>
    }
}

fn role_form(member: &MemberView, roles: &[String], desk: &Desk) -> AnyView {
    let earlier = refused_here(desk, "set_member_role", &member.id);
    let is_open = earlier.is_some();
    let action = ServerAction::<SetMemberRole>::new();
    let refusal = refusal(action, earlier);
    let (notice, page) = (desk.notice, desk.page);
    let session = use_context::<Session>();
    let is_you = member.is_you;
    on_answer(action, move |answer| {
        if answer.is_ok() {
            notice.set(Some(changed()));
            focus_on(NOTICES);
            page.refetch();
            if let (true, Some(Session(session))) = (is_you, session) {
                session.refetch();
            }
        }
    });
    let (organization, id) = (desk.organization.clone(), member.id.clone());
    let form = NodeRef::<Form>::new();
    let confirm_id = format!("confirm-role-{id}");
    let choice = select_field(
        "Role".to_owned(),
        "role".to_owned(),
        format!("role-{id}"),
        &member.role,
        role_options(roles),
    );
    view! {
        <details class="disclosure" open=is_open>
            <summary class="button quiet" aria-label=format!("Change role of {}", member.email)>
                "Change role"
            </summary>
            <div class="disclosed">
                <ActionForm action node_ref=form attr:class="stack">
                    <input type="hidden" name="organization_id" value=organization />
                    <input type="hidden" name="member_id" value=id />
                    {choice}
                    <Message text=at_form(refusal, &[]) />
                    <SubmitButton
                        label="Change role".to_owned()
                        pending=pending(action)
                        kind=ButtonKind::Filled
                    />
                </ActionForm>
                <ConfirmIdentity refused=refusal form id=confirm_id />
            </div>
        </details>
    }
    .into_any()
}

fn remove_form(member: &MemberView, desk: &Desk) -> AnyView {
    let action = ServerAction::<RemoveMember>::new();
    let refusal = refusal(action, refused_here(desk, "remove_member", &member.id));
    let (notice, page) = (desk.notice, desk.page);
    on_answer(action, move |answer| {
        if answer.is_ok() {
            notice.set(Some(removed()));
            focus_on(NOTICES);
            page.refetch();
        }
    });
    let tokens = tokens_stay(member.live_tokens);
    let form = NodeRef::<Form>::new();
    let confirm_id = format!("confirm-removal-{}", member.id);
    let (organization, id) = (desk.organization.clone(), member.id.clone());
    view! {
        <AskFirst word="Remove" about=member.email.clone() keep="Keep member">
            <p>"Their sessions lose access at once, and invitations that they made are revoked." {tokens}</p>
            <ActionForm action node_ref=form>
                <input type="hidden" name="organization_id" value=organization />
                <input type="hidden" name="member_id" value=id />
                <SubmitButton
                    label="Remove member".to_owned()
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

/// Tokens are the organization's, not their maker's; whoever removes somebody should know.
fn tokens_stay(live: u32) -> Option<String> {
    match live {
        0 => None,
        1 => Some(" 1 token that they created goes on working; revoke it at Tokens if it should not.".to_owned()),
        more => Some(format!(
            " {more} tokens that they created go on working; revoke them at Tokens if they should not."
        )),
    }
}

// Not an `ActionForm`: leaving is a full load, so that nothing of the organization stays in the page.
fn leave_form(desk: &Desk) -> AnyView {
    let earlier = desk
        .flash
        .as_ref()
        .and_then(|flash| flash.refused_by("leave_organization"));
    let refusal = RwSignal::new(earlier.cloned());
    let organization = desk.organization.clone();
    view! {
        <AskFirst word="Leave" about="the organization".to_owned() keep="Stay">
            <p>"You lose access at once; only a new invitation brings you back."</p>
            <form method="post" action="/_fn/leave_organization">
                <input type="hidden" name="organization_id" value=organization />
                <SubmitButton label="Leave organization".to_owned() kind=ButtonKind::Danger />
            </form>
        </AskFirst>
        <Message text=at_form(refusal, &[]) />
    }
    .into_any()
}

fn refused_here(desk: &Desk, function: &str, member: &str) -> Option<crate::contract::UiError> {
    let flash = desk.flash.as_ref()?;
    flash.refused(function, "member_id", member).cloned()
}
