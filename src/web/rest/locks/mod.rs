//! The panic switch.

pub(super) mod list;
pub(super) mod lock;
pub(super) mod unlock;

use super::moment::Moment;
use crate::domain::CallLock;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where the locks stand.
const COLLECTION: &str = "/api/v1/locks";

/// A lock on calls through the gateway.
#[derive(Serialize, ToSchema)]
#[schema(as = Lock)]
struct LockBody {
    id: Uuid,
    /// The project whose calls it covers; null for every project.
    project_id: Option<Uuid>,
    /// The slug of the provider to which calls are covered; null for every provider.
    #[schema(example = "openai")]
    provider: Option<String>,
    /// Why; may be empty.
    #[schema(example = "A key turned up in a public log.")]
    reason: String,
    /// The locker's address or name.
    locked_by: String,
    locked_at: Moment,
}

impl From<CallLock> for LockBody {
    fn from(lock: CallLock) -> Self {
        Self {
            id: lock.id.as_uuid(),
            project_id: lock.project.map(|project| project.as_uuid()),
            provider: lock.provider.map(|provider| provider.to_string()),
            reason: lock.reason,
            locked_by: lock.locked_by_name,
            locked_at: lock.locked_at.into(),
        }
    }
}
