//! The panic switch: what keeps calls from passing.

use super::{LockId, ProjectId, ProviderSlug, UserId};
use time::OffsetDateTime;

/// A lock on calls through the gateway. While it is there, no call that it covers passes, with any key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallLock {
    /// The lock.
    pub id: LockId,
    /// The project whose calls it covers; `None` for every project of the organization.
    pub project: Option<ProjectId>,
    /// The provider to which calls are covered; `None` for every provider.
    pub provider: Option<ProviderSlug>,
    /// Why, in the words of whoever locked; perhaps empty.
    pub reason: String,
    /// The person who locked; `None` for a token or the command line.
    pub locked_by: Option<UserId>,
    /// That person's address, or the token's name.
    pub locked_by_name: String,
    /// Since when.
    pub locked_at: OffsetDateTime,
}
