//! What is left of a limit, in the headers of draft-ietf-httpapi-ratelimit-headers-11.

use crate::service::throttle::Share;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Says how many probes an organization has left.
pub(super) fn tell(headers: &mut HeaderMap, share: Share) {
    let Share {
        limit,
        left,
        reset,
        window,
    } = share;
    let policy = format!("\"probes\";q={limit};w={}", window.as_secs());
    let rest = format!("\"probes\";r={left};t={}", reset.as_secs());
    for (name, value) in [(POLICY, policy), (LIMIT, rest)] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_rest_and_the_policy_are_told() {
        let mut headers = HeaderMap::new();
        let share = Share {
            limit: 120,
            left: 117,
            reset: Duration::from_secs(3),
            window: Duration::from_mins(2),
        };
        tell(&mut headers, share);
        assert_eq!(headers["ratelimit-policy"], "\"probes\";q=120;w=120");
        assert_eq!(headers["ratelimit"], "\"probes\";r=117;t=3");
    }
}
