//! Provider keys as the Sonzai API has them: the default key of each provider, by its slug.

pub(super) mod delete;
pub(super) mod get;
pub(super) mod list;
pub(super) mod patch;
pub(super) mod put;
pub(super) mod test;

use super::health::HealthStatus;
use super::moment::Moment;
use crate::domain::ProviderKey;
use serde::Serialize;
use utoipa::ToSchema;

/// Where a project's keys stand.
const COLLECTION: &str = "/api/v1/projects/{project}/byok-keys";
/// Where a provider's key stands.
const ITEM: &str = "/api/v1/projects/{project}/byok-keys/{provider}";

/// A provider key. Published clients of this API refuse any further field.
#[derive(Serialize, ToSchema)]
#[schema(as = SonzaiKey)]
struct KeyBody {
    /// The provider's slug.
    #[schema(example = "openai")]
    provider: String,
    /// What is shown of the secret.
    #[schema(example = "sk-proj-...f3Qz")]
    api_key_prefix: String,
    is_active: bool,
    /// `healthy`, `unhealthy`, `unknown`
    #[schema(value_type = HealthStatus)]
    health_status: &'static str,
    last_health_check_at: Option<Moment>,
    /// The provider's own words; null exactly when there is nothing to complain of.
    last_health_error: Option<String>,
    last_used_at: Option<Moment>,
    updated_at: Moment,
}

impl From<ProviderKey> for KeyBody {
    fn from(key: ProviderKey) -> Self {
        Self {
            provider: key.provider.to_string(),
            api_key_prefix: key.redacted,
            is_active: key.is_active,
            health_status: key.health.status().as_str(),
            last_health_check_at: key.health.checked_at.map(Moment::from),
            last_health_error: key.health.message,
            last_used_at: key.last_used_at.map(Moment::from),
            updated_at: key.updated_at.into(),
        }
    }
}
