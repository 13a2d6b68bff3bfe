//! Provider keys as the Levain API has them: without a project in the path.

pub(super) mod add;
pub(super) mod list;
pub(super) mod revoke;

use super::moment::Moment;
use crate::domain::ProviderKey;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where the keys stand.
const COLLECTION: &str = "/api/v1/byok";
/// Where the document has a provider for one method, and a key for the other.
const ITEM: &str = "/api/v1/byok/{provider_or_key_id}";

/// A key, without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = LevainKey)]
struct KeyBody {
    /// What it is revoked by.
    key_id: Uuid,
    #[schema(example = "anthropic")]
    provider: String,
    /// When it was added.
    created_at: Moment,
    /// The last four characters of a secret long enough to show them.
    #[schema(example = "f3Qz")]
    last_four: Option<String>,
}

impl From<ProviderKey> for KeyBody {
    fn from(key: ProviderKey) -> Self {
        let (_, shown) = key.redacted.rsplit_once("...").unwrap_or_default();
        Self {
            key_id: key.id.as_uuid(),
            provider: key.provider.to_string(),
            created_at: key.created_at.into(),
            last_four: (!shown.is_empty()).then(|| shown.to_owned()),
        }
    }
}
