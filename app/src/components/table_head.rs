//! The head of a table whose rows end with what can be done.

use leptos::prelude::*;

/// These columns, and one for actions, whose name only those hear who do not see it.
pub(crate) fn table_head<const COLUMNS: usize>(columns: [&'static str; COLUMNS]) -> impl IntoView {
    let columns = columns.map(|column| {
        view! {
            <th role="columnheader" scope="col">
                {column}
            </th>
        }
    });
    view! {
        <thead role="rowgroup">
            <tr role="row">
                {columns} <th role="columnheader" scope="col">
                    <span class="sr-only">"Actions"</span>
                </th>
            </tr>
        </thead>
    }
}
