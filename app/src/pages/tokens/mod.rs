//! `/projects/:project/tokens`

mod create;
mod created;
mod expiry;
mod list;
mod revoke;
mod rotate;
mod scanners;

use super::project_in_address;
use crate::api;
use crate::components::{Notice, NoticeRegion, PageHead};
use crate::contract::{CreatedToken, Flash, OptionView, TokenView, TokensView, UiError};
use crate::loaded::{Answer, loaded};
use create::CreateForm;
use created::Created;
use leptos::prelude::*;
use list::TokenList;
use scanners::Scanners;

/// What the parts of one page share.
#[derive(Clone)]
struct Desk {
    /// The project's slug, sent along with every form.
    project: String,
    /// How long a token that is rotated out may go on working.
    overlaps: Vec<OptionView>,
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
            let done = |function| flash.as_ref().and_then(|flash| flash.done(function));
            let created = RwSignal::new(done("create_token").or_else(|| done("rotate_token")));
            let notice = RwSignal::new(revoke::notice_of(flash.as_ref()));
            let desk = Desk {
                project,
                overlaps: shown.with_untracked(|shown| shown.overlaps.clone()),
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
    let view = shown.get_untracked();
    let pattern = view.pattern.clone();
    let create = view.can_write.then(|| {
        let desk = desk.clone();
        view! { <CreateForm view desk /> }
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
        <Scanners pattern />
        <NoticeRegion notice />
    }
}

/// What every form of the list sends along.
fn hidden_fields(token: &TokenView, desk: &Desk) -> AnyView {
    view! {
        <input type="hidden" name="project" value=desk.project.clone() />
        <input type="hidden" name="token_id" value=token.id.clone() />
    }
    .into_any()
}

/// Why a form of this token was refused, where no script ran.
fn refused_here(desk: &Desk, function: &str, token: &TokenView) -> Option<UiError> {
    let flash = desk.flash.as_ref()?;
    flash.refused(function, "token_id", &token.id).cloned()
}
