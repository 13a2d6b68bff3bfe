//! Whether a key may serve as things stand, and which one serves when the default is gone.

use super::{Health, HealthReason, ProviderKey};
use time::OffsetDateTime;

/// Why calls cannot use a key. `Display` is a sentence for people, with what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotServe {
    /// It was deleted.
    #[error("This key was deleted. Restore it first.")]
    Deleted,
    /// It was rotated out, and its time is over.
    #[error("This key was rotated out and has retired.")]
    Retired,
    /// It is switched off.
    #[error("This key is switched off. Enable it first.")]
    SwitchedOff,
    /// Nobody ever found out whether it works.
    #[error("This key was never tested. Test it first.")]
    Unverified,
    /// Its provider does not accept it.
    #[error("The provider refuses this key. Replace its secret, or test it again.")]
    Refused,
    /// Its quota is spent.
    #[error("The quota of this key is spent. Test it again when there is some.")]
    Exhausted,
}

impl ProviderKey {
    /// Whether calls may use it at `now`.
    ///
    /// # Errors
    /// Why not.
    pub fn may_serve(&self, now: OffsetDateTime) -> Result<(), CannotServe> {
        if self.deleted_at.is_some() {
            return Err(CannotServe::Deleted);
        }
        if self.retires_at.is_some_and(|at| at <= now) {
            return Err(CannotServe::Retired);
        }
        if !self.is_active {
            return Err(CannotServe::SwitchedOff);
        }
        if self.health.checked_at.is_none() {
            return Err(CannotServe::Unverified);
        }
        match self.health.reason {
            Some(HealthReason::Invalid | HealthReason::Blocked) => Err(CannotServe::Refused),
            _ if self.health.is_resting(now) => Err(CannotServe::Exhausted),
            _ => Ok(()),
        }
    }
}

impl Health {
    /// Whether a key whose quota is spent still rests at `now`; without a retry time it does until a probe finds it
    /// working.
    #[must_use]
    pub fn is_resting(&self, now: OffsetDateTime) -> bool {
        self.reason == Some(HealthReason::Exhausted) && self.retry_at.is_none_or(|at| now < at)
    }
}

/// Of a provider's keys, the one to become the default when there is none: the newest usable one, and one whose quota
/// is spent only where there is no other, because it recovers by itself.
#[must_use]
pub fn newest_usable(keys: &[ProviderKey], now: OffsetDateTime) -> Option<&ProviderKey> {
    let candidates = keys.iter().filter_map(|key| match key.may_serve(now) {
        Ok(()) => Some((true, key)),
        Err(CannotServe::Exhausted) => Some((false, key)),
        Err(_) => None,
    });
    candidates
        .max_by_key(|(is_usable, key)| (*is_usable, key.created_at, key.id))
        .map(|(_, key)| key)
}
