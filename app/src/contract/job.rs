//! The job queue, as the operator's page shows it.

use super::Moment;
use serde::{Deserialize, Serialize};

/// The Jobs page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobsView {
    /// Every task: those that need attention first.
    pub tasks: Vec<TaskView>,
    /// Servers that work the queue off, the oldest first.
    pub servers: Vec<ServerView>,
}

/// A task and its jobs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskView {
    /// The task's name in the queue, in logs and in metrics.
    pub task: String,
    /// The same as people read it: `Send reset link`.
    pub name: String,
    /// How the task is.
    pub status: TaskStatus,
    /// Jobs that wait, for their time or for a server.
    pub queued: i64,
    /// Jobs at work.
    pub running: i64,
    /// Jobs whose time came more than a minute ago and that nobody has begun.
    pub late: i64,
    /// Jobs that have failed, and are tried again.
    pub failing: i64,
    /// Jobs given up after all their tries.
    pub given_up: i64,
    /// When the next job's time comes, where one waits for it.
    pub next_run: Option<Moment>,
    /// When the clock added a job last, where the task is the clock's.
    pub last_scheduled: Option<Moment>,
    /// What failed last.
    pub last_error: Option<JobErrorView>,
}

/// How a task is: the worst of what can be said of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskStatus {
    /// Jobs were given up, and wait for somebody.
    GivenUp,
    /// Jobs are late.
    Late,
    /// Jobs have failed, and are tried again.
    Failing,
    /// All is well.
    OnTime,
}

/// Why a job failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobErrorView {
    /// What it said.
    pub message: String,
    /// When.
    pub at: Moment,
}

/// A server that works the queue off.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ServerView {
    /// Its name in the queue and in logs.
    pub id: String,
    /// When it began.
    pub since: Moment,
    /// When it last said that it lives.
    pub seen: Moment,
}
