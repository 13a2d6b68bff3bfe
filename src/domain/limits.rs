//! How much of the gateway one caller may use.

use std::num::NonZeroU32;
use std::time::Duration;

/// The gateway's limits.
#[derive(Clone, Copy, Debug)]
pub struct GatewayLimits {
    /// The largest request body, in bytes.
    pub body: usize,
    /// How long a connection to a provider may take to open.
    pub connect: Duration,
    /// How long a provider may take to begin its answer.
    pub first_byte: Duration,
    /// How long an answer may pause.
    pub idle: Duration,
    /// How long a call may take in all.
    pub total: Duration,
    /// How many calls one token may have open.
    pub calls_per_token: usize,
    /// How many calls a minute one organization may make with platform keys.
    pub platform_calls_per_minute: NonZeroU32,
}

impl Default for GatewayLimits {
    fn default() -> Self {
        Self {
            body: 64 * 1024 * 1024,
            connect: Duration::from_secs(10),
            first_byte: Duration::from_mins(10),
            idle: Duration::from_mins(2),
            total: Duration::from_hours(1),
            calls_per_token: 1024,
            platform_calls_per_minute: NonZeroU32::MIN.saturating_add(599),
        }
    }
}
