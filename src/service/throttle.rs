//! How often one may try: per account and per client, in this process.

use super::ServiceError;
use governor::clock::{Clock as _, DefaultClock, QuantaInstant, Reference};
use governor::middleware::{StateInformationMiddleware, StateSnapshot};
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How many keys a limiter holds before those at rest are forgotten.
const SHRINK_FROM: usize = 10_000;

/// Limits for sign-in and set-up. The same for known and unknown addresses, so that an answer
/// tells nothing about who has an account.
pub struct SignInThrottle {
    accounts: Throttle<String>,
    clients: Throttle<IpAddr>,
}

/// Limits for asking for a link to choose a new password, so that nobody's mailbox is filled. The same for known and
/// unknown addresses.
pub struct ResetThrottle {
    accounts: Throttle<String>,
    clients: Throttle<IpAddr>,
}

/// Limits for probing with pasted keys, so that nobody checks stolen ones here by the thousand.
pub struct ProbeThrottle {
    organizations: Throttle<crate::domain::OrgId>,
}

/// Limits for inviting, so that nobody has strangers written to by the thousand.
pub struct InvitationThrottle {
    organizations: Throttle<crate::domain::OrgId>,
}

/// What somebody has left of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// How many tries there are at most.
    pub limit: u32,
    /// How many are left.
    pub left: u32,
    /// How long it takes until all are back that are gone.
    pub reset: Duration,
    /// How long it takes until all are back when none is left.
    pub window: Duration,
}

type Limiter<Key> = RateLimiter<Key, DefaultKeyedStateStore<Key>, DefaultClock, StateInformationMiddleware>;

struct Throttle<Key: Hash + Eq + Clone> {
    limiter: Limiter<Key>,
    quota: Quota,
    /// How many tries were left after the last one. The limiter itself tells only who tries.
    left: Mutex<HashMap<Key, (QuantaInstant, u32)>>,
}

impl<Key: Hash + Eq + Clone> Throttle<Key> {
    fn per_minute(steady: NonZeroU32, burst: NonZeroU32) -> Self {
        let quota = Quota::per_minute(steady).allow_burst(burst);
        Self {
            limiter: RateLimiter::keyed(quota).with_middleware(),
            quota,
            left: Mutex::default(),
        }
    }

    fn check(&self, key: &Key) -> Result<(), ServiceError> {
        if self.limiter.len() > SHRINK_FROM {
            self.limiter.retain_recent();
        }
        let now = DefaultClock::default().now();
        let checked = self.limiter.check_key(key);
        let left = checked.as_ref().map_or(0, StateSnapshot::remaining_burst_capacity);
        self.remember(key, now, left);
        checked.map(drop).map_err(|not_yet| ServiceError::Throttled {
            retry_after: not_yet.wait_time_from(now).max(Duration::from_secs(1)),
        })
    }

    fn remember(&self, key: &Key, now: QuantaInstant, left: u32) {
        let mut known = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() > SHRINK_FROM {
            let window = self.window();
            known.retain(|_, (then, _)| Duration::from(now.duration_since(*then)) < window);
        }
        known.insert(key.clone(), (now, left));
    }

    fn share(&self, key: &Key) -> Share {
        let limit = self.quota.burst_size().get();
        let interval = self.quota.replenish_interval();
        let known = self
            .left
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key)
            .copied();
        let left = known.map_or(limit, |(then, left)| {
            let passed = Duration::from(DefaultClock::default().now().duration_since(then));
            let regained = passed.as_nanos() / interval.as_nanos().max(1);
            left.saturating_add(u32::try_from(regained).unwrap_or(u32::MAX))
                .min(limit)
        });
        Share {
            limit,
            left,
            reset: interval * (limit - left),
            window: self.window(),
        }
    }

    fn window(&self) -> Duration {
        self.quota.replenish_interval() * self.quota.burst_size().get()
    }
}

const fn count(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}

impl Default for SignInThrottle {
    fn default() -> Self {
        Self {
            accounts: Throttle::per_minute(count(6), count(10)),
            clients: Throttle::per_minute(count(30), count(60)),
        }
    }
}

impl SignInThrottle {
    /// Counts a try.
    ///
    /// # Errors
    /// [`ServiceError::Throttled`] with the time to wait.
    pub fn check(&self, email: &str, client: Option<IpAddr>) -> Result<(), ServiceError> {
        if let Some(client) = client {
            self.clients.check(&client)?;
        }
        self.accounts.check(&email.trim().to_lowercase())
    }
}

impl Default for ResetThrottle {
    fn default() -> Self {
        Self {
            accounts: Throttle::per_minute(count(1), count(3)),
            clients: Throttle::per_minute(count(6), count(20)),
        }
    }
}

impl ResetThrottle {
    /// Counts a link that is asked for.
    ///
    /// # Errors
    /// [`ServiceError::Throttled`] with the time to wait.
    pub fn check(&self, email: &str, client: Option<IpAddr>) -> Result<(), ServiceError> {
        self.check_client(client)?;
        self.accounts.check(&email.trim().to_lowercase())
    }

    /// Counts what a client does with links.
    ///
    /// # Errors
    /// [`ServiceError::Throttled`] with the time to wait.
    pub fn check_client(&self, client: Option<IpAddr>) -> Result<(), ServiceError> {
        client.map_or(Ok(()), |client| self.clients.check(&client))
    }
}

impl Default for ProbeThrottle {
    fn default() -> Self {
        Self {
            organizations: Throttle::per_minute(count(60), count(120)),
        }
    }
}

impl Default for InvitationThrottle {
    fn default() -> Self {
        Self {
            organizations: Throttle::per_minute(count(10), count(50)),
        }
    }
}

impl InvitationThrottle {
    /// Counts an invitation.
    ///
    /// # Errors
    /// [`ServiceError::Throttled`] with the time to wait.
    pub fn check(&self, org: crate::domain::OrgId) -> Result<(), ServiceError> {
        self.organizations.check(&org)
    }
}

impl ProbeThrottle {
    /// Counts a probe.
    ///
    /// # Errors
    /// [`ServiceError::Throttled`] with the time to wait.
    pub fn check(&self, org: crate::domain::OrgId) -> Result<(), ServiceError> {
        self.organizations.check(&org)
    }

    /// What the organization has left.
    pub fn share(&self, org: crate::domain::OrgId) -> Share {
        self.organizations.share(&org)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_throttled_whatever_its_case_and_others_are_not() {
        let throttle = SignInThrottle::default();
        for _ in 0..10 {
            assert!(throttle.check("ada@example.com", None).is_ok());
        }
        assert!(matches!(
            throttle.check(" ADA@example.com", None),
            Err(ServiceError::Throttled { retry_after }) if retry_after >= Duration::from_secs(1)
        ));
        assert!(throttle.check("grace@example.com", None).is_ok());
    }

    #[test]
    fn what_is_left_is_told_without_using_it_up() {
        let throttle = ProbeThrottle::default();
        let clock = crate::domain::FixedClock::at_unix(1_790_000_000);
        let org = crate::domain::OrgId::new(&clock, &crate::domain::SeededRandom::new(7));
        let untouched = throttle.share(org);
        let window = Duration::from_mins(2);
        assert_eq!(
            (untouched.limit, untouched.left, untouched.reset, untouched.window),
            (120, 120, Duration::ZERO, window)
        );
        for _ in 0..120 {
            throttle.check(org).unwrap();
        }
        // A second gives one back, and this test may be slow.
        let spent = throttle.share(org);
        assert!(spent.left <= 2 && spent.reset >= Duration::from_secs(118), "{spent:?}");
        assert_eq!(throttle.share(org).left, throttle.share(org).left);
    }

    #[test]
    fn a_client_is_throttled_over_all_accounts() {
        let throttle = SignInThrottle::default();
        let client = Some(IpAddr::from([192, 0, 2, 1]));
        let refused = (0..61).filter(|number| throttle.check(&format!("{number}@example.com"), client).is_err());
        assert_eq!(refused.count(), 1);
    }
}
