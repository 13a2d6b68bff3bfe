//! The tokens that there are.

use super::Desk;
use crate::api::RevokeToken;
use crate::components::{AskFirst, ButtonKind, Icon, Message, NOTICES, Notice, SubmitButton, When, icon};
use crate::contract::{Moment, TokenView, TokensView};
use crate::forms::{at_form, focus_on, on_answer, pending, refusal};
use leptos::prelude::*;

/// What is said after a token was revoked.
pub(super) fn revoked_notice() -> Notice {
    Notice::saying("Token revoked. Calls that present it are refused from now on.")
}

/// The project's tokens and those of the whole organization.
#[component]
pub(super) fn TokenList(shown: RwSignal<TokensView>, desk: Desk) -> impl IntoView {
    let can_write = shown.with_untracked(|shown| shown.can_write);
    let is_empty = Memo::new(move |_| shown.with(|shown| shown.tokens.is_empty()));
    move || {
        if is_empty.get() {
            return nothing_yet(can_write);
        }
        let desk = desk.clone();
        let row = move |token: TokenView| {
            view! { <TokenRow token can_write desk=desk.clone() /> }
        };
        view! {
            <table class="table" role="table">
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">"Token"</th>
                        <th role="columnheader" scope="col">"May do"</th>
                        <th role="columnheader" scope="col">"Works in"</th>
                        <th role="columnheader" scope="col">"Last used"</th>
                        <th role="columnheader" scope="col">"Expires"</th>
                        <th role="columnheader" scope="col">"Created"</th>
                        {can_write
                            .then(|| {
                                view! {
                                    <th role="columnheader" scope="col">
                                        <span class="sr-only">"Actions"</span>
                                    </th>
                                }
                            })}
                    </tr>
                </thead>
                <tbody role="rowgroup">
                    <For
                        each=move || shown.with(|shown| shown.tokens.clone())
                        key=Clone::clone
                        children=row
                    />
                </tbody>
            </table>
        }
        .into_any()
    }
}

fn nothing_yet(can_write: bool) -> AnyView {
    let next = if can_write {
        "Create one for each script or application, so that you can revoke them one by one."
    } else {
        "An owner or admin can create one."
    };
    view! {
        <div class="empty">
            {icon(Icon::Token)} <h2>"No tokens yet"</h2> <p>{next}</p>
        </div>
    }
    .into_any()
}

#[component]
fn TokenRow(token: TokenView, can_write: bool, desk: Desk) -> impl IntoView {
    let revoke = can_write.then(|| {
        let actions = token.is_active.then(|| revoke_form(&token, &desk));
        view! {
            <td role="cell" class="row-actions">
                {actions}
            </td>
        }
    });
    let TokenView {
        name,
        prefix,
        scopes,
        project,
        created_at,
        created_by,
        last_used_at,
        expires_at,
        is_active,
        ..
    } = token;
    let scopes = scopes
        .into_iter()
        .map(|scope| view! { <code class="scope">{scope}</code> })
        .collect_view();
    let inactive = (!is_active).then(|| view! { <span class="badge" data-status="disabled">"Inactive"</span> });
    view! {
        <tr role="row" data-active=if is_active { "true" } else { "false" }>
            <td role="cell" data-label="Token">
                <span class="strong break">{name}</span>
                <code>{prefix}</code>
                {inactive}
            </td>
            <td role="cell" data-label="May do">
                <span class="scopes">{scopes}</span>
            </td>
            <td role="cell" data-label="Works in">
                <span class="break">{project.unwrap_or_else(|| "Every project".to_owned())}</span>
            </td>
            <td role="cell" data-label="Last used">
                {moment_or(last_used_at, "Never")}
            </td>
            <td role="cell" data-label="Expires">
                {moment_or(expires_at, "Never")}
            </td>
            <td role="cell" data-label="Created">
                <span>
                    <When moment=created_at />
                    <span class="quiet break">{format!(" by {created_by}")}</span>
                </span>
            </td>
            {revoke}
        </tr>
    }
}

fn moment_or(moment: Option<Moment>, otherwise: &'static str) -> AnyView {
    match moment {
        Some(moment) => view! { <When moment /> }.into_any(),
        None => view! { <span class="quiet">{otherwise}</span> }.into_any(),
    }
}

fn revoke_form(token: &TokenView, desk: &Desk) -> AnyView {
    let earlier = desk
        .flash
        .as_ref()
        .and_then(|flash| flash.refused("revoke_token", "token_id", &token.id));
    let action = ServerAction::<RevokeToken>::new();
    let refusal = refusal(action, earlier.cloned());
    let (notice, page) = (desk.notice, desk.page);
    on_answer(action, move |answer| {
        if answer.is_ok() {
            notice.set(Some(revoked_notice()));
            focus_on(NOTICES);
            page.refetch();
        }
    });
    let about = format!("token {}", token.name);
    let (project, token_id) = (desk.project.clone(), token.id.clone());
    view! {
        <AskFirst word="Revoke" about keep="Keep token">
            <p>"Calls that present it are refused at once. This cannot be undone."</p>
            <ActionForm action>
                <input type="hidden" name="project" value=project />
                <input type="hidden" name="token_id" value=token_id />
                <SubmitButton
                    label="Revoke token".to_owned()
                    pending=pending(action)
                    kind=ButtonKind::Danger
                />
            </ActionForm>
        </AskFirst>
        <Message text=at_form(refusal, &[]) />
    }
    .into_any()
}
