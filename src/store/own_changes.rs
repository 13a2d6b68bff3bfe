//! What was changed through this server's own store, for whoever remembers what the database said.
//!
//! Other servers are told by the database; whoever made a change may count on it from the moment it is told that it is
//! made, so this server's memory must not wait for the notification.

use crate::domain::OrgId;
use std::sync::atomic::{AtomicU64, Ordering};

/// Organizations that share a count only forget without need now and then.
const COUNTS: usize = 1024;

/// Counts of changes; they only grow.
#[derive(Debug)]
pub struct OwnChanges {
    all: AtomicU64,
    by_organization: Vec<AtomicU64>,
}

impl Default for OwnChanges {
    fn default() -> Self {
        Self {
            all: AtomicU64::new(0),
            by_organization: (0..COUNTS).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

impl OwnChanges {
    /// How often anything was changed.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.all.load(Ordering::Acquire)
    }

    /// Another number once something of this organization was changed.
    #[must_use]
    pub fn of(&self, org: OrgId) -> u64 {
        self.by_organization
            .get(place(org))
            .map_or(0, |count| count.load(Ordering::Acquire))
    }

    /// Something was changed. The total comes first: who sees the organization's new count sees the new total.
    pub(super) fn note(&self, org: OrgId) {
        self.all.fetch_add(1, Ordering::AcqRel);
        if let Some(count) = self.by_organization.get(place(org)) {
            count.fetch_add(1, Ordering::AcqRel);
        }
    }
}

/// The end of an id is random.
fn place(org: OrgId) -> usize {
    let (_, end) = org.as_uuid().as_u64_pair();
    usize::try_from(end % COUNTS as u64).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_change_is_counted_for_its_organization_and_in_all() {
        let changes = OwnChanges::default();
        let [own, other] = [1, 2].map(|number| OrgId::from_uuid(Uuid::from_u128(number)));
        changes.note(own);
        changes.note(own);
        assert_eq!((changes.of(own), changes.of(other), changes.count()), (2, 0, 2));
    }
}
