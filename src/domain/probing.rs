//! When a stored key is probed again, without anybody asking.

use super::{Health, HealthReason, Random};
use time::{Duration, OffsetDateTime};

/// A key that works is probed once a day.
const DAY: Duration = Duration::DAY;
/// The pause after the first failure; each one after it is twice as long.
const FIRST_PAUSE: Duration = Duration::MINUTE;
/// The longest pause after a failure.
const LONGEST_PAUSE: Duration = Duration::hours(6);
/// Pauses are drawn from this many percent around their length, so that keys which failed together do not all
/// come back together.
const JITTER_PERCENT: i32 = 20;

/// When a key is probed next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NextProbe {
    /// Not before then.
    pub at: OffsetDateTime,
    /// How many probes in a row have found it not working.
    pub failures: i32,
}

impl NextProbe {
    /// What follows from `health`, found out at `now` after so many `failures` in a row.
    ///
    /// A key that works is probed within a day; one whose quota is spent, or that made too many calls, when its
    /// provider says; any other after pauses that grow from a minute to six hours.
    #[must_use]
    pub fn after(health: &Health, failures: i32, now: OffsetDateTime, random: &dyn Random) -> Self {
        let failures = match health.reason {
            None | Some(HealthReason::Restricted) => 0,
            Some(_) => failures.saturating_add(1),
        };
        let (pause, spread) = match (health.reason, health.retry_at) {
            (None | Some(HealthReason::Restricted), _) => (DAY, -JITTER_PERCENT..=0),
            (Some(HealthReason::Exhausted | HealthReason::RateLimited), Some(retry_at)) if retry_at > now => {
                ((retry_at - now).min(DAY), 0..=JITTER_PERCENT)
            }
            (Some(_), _) => (growing(failures), -JITTER_PERCENT..=JITTER_PERCENT),
        };
        Self {
            at: now + jittered(pause, *spread.start(), *spread.end(), random),
            failures,
        }
    }
}

fn growing(failures: i32) -> Duration {
    // Six hours are fewer than 2^9 minutes.
    let doublings = u32::try_from(failures - 1).unwrap_or_default().min(9);
    (FIRST_PAUSE * 2_i32.pow(doublings)).min(LONGEST_PAUSE)
}

/// `pause`, longer or shorter by a random share between these percentages.
fn jittered(pause: Duration, least: i32, most: i32, random: &dyn Random) -> Duration {
    let thousandths = (most - least) * 10;
    let drawn = i32::from(u16::from_le_bytes(random.bytes())) * thousandths / i32::from(u16::MAX);
    pause + pause * (least * 10 + drawn) / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SeededRandom;

    fn now() -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp(1_800_000_000).unwrap()
    }

    fn health(reason: Option<HealthReason>, retry_after: Option<Duration>) -> Health {
        Health {
            reason,
            message: reason.map(|reason| reason.to_string()),
            checked_at: Some(now()),
            retry_at: retry_after.map(|after| now() + after),
        }
    }

    fn pause(health: &Health, failures: i32, random: &dyn Random) -> Duration {
        NextProbe::after(health, failures, now(), random).at - now()
    }

    #[test]
    fn pauses_grow_from_a_minute_to_six_hours_and_vary_by_a_fifth() {
        let random = SeededRandom::new(1);
        let invalid = health(Some(HealthReason::Invalid), None);
        for (failures, minutes) in [(0, 1), (1, 2), (2, 4), (8, 256), (9, 360), (10_000, 360)] {
            let pauses: Vec<_> = (0..200).map(|_| pause(&invalid, failures, &random)).collect();
            let exact = Duration::minutes(minutes);
            let (least, most) = (pauses.iter().min().unwrap(), pauses.iter().max().unwrap());
            assert!(*least >= exact * 0.8 && *least < exact * 0.9, "{failures}: {least}");
            assert!(*most <= exact * 1.2 && *most > exact * 1.1, "{failures}: {most}");
        }
    }

    #[test]
    fn a_key_that_works_is_probed_within_a_day_and_has_no_failures() {
        let random = SeededRandom::new(2);
        for reason in [None, Some(HealthReason::Restricted)] {
            let next = NextProbe::after(&health(reason, None), 7, now(), &random);
            assert_eq!(next.failures, 0);
            assert!((Duration::hours(19)..=DAY).contains(&(next.at - now())));
        }
    }

    #[test]
    fn a_spent_quota_is_looked_at_when_the_provider_says_and_at_least_daily() {
        let random = SeededRandom::new(3);
        let hour = health(Some(HealthReason::Exhausted), Some(Duration::HOUR));
        assert!((Duration::HOUR..=Duration::minutes(72)).contains(&pause(&hour, 0, &random)));
        let month = health(Some(HealthReason::Exhausted), Some(Duration::days(30)));
        assert!(pause(&month, 0, &random) <= DAY * 1.2);
        let past = health(Some(HealthReason::RateLimited), Some(-Duration::HOUR));
        assert!(pause(&past, 0, &random) <= Duration::minutes(2));
    }
}
