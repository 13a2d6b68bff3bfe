//! The tokens that there are.

use super::Desk;
use super::revoke::{end_overlap_form, revoke_form};
use super::rotate::rotate_form;
use crate::components::{Countdown, Icon, When, icon, when_or};
use crate::contract::{TokenStatus, TokenView, TokensView};
use leptos::prelude::*;

/// The project's tokens and those of the whole organization: those that work, and below them the others.
#[component]
pub(super) fn TokenList(shown: RwSignal<TokensView>, desk: Desk) -> impl IntoView {
    let can_write = shown.with_untracked(|shown| shown.can_write);
    let working = Memo::new(move |_| shown.with(|shown| shown.tokens.clone()));
    let ended = Memo::new(move |_| shown.with(|shown| shown.ended.clone()));
    let has_working = Memo::new(move |_| working.with(|tokens| !tokens.is_empty()));
    let ended_count = Memo::new(move |_| ended.with(Vec::len));
    let of_working = desk.clone();
    let list = move || {
        if has_working.get() {
            table(working, of_working.clone(), "Tokens that work", can_write)
        } else {
            nothing_yet(can_write, ended_count.get() > 0)
        }
    };
    let past = move || {
        let desk = desk.clone();
        (ended_count.get() > 0).then(move || {
            view! {
                <details class="ended">
                    <summary class="button quiet">
                        {icon(Icon::Chevron)} {work_no_longer(ended_count.get())}
                    </summary>
                    {table(ended, desk, "Tokens that work no longer", false)}
                </details>
            }
        })
    };
    view! {
        {list}
        {past}
    }
}

fn work_no_longer(count: usize) -> String {
    match count {
        1 => "1 token that works no longer".to_owned(),
        more => format!("{more} tokens that work no longer"),
    }
}

fn table(tokens: Memo<Vec<TokenView>>, desk: Desk, label: &'static str, has_actions: bool) -> AnyView {
    let row = move |token: TokenView| {
        view! { <TokenRow token has_actions desk=desk.clone() /> }
    };
    view! {
        <table class="table" role="table" aria-label=label>
            <thead role="rowgroup">
                <tr role="row">
                    <th role="columnheader" scope="col">"Token"</th>
                    <th role="columnheader" scope="col">"May do"</th>
                    <th role="columnheader" scope="col">"Works in"</th>
                    <th role="columnheader" scope="col">"Last used"</th>
                    <th role="columnheader" scope="col">"Expires"</th>
                    <th role="columnheader" scope="col">"Created"</th>
                    {has_actions
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
                <For each=move || tokens.get() key=Clone::clone children=row />
            </tbody>
        </table>
    }
    .into_any()
}

fn nothing_yet(can_write: bool, were_there: bool) -> AnyView {
    let title = if were_there { "No token works" } else { "No tokens yet" };
    let next = if can_write {
        "Create one for each script or application, so that you can revoke them one by one."
    } else {
        "An owner or admin can create one."
    };
    view! {
        <div class="empty">
            {icon(Icon::Token)} <h2>{title}</h2> <p>{next}</p>
        </div>
    }
    .into_any()
}

#[component]
fn TokenRow(token: TokenView, has_actions: bool, desk: Desk) -> impl IntoView {
    let actions = has_actions.then(|| {
        let rotate = token.can_rotate.then(|| rotate_form(&token, &desk));
        let end = match token.status {
            TokenStatus::RotatedOut => Some(end_overlap_form(&token, &desk)),
            status => status.is_working().then(|| revoke_form(&token, &desk)),
        };
        view! {
            <td role="cell" class="row-actions">
                <div class="actions">{rotate} {end}</div>
            </td>
        }
    });
    let expires = expiry(&token, &desk);
    let TokenView {
        name,
        prefix,
        scopes,
        project,
        created_at,
        created_by,
        last_used_at,
        successor,
        status,
        ..
    } = token;
    let scopes = scopes
        .into_iter()
        .map(|scope| view! { <code class="scope">{scope}</code> })
        .collect_view();
    let successor = successor.map(|successor| {
        view! {
            <span class="small quiet">"Replaced by " <code>{successor}</code></span>
        }
    });
    view! {
        <tr role="row" data-active=if status.is_working() { "true" } else { "false" }>
            <td role="cell" data-label="Token">
                <span class="strong break">{name}</span>
                <code>{prefix}</code>
                {badge(status)}
                {successor}
            </td>
            <td role="cell" data-label="May do">
                <span class="scopes">{scopes}</span>
            </td>
            <td role="cell" data-label="Works in">
                <span class="break">{project.unwrap_or_else(|| "Every project".to_owned())}</span>
            </td>
            <td role="cell" data-label="Last used">
                {when_or(last_used_at, "Never")}
            </td>
            <td role="cell" data-label="Expires">
                {expires}
            </td>
            <td role="cell" data-label="Created">
                <span>
                    <When moment=created_at />
                    <span class="quiet break">{format!(" by {created_by}")}</span>
                </span>
            </td>
            {actions}
        </tr>
    }
}

fn badge(status: TokenStatus) -> Option<AnyView> {
    let (look, shape, word) = match status {
        TokenStatus::Working => return None,
        TokenStatus::ExpiresSoon => ("limited", Icon::Clock, "Expires soon"),
        TokenStatus::RotatedOut => ("limited", Icon::Clock, "Rotated out"),
        TokenStatus::Expired => ("disabled", Icon::Cross, "Expired"),
        TokenStatus::Revoked => ("disabled", Icon::Cross, "Revoked"),
    };
    let badge = view! {
        <span class="badge" data-status=look>
            {icon(shape)}
            {word}
        </span>
    };
    Some(badge.into_any())
}

/// When it stops working; counted down where another one has taken over.
fn expiry(token: &TokenView, desk: &Desk) -> AnyView {
    match (token.expires_at.clone(), token.seconds_left) {
        (Some(until), Some(seconds)) => {
            let page = desk.page;
            view! {
                <span>"Stops in " <Countdown until seconds on_end=move |()| page.refetch() /></span>
            }
            .into_any()
        }
        (expires_at, _) => when_or(expires_at, "Never"),
    }
}
