//! Whether a provider key works, from a probe or from live traffic.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;
use time::OffsetDateTime;

/// What a card's badge says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HealthStatus {
    /// The key works.
    Healthy,
    /// The key does not work.
    Unhealthy,
    /// Nobody knows: never probed, or the provider could not be reached.
    Unknown,
}

impl HealthStatus {
    /// As the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            HealthStatus::Healthy => "healthy",
            HealthStatus::Unhealthy => "unhealthy",
            HealthStatus::Unknown => "unknown",
        }
    }
}

/// Why a key's health is what it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum HealthReason {
    /// The provider does not accept the key.
    Invalid,
    /// The provider shut the key or its account.
    Blocked,
    /// The account's credit or quota is spent.
    Exhausted,
    /// The key works but not for everything.
    Restricted,
    /// Too many calls for now.
    RateLimited,
    /// The provider gave no usable answer.
    Unreachable,
}

impl HealthReason {
    /// Every reason.
    pub const EVERY: &'static [HealthReason] = &[
        HealthReason::Invalid,
        HealthReason::Blocked,
        HealthReason::Exhausted,
        HealthReason::Restricted,
        HealthReason::RateLimited,
        HealthReason::Unreachable,
    ];

    /// As the database and the API write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            HealthReason::Invalid => "invalid",
            HealthReason::Blocked => "blocked",
            HealthReason::Exhausted => "exhausted",
            HealthReason::Restricted => "restricted",
            HealthReason::RateLimited => "rate_limited",
            HealthReason::Unreachable => "unreachable",
        }
    }

    /// The status that a key has for this reason.
    #[must_use]
    pub const fn status(self) -> HealthStatus {
        match self {
            HealthReason::Invalid | HealthReason::Blocked | HealthReason::Exhausted => HealthStatus::Unhealthy,
            HealthReason::Restricted | HealthReason::RateLimited => HealthStatus::Healthy,
            HealthReason::Unreachable => HealthStatus::Unknown,
        }
    }

    /// Whether a key with this verdict may not be stored.
    #[must_use]
    pub const fn refuses_storage(self) -> bool {
        matches!(self, HealthReason::Invalid | HealthReason::Blocked)
    }
}

impl fmt::Display for HealthReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for HealthReason {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        HealthReason::EVERY
            .iter()
            .copied()
            .find(|reason| reason.as_str() == text)
            .ok_or(())
    }
}

/// What a probe found out. No reason means that the key works.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Verdict {
    /// Why the key does not (fully) work.
    pub reason: Option<HealthReason>,
    /// The provider's own words, scrubbed of the key; never empty when there is a reason.
    pub message: Option<String>,
    /// When the provider says to try again.
    pub retry_after: Option<Duration>,
    /// Whether an unreachable provider was reached but gave no answer in time.
    pub timed_out: bool,
}

impl Verdict {
    /// The key works.
    #[must_use]
    pub const fn healthy() -> Self {
        Self {
            reason: None,
            message: None,
            retry_after: None,
            timed_out: false,
        }
    }

    /// The key does not (fully) work, in the provider's words.
    #[must_use]
    pub fn because(reason: HealthReason, message: impl Into<String>) -> Self {
        let message = message.into();
        let message = if message.trim().is_empty() {
            format!("The provider gave no message ({reason}).")
        } else {
            message
        };
        Self {
            reason: Some(reason),
            message: Some(message),
            retry_after: None,
            timed_out: false,
        }
    }

    /// The same verdict with the provider's retry time.
    #[must_use]
    pub const fn retry_after(mut self, after: Option<Duration>) -> Self {
        self.retry_after = after;
        self
    }
}

/// A key's health as it stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Health {
    /// Why the key does not (fully) work.
    pub reason: Option<HealthReason>,
    /// The provider's own words, scrubbed; present exactly when there is a reason.
    pub message: Option<String>,
    /// When it was last probed.
    pub checked_at: Option<OffsetDateTime>,
    /// Until when an exhausted or rate-limited key rests.
    pub retry_at: Option<OffsetDateTime>,
}

impl Health {
    /// What `verdict`, given at `now`, makes of a key.
    #[must_use]
    pub fn from_verdict(verdict: &Verdict, now: OffsetDateTime) -> Self {
        Self {
            reason: verdict.reason,
            message: verdict.message.clone(),
            checked_at: Some(now),
            retry_at: verdict.retry_after.map(|after| now + after),
        }
    }

    /// What the badge says.
    #[must_use]
    pub fn status(&self) -> HealthStatus {
        match (self.reason, self.checked_at) {
            (Some(reason), _) => reason.status(),
            (None, Some(_)) => HealthStatus::Healthy,
            (None, None) => HealthStatus::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_never_probed_is_unknown_without_a_message() {
        let health = Health::default();
        assert_eq!(health.status(), HealthStatus::Unknown);
        assert_eq!(health.message, None);
    }

    #[test]
    fn reasons_are_read_as_they_are_written() {
        for reason in HealthReason::EVERY {
            assert_eq!(reason.as_str().parse(), Ok(*reason));
        }
    }

    #[test]
    fn a_reason_always_has_words() {
        let verdict = Verdict::because(HealthReason::Blocked, "  ");
        assert!(verdict.message.is_some_and(|message| !message.trim().is_empty()));
    }
}
