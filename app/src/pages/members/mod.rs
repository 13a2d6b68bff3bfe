//! `/members`

mod created;
mod invitations;
mod invite;
mod list;
mod roles;

use crate::api;
use crate::components::{Notice, NoticeRegion, PageHead};
use crate::contract::{CreatedInvitation, Flash, MembersView, OptionView};
use crate::loaded::{Answer, loaded};
use created::Created;
use invitations::Invitations;
use invite::InviteForm;
use leptos::prelude::*;
use list::MemberList;
use roles::RoleTable;

/// What the parts of the page share.
#[derive(Clone)]
struct Desk {
    /// The organization's id, sent along with every form.
    organization: String,
    /// The invitation just made whose link is to be given on, until the person has done so.
    created: RwSignal<Option<CreatedInvitation>>,
    /// Where the page says what was done.
    notice: RwSignal<Option<Notice>>,
    /// The page's data, asked anew after each change.
    page: Answer<MembersView>,
    /// The form that led here, where no script ran.
    flash: Option<Flash>,
}

impl Desk {
    /// Says what was done to an invitation: the link stands on the page, where no mail carries it.
    fn tell_created(&self, invitation: CreatedInvitation) {
        self.notice.set(created::notice_of(&invitation));
        self.created.set(invitation.link.is_some().then_some(invitation));
    }
}

/// Who belongs to the organization, who is invited, and what each role may do.
#[component]
pub(crate) fn MembersPage() -> impl IntoView {
    let page = Resource::new_blocking(|| (), |()| api::members());
    loaded(page, move |shown, flash| {
        let desk = Desk {
            organization: shown.with_untracked(|shown| shown.organization_id.clone()),
            created: RwSignal::new(None),
            notice: RwSignal::new(list::notice_of(flash.as_ref()).or_else(|| invitations::notice_of(flash.as_ref()))),
            page,
            flash,
        };
        let created = desk.flash.as_ref().and_then(|flash| flash.done("invite_member"));
        if let Some(invitation) = created {
            desk.tell_created(invitation);
        }
        view! { <Members shown desk /> }.into_any()
    })
}

#[component]
fn Members(shown: RwSignal<MembersView>, desk: Desk) -> impl IntoView {
    let notice = desk.notice;
    let (organization, actions) = shown.with_untracked(|shown| (shown.organization.clone(), shown.actions.clone()));
    // Who changes their own role finds the page changed too.
    let roles = Memo::new(move |_| shown.with(|shown| shown.roles.clone()));
    let invite = {
        let desk = desk.clone();
        move || {
            let roles = roles.get();
            let desk = desk.clone();
            (!roles.is_empty()).then(|| view! { <InviteForm roles desk /> })
        }
    };
    let created = {
        let shown = desk.created;
        move || {
            let invitation = shown.get()?;
            Some(view! { <Created invitation shown /> })
        }
    };
    view! {
        <PageHead title="Members" lead=format!("Who belongs to {organization}, and what they may do.")>
            {invite}
        </PageHead>
        {created}
        <MemberList shown desk=desk.clone() />
        <Invitations shown desk />
        <RoleTable actions />
        <NoticeRegion notice />
    }
}

/// A role as it begins a line.
fn role_name(role: &str) -> &'static str {
    match role {
        "owner" => "Owner",
        "admin" => "Admin",
        "member" => "Member",
        _ => "Viewer",
    }
}

/// Roles to choose among.
fn role_options(roles: &[String]) -> Vec<OptionView> {
    let option = |role: &String| OptionView::new(role, role_name(role));
    roles.iter().map(option).collect()
}
