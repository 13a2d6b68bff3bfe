//! The job queue, for whoever operates this deployment.

use super::operators::require_operator;
use super::{Foundation, ServiceError};
use crate::domain::Actor;
use crate::store::queue;
pub use crate::store::queue::{JobError, QueueState, ServerState, TaskState};
use std::sync::Arc;

/// How the worker writes down what a job told of its failure: as Rust shows the value.
const TOLD_BY_JOB: (&str, &str) = ("TaskError(", ")");

/// Tells how the queue is, and has jobs tried again.
pub struct JobQueue {
    foundation: Arc<Foundation>,
}

impl JobQueue {
    pub(crate) const fn new(foundation: Arc<Foundation>) -> Self {
        Self { foundation }
    }

    /// How the queue is, for the operator who asks.
    ///
    /// # Errors
    /// [`ServiceError::PersonsOnly`] to a token; [`ServiceError::OperatorOnly`].
    pub async fn look(&self, actor: &Actor) -> Result<QueueState, ServiceError> {
        require_operator(&self.foundation, actor).await?;
        self.state().await
    }

    /// How the queue is, for this machine itself: the command line and the metrics listener. It holds names of tasks
    /// and errors, nothing of an organization.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn state(&self) -> Result<QueueState, ServiceError> {
        let mut tx = self.foundation.store.system().await?;
        let mut state = queue::state(&mut tx).await?;
        for error in state.tasks.iter_mut().filter_map(|task| task.last_error.as_mut()) {
            error.message = in_plain_words(&error.message);
        }
        Ok(state)
    }

    /// Has a task's failed jobs tried again at once, those that were given up too; how many there were. No
    /// organization's audit trail is the place for it, so the log says who did it.
    ///
    /// # Errors
    /// [`ServiceError::PersonsOnly`] to a token; [`ServiceError::OperatorOnly`]; [`ServiceError::Conflict`] when there
    /// is none.
    pub async fn try_again(&self, actor: &Actor, task: &str) -> Result<u64, ServiceError> {
        let user = require_operator(&self.foundation, actor).await?;
        let mut tx = self.foundation.store.system().await?;
        let jobs = queue::try_again(&mut tx, task).await?;
        if jobs == 0 {
            let message = "There is no failed job of this task any more; nothing was changed.";
            return Err(ServiceError::Conflict(message.to_owned()));
        }
        tx.commit().await?;
        tracing::info!(
            %user,
            request.id = %actor.request.request_id,
            task,
            jobs,
            "an operator has failed jobs tried again"
        );
        Ok(jobs)
    }
}

/// What a job said of its failure, without how the worker writes it down, and on one line. A text is written down as
/// Rust shows one, once by what calls the job and once more by the queue; where it was cut off, its beginning is.
fn in_plain_words(kept: &str) -> String {
    let (before, after) = TOLD_BY_JOB;
    let told = kept
        .strip_prefix(before)
        .map(|told| told.strip_suffix(after).unwrap_or(told));
    let mut words = told.unwrap_or(kept).to_owned();
    for _ in 0..2 {
        if let Ok(text) = serde_json::from_str(&words) {
            words = text;
        }
    }
    let words = words.trim_start_matches(['"', '\\']);
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::in_plain_words;

    #[test]
    fn an_error_is_told_as_the_job_told_it() {
        let told = format!("{:?}", "the mail server said \"no\":\n452 no room");
        let kept = format!("TaskError({told:?})");
        assert_eq!(in_plain_words(&kept), "the mail server said \"no\": 452 no room");
        assert_eq!(in_plain_words(r#"TaskError("\"cut off in the"#), "cut off in the");
        assert_eq!(in_plain_words("TaskPanic(\"oh\")"), "TaskPanic(\"oh\")");
    }
}
