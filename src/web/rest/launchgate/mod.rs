//! Provider keys as the LaunchGate API has them: without a project in the path, and with `google` for gemini.

pub(super) mod add;
pub(super) mod list;
pub(super) mod revoke;
pub(super) mod test;

use super::health::HealthStatus;
use super::moment::Moment;
use crate::domain::ProviderKey;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where the keys stand.
const COLLECTION: &str = "/v1/byok-keys";
/// Where one stands.
const ITEM: &str = "/v1/byok-keys/{key_id}";
/// What LaunchGate calls Gemini's maker, and what the catalogue calls Gemini.
const GOOGLE: (&str, &str) = ("google", "gemini");

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = LaunchGateKey)]
struct KeyBody {
    id: Uuid,
    /// The provider's slug; Gemini is `google` here.
    #[schema(example = "openai")]
    provider: String,
    #[schema(example = "Production OpenAI Key")]
    name: String,
    /// What is shown of the secret: the vendor's fixed prefix and the last four characters.
    #[schema(example = "sk-proj-...f3Qz")]
    key_prefix: String,
    /// Whether it serves where only the provider is named.
    is_default: bool,
    is_active: bool,
    #[schema(value_type = HealthStatus)]
    health_status: &'static str,
    /// The provider's own words; null exactly when there is nothing to complain of.
    last_health_error: Option<String>,
    last_used_at: Option<Moment>,
    created_at: Moment,
    updated_at: Moment,
}

impl From<ProviderKey> for KeyBody {
    fn from(key: ProviderKey) -> Self {
        Self {
            id: key.id.as_uuid(),
            provider: spoken(key.provider.as_str()).to_owned(),
            name: key.name,
            key_prefix: key.redacted,
            is_default: key.is_default,
            is_active: key.is_active,
            health_status: key.health.status().as_str(),
            last_health_error: key.health.message,
            last_used_at: key.last_used_at.map(Moment::from),
            created_at: key.created_at.into(),
            updated_at: key.updated_at.into(),
        }
    }
}

/// What LaunchGate calls the catalogue's provider.
fn spoken(slug: &str) -> &str {
    if slug == GOOGLE.1 { GOOGLE.0 } else { slug }
}

/// What the catalogue calls LaunchGate's provider.
fn catalogued(name: &str) -> &str {
    if name == GOOGLE.0 { GOOGLE.1 } else { name }
}
