//! A key's health as the API writes it.

use utoipa::ToSchema;

/// Whether a key works.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes what the domain writes")]
pub(super) enum HealthStatus {
    /// It works.
    Healthy,
    /// It does not.
    Unhealthy,
    /// The provider could not be asked.
    Unknown,
}
