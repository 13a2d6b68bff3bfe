//! The job queue, for operators.

use crate::contract::{JobsView, UiError};
use async_trait::async_trait;

/// The job queue, for operators.
#[async_trait]
pub trait JobPort: Send + Sync {
    /// The Jobs page.
    async fn page(&self) -> Result<JobsView, UiError>;
    /// Has a task's failed jobs tried again at once; how many there were.
    async fn try_again(&self, task: String) -> Result<u64, UiError>;
}
