//! The job queue, for operators.

#[cfg(feature = "ssr")]
use super::server::{answer, backend};
use crate::contract::{JobsView, UiError};
use leptos::prelude::*;

/// How the job queue is.
#[server(prefix = "/_fn", endpoint = "jobs")]
pub async fn jobs() -> Result<JobsView, UiError> {
    answer(backend()?.jobs.page().await)
}

/// Has a task's failed jobs tried again at once; how many there were.
#[server(prefix = "/_fn", endpoint = "try_jobs_again")]
pub async fn try_jobs_again(task: String) -> Result<u64, UiError> {
    answer(backend()?.jobs.try_again(task).await)
}
