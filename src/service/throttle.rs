//! How often one may try: per account and per client, in this process.

use super::ServiceError;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

/// How many keys a limiter holds before those at rest are forgotten.
const SHRINK_FROM: usize = 10_000;

/// Limits for sign-in and set-up. The same for known and unknown addresses, so that an answer
/// tells nothing about who has an account.
pub struct SignInThrottle {
    accounts: Throttle<String>,
    clients: Throttle<IpAddr>,
}

/// Limits for probing with pasted keys, so that nobody checks stolen ones here by the thousand.
pub struct ProbeThrottle {
    organizations: Throttle<crate::domain::OrgId>,
}

struct Throttle<Key: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<Key>,
}

impl<Key: Hash + Eq + Clone> Throttle<Key> {
    fn per_minute(steady: NonZeroU32, burst: NonZeroU32) -> Self {
        Self {
            limiter: RateLimiter::keyed(Quota::per_minute(steady).allow_burst(burst)),
        }
    }

    fn check(&self, key: &Key) -> Result<(), ServiceError> {
        if self.limiter.len() > SHRINK_FROM {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(key).map_err(|not_yet| ServiceError::Throttled {
            retry_after: not_yet
                .wait_time_from(DefaultClock::default().now())
                .max(Duration::from_secs(1)),
        })
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

impl Default for ProbeThrottle {
    fn default() -> Self {
        Self {
            organizations: Throttle::per_minute(count(60), count(120)),
        }
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
    fn a_client_is_throttled_over_all_accounts() {
        let throttle = SignInThrottle::default();
        let client = Some(IpAddr::from([192, 0, 2, 1]));
        let refused = (0..61).filter(|number| throttle.check(&format!("{number}@example.com"), client).is_err());
        assert_eq!(refused.count(), 1);
    }
}
