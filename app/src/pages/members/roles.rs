//! What each role may do.

use super::role_name;
use crate::components::{Icon, icon};
use crate::contract::ActionView;
use leptos::prelude::*;

/// The roles, the mightiest first.
const ROLES: [&str; 4] = ["owner", "admin", "member", "viewer"];

/// Every action and who may do it. A table at every width: a cell is a tick.
#[component]
pub(super) fn RoleTable(actions: Vec<ActionView>) -> impl IntoView {
    let head = ROLES.map(|role| view! { <th scope="col">{role_name(role)}</th> });
    let row = |action: ActionView| {
        let ActionView { words, roles } = action;
        let cells = ROLES.map(|role| tick(roles.iter().any(|may| may == role)));
        view! {
            <tr>
                <th scope="row">{words}</th>
                {cells}
            </tr>
        }
    };
    let rows = actions.into_iter().map(row).collect_view();
    view! {
        <section class="section" aria-labelledby="roles">
            <h2 id="roles">"What each role may do"</h2>
            <table class="roles card">
                <thead>
                    <tr>
                        <td></td>
                        {head}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}

fn tick(may: bool) -> AnyView {
    if may {
        view! {
            <td data-may="true">
                {icon(Icon::Check)} <span class="sr-only">"Yes"</span>
            </td>
        }
        .into_any()
    } else {
        view! {
            <td>
                <span aria-hidden="true" class="quiet">
                    "–"
                </span>
                <span class="sr-only">"No"</span>
            </td>
        }
        .into_any()
    }
}
