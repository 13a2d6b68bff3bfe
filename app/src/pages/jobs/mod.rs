//! `/operator/jobs`

mod servers;
mod tasks;

use crate::api;
use crate::components::{Icon, Notice, NoticeRegion, PageHead, icon};
use crate::contract::{Flash, JobsView, TaskStatus};
use crate::loaded::{Answer, loaded};
use crate::poll::{UNATTENDED, poll};
use leptos::prelude::*;
use servers::Servers;
use std::time::Duration;
use tasks::{TaskList, tried_again};

/// How often a page that is looked at asks how the queue is.
const ASK_EVERY: Duration = Duration::from_secs(5);

/// What the page's parts work with.
#[derive(Clone)]
struct Desk {
    page: Answer<JobsView>,
    notice: RwSignal<Option<Notice>>,
    flash: Option<Flash>,
}

/// The work that nobody waits for, and whether it is done: for operators.
#[component]
pub(crate) fn JobsPage() -> impl IntoView {
    let page = Resource::new_blocking(|| (), |()| api::jobs());
    poll(ASK_EVERY, move |looked_at| {
        // Whoever may not see it is not asked again.
        let answer: Option<Result<JobsView, _>> = page.get_untracked();
        if looked_at <= UNATTENDED && matches!(answer, Some(Ok(_))) {
            page.refetch();
        }
        None
    });
    loaded(page, move |shown, flash| view! { <Jobs shown page flash /> }.into_any())
}

#[component]
fn Jobs(shown: RwSignal<JobsView>, page: Answer<JobsView>, flash: Option<Flash>) -> impl IntoView {
    let done = flash.as_ref().and_then(|flash| flash.done::<u64>("try_jobs_again"));
    let notice = RwSignal::new(done.map(tried_again));
    let desk = Desk { page, notice, flash };
    view! {
        <PageHead
            title="Jobs"
            lead="What is done behind the calls: probes, mails, roll-ups, clearing up. Only operators see this page."
                .to_owned()
        />
        {summary(shown)}
        <TaskList shown desk />
        <Servers shown />
        <NoticeRegion notice />
    }
}

/// How all of it is, in one sentence.
fn summary(shown: RwSignal<JobsView>) -> AnyView {
    let said = Memo::new(move |_| shown.with(|shown| (is_well(shown), sentence(shown))));
    let shape = move || {
        icon(if said.with(|(is_well, _)| *is_well) {
            Icon::Check
        } else {
            Icon::Warning
        })
    };
    view! {
        <p class="jobs-summary" role="status" data-well=move || said.with(|(is_well, _)| is_well.to_string())>
            {shape}
            <span>{move || said.with(|(_, sentence)| sentence.clone())}</span>
        </p>
    }
    .into_any()
}

fn is_well(shown: &JobsView) -> bool {
    !shown.servers.is_empty() && shown.tasks.iter().all(|task| task.status == TaskStatus::OnTime)
}

fn sentence(shown: &JobsView) -> String {
    if shown.servers.is_empty() {
        return "No server works the queue off. Jobs wait until one does; its log says why it cannot.".to_owned();
    }
    let those = |status| shown.tasks.iter().filter(move |task| task.status == status).count();
    let parts = [
        (those(TaskStatus::GivenUp), "with jobs given up"),
        (those(TaskStatus::Late), "with late jobs"),
        (those(TaskStatus::Failing), "with failing jobs"),
    ];
    let parts: Vec<_> = parts
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {} {what}", if number == 1 { "task" } else { "tasks" }))
        .collect();
    let queued: i64 = shown.tasks.iter().map(|task| task.queued).sum();
    match (parts.is_empty(), queued) {
        (false, _) => format!("Needs attention: {}.", parts.join(", ")),
        (true, 0) => "All is well: everything is done, and nothing waits.".to_owned(),
        (true, 1) => "All is well: 1 job waits for its turn, and nothing is late.".to_owned(),
        (true, _) => format!("All is well: {queued} jobs wait for their turn, and nothing is late."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{Moment, ServerView, TaskView};

    fn task(status: TaskStatus, queued: i64) -> TaskView {
        TaskView {
            task: "reprobe".to_owned(),
            name: "Reprobe".to_owned(),
            status,
            queued,
            running: 0,
            late: 0,
            failing: 0,
            given_up: 0,
            next_run: None,
            last_scheduled: None,
            last_error: None,
        }
    }

    fn said(tasks: Vec<TaskView>) -> (bool, String) {
        let moment = Moment {
            iso: String::new(),
            relative: String::new(),
            exact: String::new(),
        };
        let server = ServerView {
            id: "one".to_owned(),
            since: moment.clone(),
            seen: moment,
        };
        let shown = JobsView {
            tasks,
            servers: vec![server],
        };
        (is_well(&shown), sentence(&shown))
    }

    #[test]
    fn what_is_well_is_said_so() {
        let (is_well, sentence) = said(vec![task(TaskStatus::OnTime, 0)]);
        assert!(is_well && sentence.ends_with("nothing waits."), "{sentence}");
        let (is_well, sentence) = said(vec![task(TaskStatus::OnTime, 2), task(TaskStatus::OnTime, 1)]);
        assert!(is_well && sentence.contains("3 jobs wait"), "{sentence}");
    }

    #[test]
    fn what_is_not_is_counted() {
        let tasks = vec![
            task(TaskStatus::GivenUp, 0),
            task(TaskStatus::Failing, 1),
            task(TaskStatus::Failing, 1),
        ];
        let (is_well, sentence) = said(tasks);
        assert!(!is_well);
        assert_eq!(
            sentence,
            "Needs attention: 1 task with jobs given up, 2 tasks with failing jobs."
        );
    }

    #[test]
    fn without_a_server_nothing_is_well() {
        let shown = JobsView {
            tasks: Vec::new(),
            servers: Vec::new(),
        };
        assert!(!is_well(&shown));
        assert!(sentence(&shown).starts_with("No server"));
    }
}
