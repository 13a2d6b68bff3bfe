//! What is decided in numbers, each from a variable of its own.

use super::settings::Settings;
use super::variables::{
    DRAIN_SECONDS, GATEWAY_BODY_MEGABYTES, GATEWAY_CALLS_PER_TOKEN, GATEWAY_CONNECT_SECONDS,
    GATEWAY_FIRST_BYTE_SECONDS, GATEWAY_IDLE_SECONDS, GATEWAY_PLATFORM_CALLS_PER_MINUTE, GATEWAY_TOTAL_SECONDS,
    JOBS_TAKEN_OVER_SECONDS, KEY_RETENTION_DAYS,
};
use crate::domain::GatewayLimits;
use std::num::NonZeroU32;
use std::time::Duration;

const MEGABYTE: usize = 1024 * 1024;
const DAY: u64 = 86_400;
const DEFAULT_KEY_RETENTION_DAYS: u32 = 90;
const LONGEST_KEY_RETENTION_DAYS: u32 = 3650;
const DEFAULT_DRAIN_SECONDS: u64 = 30;
const LONGEST_DRAIN_SECONDS: u64 = 3600;
const DEFAULT_JOBS_TAKEN_OVER_SECONDS: u64 = 60;
/// Any less, and a server that is merely busy would have its jobs done twice.
const LEAST_JOBS_TAKEN_OVER_SECONDS: u64 = 3;
const LONGEST_JOBS_TAKEN_OVER_SECONDS: u64 = 600;

impl Settings<'_> {
    pub(super) fn drain(&mut self) -> Duration {
        Duration::from_secs(self.number(DRAIN_SECONDS, DEFAULT_DRAIN_SECONDS, 0..=LONGEST_DRAIN_SECONDS))
    }

    pub(super) fn key_retention(&mut self) -> time::Duration {
        let range = 1..=u64::from(LONGEST_KEY_RETENTION_DAYS);
        let days = self.number(KEY_RETENTION_DAYS, u64::from(DEFAULT_KEY_RETENTION_DAYS), range);
        time::Duration::DAY * u32::try_from(days).unwrap_or(DEFAULT_KEY_RETENTION_DAYS)
    }

    pub(super) fn jobs_taken_over(&mut self) -> Duration {
        let range = LEAST_JOBS_TAKEN_OVER_SECONDS..=LONGEST_JOBS_TAKEN_OVER_SECONDS;
        Duration::from_secs(self.number(JOBS_TAKEN_OVER_SECONDS, DEFAULT_JOBS_TAKEN_OVER_SECONDS, range))
    }

    pub(super) fn limits(&mut self) -> GatewayLimits {
        let default = GatewayLimits::default();
        let megabytes = self.number(GATEWAY_BODY_MEGABYTES, (default.body / MEGABYTE) as u64, 1..=1024);
        let calls = self.number(GATEWAY_CALLS_PER_TOKEN, default.calls_per_token as u64, 1..=1_000_000);
        let per_minute = u64::from(default.platform_calls_per_minute.get());
        let per_minute = self.number(GATEWAY_PLATFORM_CALLS_PER_MINUTE, per_minute, 1..=1_000_000);
        GatewayLimits {
            body: usize::try_from(megabytes).map_or(default.body, |megabytes| megabytes * MEGABYTE),
            connect: self.seconds(GATEWAY_CONNECT_SECONDS, default.connect),
            first_byte: self.seconds(GATEWAY_FIRST_BYTE_SECONDS, default.first_byte),
            idle: self.seconds(GATEWAY_IDLE_SECONDS, default.idle),
            total: self.seconds(GATEWAY_TOTAL_SECONDS, default.total),
            calls_per_token: usize::try_from(calls).unwrap_or(default.calls_per_token),
            platform_calls_per_minute: u32::try_from(per_minute)
                .ok()
                .and_then(NonZeroU32::new)
                .unwrap_or(default.platform_calls_per_minute),
        }
    }

    fn seconds(&mut self, variable: &str, default: Duration) -> Duration {
        Duration::from_secs(self.number(variable, default.as_secs(), 1..=DAY))
    }
}
