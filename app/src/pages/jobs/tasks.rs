//! Every task, with what its jobs are doing.

use super::Desk;
use crate::api::TryJobsAgain;
use crate::components::{ButtonKind, Icon, Message, NOTICES, Notice, SubmitButton, When, icon, table_head};
use crate::contract::{JobsView, TaskStatus, TaskView};
use crate::forms::{at_form, focus_on, on_answer, pending, refusal};
use leptos::prelude::*;

/// What is said when jobs are tried again.
pub(super) fn tried_again(jobs: u64) -> Notice {
    Notice::saying(match jobs {
        1 => "1 job is tried again now.".to_owned(),
        more => format!("{more} jobs are tried again now."),
    })
}

/// Every task.
#[component]
pub(super) fn TaskList(shown: RwSignal<JobsView>, desk: Desk) -> impl IntoView {
    let each = move || shown.with(|shown| shown.tasks.iter().map(|task| task.task.clone()).collect::<Vec<_>>());
    // By name, so that a button that has the focus stays where it is while the figures change.
    let row = move |task: String| task_row(shown, task, &desk);
    view! {
        <table class="table tasks" role="table" aria-label="Tasks">
            {table_head(["Task", "Waiting", "Running", "Late", "Failing", "Given up", "Last error"])}
            <tbody role="rowgroup">
                <For each key=Clone::clone children=row />
            </tbody>
        </table>
    }
}

fn task_row(shown: RwSignal<JobsView>, name: String, desk: &Desk) -> Option<AnyView> {
    let first = find(shown, &name)?;
    let form = try_again_form(&first, shown, desk);
    let task = Memo::new(move |_| find(shown, &name).unwrap_or_else(|| first.clone()));
    let figure = move |label: &'static str, of: fn(&TaskView) -> i64| {
        view! {
            <td role="cell" data-label=label data-nothing=move || (task.with(of) == 0).then_some("true")>
                {move || task.with(of)}
            </td>
        }
    };
    let row = view! {
        <tr role="row">
            <td role="cell" data-label="Task">
                <span class="strong">{move || task.with(|task| task.name.clone())}</span>
                <code class="small">{move || task.with(|task| task.task.clone())}</code>
                {move || badge(task.with(|task| task.status))}
                {move || times(&task.get())}
            </td>
            {figure("Waiting", |task| task.queued)}
            {figure("Running", |task| task.running)}
            {figure("Late", |task| task.late)}
            {figure("Failing", |task| task.failing)}
            {figure("Given up", |task| task.given_up)}
            <td
                role="cell"
                data-label="Last error"
                data-nothing=move || task.with(|task| task.last_error.is_none()).then_some("true")
            >
                {move || last_error(&task.get())}
            </td>
            <td role="cell" class="row-actions">
                <div class="actions">{form}</div>
            </td>
        </tr>
    };
    Some(row.into_any())
}

fn find(shown: RwSignal<JobsView>, name: &str) -> Option<TaskView> {
    shown.with(|shown| shown.tasks.iter().find(|task| task.task == name).cloned())
}

fn badge(status: TaskStatus) -> AnyView {
    let (word, shape, look) = match status {
        TaskStatus::GivenUp => ("Given up", Icon::Cross, "unhealthy"),
        TaskStatus::Late => ("Late", Icon::Clock, "exhausted"),
        TaskStatus::Failing => ("Failing", Icon::Warning, "exhausted"),
        TaskStatus::OnTime => ("On time", Icon::Check, "healthy"),
    };
    view! { <span class="badge" data-status=look>{icon(shape)} {word}</span> }.into_any()
}

/// When the task's jobs come and came.
fn times(task: &TaskView) -> AnyView {
    let next = task.next_run.clone().map(|at| {
        view! {
            <span class="quiet small">
                "Next job's time: " <When moment=at />
            </span>
        }
    });
    let last = task.last_scheduled.clone().map(|at| {
        view! {
            <span class="quiet small">
                "Added by the clock " <When moment=at />
            </span>
        }
    });
    view! {
        {next}
        {last}
    }
    .into_any()
}

fn last_error(task: &TaskView) -> AnyView {
    match task.last_error.clone() {
        None => "None".into_any(),
        Some(error) => view! {
            <span class="break block">{error.message}</span>
            <span class="quiet small">
                <When moment=error.at />
            </span>
        }
        .into_any(),
    }
}

/// Has a task's failed jobs tried again, while there are any.
fn try_again_form(first: &TaskView, shown: RwSignal<JobsView>, desk: &Desk) -> AnyView {
    let action = ServerAction::<TryJobsAgain>::new();
    let earlier = desk
        .flash
        .as_ref()
        .and_then(|flash| flash.refused("try_jobs_again", "task", &first.task));
    let refusal = refusal(action, earlier.cloned());
    let (page, notice) = (desk.page, desk.notice);
    on_answer(action, move |answer| {
        if let Ok(jobs) = answer {
            notice.set(Some(tried_again(jobs)));
            // The button goes with what it was for.
            focus_on(NOTICES);
        }
        page.refetch();
    });
    let (task, name) = (first.task.clone(), first.name.clone());
    let has_failed = {
        let task = task.clone();
        Memo::new(move |_| find(shown, &task).is_some_and(|task| task.failing + task.given_up > 0))
    };
    let form = move || {
        let task = task.clone();
        let about = format!("failed jobs of {name}");
        has_failed.get().then(move || {
            view! {
                <ActionForm action>
                    <input type="hidden" name="task" value=task />
                    <SubmitButton
                        label="Try again".to_owned()
                        about
                        pending=pending(action)
                        kind=ButtonKind::Outlined
                    />
                </ActionForm>
            }
        })
    };
    view! {
        {form}
        <Message text=at_form(refusal, &[]) />
    }
    .into_any()
}
