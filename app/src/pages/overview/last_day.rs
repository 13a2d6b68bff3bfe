//! How each project's last day went.

use crate::contract::{OverviewView, ProjectDayView};
use crate::loaded::latest;
use leptos::prelude::*;

const COLUMNS: [&str; 6] = [
    "Project",
    "Keys in use",
    "Calls",
    "Failed",
    "On the platform key",
    "Cost",
];

/// Each project's calls of the last 24 hours, and the way to them.
pub(super) fn last_day(shown: RwSignal<OverviewView>) -> AnyView {
    let head = COLUMNS.map(|column| {
        view! {
            <th role="columnheader" scope="col">
                {column}
            </th>
        }
    });
    view! {
        <section class="section" aria-labelledby="last-day">
            <h2 id="last-day">"The last day"</h2>
            <p class="quiet">"Calls are counted once a minute."</p>
            <table class="table compact last-day" role="table" aria-labelledby="last-day">
                <thead role="rowgroup">
                    <tr role="row">{head}</tr>
                </thead>
                <tbody role="rowgroup">
                    <For
                        each=move || shown.with(|shown| shown.projects.clone())
                        key=|day| (day.slug.clone(), day.name.clone(), day.calls.is_some())
                        children=move |first| row(shown, first)
                    />
                </tbody>
            </table>
        </section>
    }
    .into_any()
}

fn row(shown: RwSignal<OverviewView>, first: ProjectDayView) -> AnyView {
    let ProjectDayView { slug, name, calls, .. } = first.clone();
    let day = {
        let slug = slug.clone();
        latest(shown, first, move |shown| {
            shown.projects.iter().find(|day| day.slug == slug).cloned()
        })
    };
    let path = format!("/projects/{slug}");
    let keys = linked(
        format!("{path}/keys"),
        move || day.with(|day| u64::from(day.keys)),
        format!("keys in use in {name}"),
    );
    let activity = |query: &str, figure: fn(&ProjectDayView) -> u64, what: &str| {
        if calls.is_none() {
            return view! { <span class="quiet">"Not shown"</span> }.into_any();
        }
        linked(
            format!("{path}/activity?range=24h{query}"),
            move || day.with(figure),
            format!("{what} of {name}"),
        )
    };
    let cost = move || {
        day.with(|day| match (&day.calls, &day.cost) {
            (None, _) => "Not shown".to_owned(),
            (Some(0), None) => "none".to_owned(),
            (Some(_), None) => "unknown".to_owned(),
            (Some(_), Some(cost)) => cost.clone(),
        })
    };
    view! {
        <tr role="row">
            <td role="cell" data-label="Project">
                <a class="strong break" href=format!("{path}/keys")>
                    {name.clone()}
                </a>
            </td>
            <td role="cell" data-label="Keys in use" class="number">
                {keys}
            </td>
            <td role="cell" data-label="Calls" class="number">
                {activity("", |day| day.calls.unwrap_or_default(), "calls")}
            </td>
            <td role="cell" data-label="Failed" class="number">
                {activity("&status=failed", |day| day.failed, "failed calls")}
            </td>
            <td role="cell" data-label="Platform key" class="number">
                {activity("&source=platform", |day| day.on_platform_key, "calls on the platform key")}
            </td>
            <td role="cell" data-label="Cost" class="number">
                {cost}
            </td>
        </tr>
    }
    .into_any()
}

/// A figure that leads to what it counts; `what` is for those who do not see the column's name.
fn linked(href: String, figure: impl Fn() -> u64 + Send + 'static, what: String) -> AnyView {
    view! {
        <a href=href>
            {move || grouped(figure())} <span class="sr-only">{format!(" {what}")}</span>
        </a>
    }
    .into_any()
}

/// A number with a comma between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(12_345_678), "12,345,678");
    }
}
