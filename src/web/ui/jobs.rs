//! The job queue, for the operator's page.

use super::backend::Bound;
use super::error::from_service;
use super::moment::moment;
use crate::service::job_queue::{JobError, ServerState, TaskState};
use app::contract::{JobErrorView, JobsView, ServerView, TaskStatus, TaskView, UiError};
use app::ports::JobPort;
use async_trait::async_trait;
use time::OffsetDateTime;

#[async_trait]
impl JobPort for Bound {
    async fn page(&self) -> Result<JobsView, UiError> {
        let state = self.app.services.job_queue.look(self.actor()?).await;
        let state = state.map_err(|error| from_service(&error))?;
        let now = self.app.clock.now();
        let mut tasks: Vec<_> = state.tasks.into_iter().map(|task| task_view(task, now)).collect();
        // Those of one status stay in the order of their names.
        tasks.sort_by_key(|task| task.status);
        let servers = state.servers.into_iter().map(|server| server_view(server, now));
        Ok(JobsView {
            tasks,
            servers: servers.collect(),
        })
    }

    async fn try_again(&self, task: String) -> Result<u64, UiError> {
        let jobs = self.app.services.job_queue.try_again(self.actor()?, &task).await;
        jobs.map_err(|error| from_service(&error))
    }
}

fn task_view(task: TaskState, now: OffsetDateTime) -> TaskView {
    TaskView {
        name: in_words(&task.task),
        status: status(&task),
        task: task.task,
        queued: task.queued,
        running: task.running,
        late: task.late,
        failing: task.failing,
        given_up: task.given_up,
        next_run: task.next_run.map(|at| moment(at, now)),
        last_scheduled: task.last_scheduled.map(|at| moment(at, now)),
        last_error: task.last_error.map(|JobError { message, at }| JobErrorView {
            message,
            at: moment(at, now),
        }),
    }
}

const fn status(task: &TaskState) -> TaskStatus {
    if task.given_up > 0 {
        TaskStatus::GivenUp
    } else if task.late > 0 {
        TaskStatus::Late
    } else if task.failing > 0 {
        TaskStatus::Failing
    } else {
        TaskStatus::OnTime
    }
}

fn server_view(server: ServerState, now: OffsetDateTime) -> ServerView {
    ServerView {
        id: server.id,
        since: moment(server.since, now),
        seen: moment(server.seen, now),
    }
}

/// Tasks are named so that they read as what they do: `send_reset_link` → `Send reset link`.
fn in_words(task: &str) -> String {
    let mut letters = task.chars().map(|letter| if letter == '_' { ' ' } else { letter });
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn a_tasks_name_reads_as_what_it_does() {
        assert_eq!(in_words("send_reset_link"), "Send reset link");
        assert_eq!(in_words("reprobe"), "Reprobe");
        assert_eq!(in_words(""), "");
    }
}
