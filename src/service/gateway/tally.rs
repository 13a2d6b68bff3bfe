//! How many calls came to what, by provider: counted on every call's path, so nothing here locks or allocates.

use crate::domain::UsageEvent;
use crate::providers::{self, Provider};
use std::sync::atomic::{AtomicU64, Ordering};

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// The provider served it.
    Served,
    /// The provider answered with an error of its own.
    ProviderError,
    /// The provider was called, and could not be reached, took too long or broke off.
    Failed,
    /// Latchkey refused it, and no provider was called.
    Refused,
}

impl CallOutcome {
    /// Every outcome, in order.
    pub const EVERY: [Self; 4] = [Self::Served, Self::ProviderError, Self::Failed, Self::Refused];

    /// The outcome's name in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Served => "served",
            Self::ProviderError => "provider_error",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }

    fn of(event: &UsageEvent) -> Self {
        if event.key_source.is_none() {
            Self::Refused
        } else if event.error_code.is_some() {
            Self::Failed
        } else if event.status < 400 {
            Self::Served
        } else {
            Self::ProviderError
        }
    }
}

/// Calls since the start.
#[derive(Debug)]
pub(super) struct Tally {
    /// By the provider's place in the catalogue, and the outcome's among all.
    calls: Box<[[AtomicU64; CallOutcome::EVERY.len()]]>,
    turned_away: AtomicU64,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            calls: providers::catalogue().iter().map(|_| Default::default()).collect(),
            turned_away: AtomicU64::new(0),
        }
    }
}

impl Tally {
    /// Counts a call to a provider.
    pub(super) fn count(&self, provider: &dyn Provider, event: &UsageEvent) {
        let slug = provider.slug();
        let place = providers::catalogue().iter().position(|known| known.slug() == slug);
        if let Some(outcomes) = place.and_then(|place| self.calls.get(place)) {
            outcomes[CallOutcome::of(event) as usize].fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Counts a call that came to nothing before it was known whose it is.
    pub(super) fn turn_away(&self) {
        self.turned_away.fetch_add(1, Ordering::Relaxed);
    }

    /// How many of those there were.
    pub(super) fn turned_away(&self) -> u64 {
        self.turned_away.load(Ordering::Relaxed)
    }

    /// Each provider that was called, by its slug, with each outcome's number of calls.
    pub(super) fn calls(&self) -> Vec<(&'static str, CallOutcome, u64)> {
        let rows = providers::catalogue().iter().zip(&self.calls);
        rows.flat_map(|(provider, outcomes)| {
            let numbers = CallOutcome::EVERY.into_iter().zip(outcomes);
            numbers.map(|(outcome, number)| (provider.slug(), outcome, number.load(Ordering::Relaxed)))
        })
        .collect()
    }
}
