//! How much one caller may do at once.

use super::GatewayError;
use crate::domain::{OrgId, TokenId};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

/// Below this many, tokens that nobody uses any more are not looked for.
const WORTH_SWEEPING: usize = 1024;
/// A concurrency limit frees itself as calls end.
const SOON: Duration = Duration::from_secs(1);

/// Counts open calls, by token. A token's counter outlives what is cached about it.
#[derive(Debug, Default)]
pub(super) struct OpenCalls {
    counters: Mutex<HashMap<TokenId, Weak<AtomicUsize>>>,
}

/// One open call; it is over when this is dropped.
#[derive(Debug)]
pub struct OpenCall(Arc<AtomicUsize>);

impl OpenCalls {
    /// The counter of a token, shared by all who ask for it.
    pub(super) fn counter(&self, token: TokenId) -> Arc<AtomicUsize> {
        let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(counter) = counters.get(&token).and_then(Weak::upgrade) {
            return counter;
        }
        if counters.len() >= WORTH_SWEEPING {
            counters.retain(|_, counter| counter.strong_count() > 0);
        }
        let counter = Arc::new(AtomicUsize::new(0));
        counters.insert(token, Arc::downgrade(&counter));
        counter
    }
}

impl OpenCall {
    /// Opens a call, if the token has one left.
    pub(super) fn begin(counter: &Arc<AtomicUsize>, most: usize) -> Result<Self, GatewayError> {
        let open = counter.fetch_add(1, Ordering::Relaxed);
        let call = Self(counter.clone());
        if open < most {
            return Ok(call);
        }
        Err(GatewayError::LimitReached {
            limit: format!("The limit of {most} calls open at once for one token"),
            retry_after: SOON,
        })
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts calls with platform keys, by organization. A customer's own key is not held to it.
#[derive(Debug)]
pub(super) struct PlatformCalls {
    limiter: DefaultKeyedRateLimiter<OrgId>,
    per_minute: NonZeroU32,
}

impl PlatformCalls {
    pub(super) fn new(per_minute: NonZeroU32) -> Self {
        Self {
            limiter: RateLimiter::keyed(Quota::per_minute(per_minute)),
            per_minute,
        }
    }

    /// Counts a call, if one is left.
    pub(super) fn take(&self, org: OrgId) -> Result<(), GatewayError> {
        self.limiter.check_key(&org).map_err(|_| GatewayError::LimitReached {
            limit: format!(
                "The limit of {} calls a minute with the operator's platform keys",
                self.per_minute
            ),
            retry_after: Duration::from_mins(1) / self.per_minute.get() + SOON,
        })
    }

    /// Forgets organizations that have not called for a while.
    pub(super) fn sweep(&self) {
        self.limiter.retain_recent();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_frees_its_place_when_it_ends() {
        let calls = OpenCalls::default();
        let token = TokenId::from_uuid(uuid::Uuid::from_u128(7));
        let first = OpenCall::begin(&calls.counter(token), 1).unwrap();
        let refused = OpenCall::begin(&calls.counter(token), 1).unwrap_err();
        assert_eq!(refused.code(), "limit_reached");
        drop(first);
        assert!(OpenCall::begin(&calls.counter(token), 1).is_ok());
    }

    #[test]
    fn platform_calls_are_counted_for_each_organization() {
        let calls = PlatformCalls::new(NonZeroU32::MIN.saturating_add(1));
        let org = |number| OrgId::from_uuid(uuid::Uuid::from_u128(number));
        assert!(calls.take(org(1)).is_ok());
        assert!(calls.take(org(1)).is_ok());
        assert!(calls.take(org(1)).is_err());
        assert!(calls.take(org(2)).is_ok());
    }
}
