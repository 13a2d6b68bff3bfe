//! `/projects/:project/tokens`

mod create;
mod created;
mod list;

use super::project_in_address;
use crate::api;
use crate::components::{Notice, NoticeRegion, PageHead};
use crate::contract::{CreatedToken, Flash, TokensView};
use crate::loaded::{Answer, loaded};
use create::CreateForm;
use created::Created;
use leptos::prelude::*;
use list::TokenList;

/// What the parts of one page share.
#[derive(Clone)]
struct Desk {
    /// The project's slug, sent along with every form.
    project: String,
    /// The token just made, until the person has put it away.
    created: RwSignal<Option<CreatedToken>>,
    /// Where the page says what was done.
    notice: RwSignal<Option<Notice>>,
    /// The page's data, asked anew after each change.
    page: Answer<TokensView>,
    /// The form that led here, where no script ran.
    flash: Option<Flash>,
}

/// One project's tokens, and those of the whole organization.
#[component]
pub(crate) fn TokensPage() -> impl IntoView {
    let project = project_in_address();
    move || {
        let project = project.get();
        let asked = project.clone();
        let page = Resource::new_blocking(move || asked.clone(), api::tokens);
        loaded(page, move |shown, flash| {
            let created = RwSignal::new(flash.as_ref().and_then(|flash| flash.done("create_token")));
            let revoked = flash.as_ref().and_then(|flash| flash.done::<()>("revoke_token"));
            let notice = RwSignal::new(revoked.map(|()| list::revoked_notice()));
            let desk = Desk {
                project,
                created,
                notice,
                page,
                flash,
            };
            view! { <Tokens shown desk /> }.into_any()
        })
    }
}

#[component]
fn Tokens(shown: RwSignal<TokensView>, desk: Desk) -> impl IntoView {
    let notice = desk.notice;
    let (can_write, scopes, project_name) =
        shown.with_untracked(|shown| (shown.can_write, shown.scopes.clone(), shown.project.name.clone()));
    let create = can_write.then(|| {
        let desk = desk.clone();
        view! { <CreateForm scopes project_name desk /> }
    });
    let created = {
        let Desk { created, project, .. } = desk.clone();
        move || {
            let project = project.clone();
            created
                .get()
                .map(|token| view! { <Created token project shown=created /> })
        }
    };
    view! {
        <PageHead
            title="Tokens"
            lead="What scripts and applications present to Latchkey. A token is shown once, when it is created."
                .to_owned()
        >
            {create}
        </PageHead>
        {created}
        <TokenList shown desk />
        <NoticeRegion notice />
    }
}
