//! A project's provider keys by their ids.

pub(super) mod add;
pub(super) mod delete;
pub(super) mod dependents;
pub(super) mod end_overlap;
pub(super) mod get;
pub(super) mod import;
pub(super) mod list;
pub(super) mod patch;
pub(super) mod reorder;
pub(super) mod replace;
pub(super) mod restore;
pub(super) mod rotate;
pub(super) mod test;

use super::health::HealthStatus;
use super::moment::Moment;
use super::version::Versioned;
use crate::domain::{Fallback, HealthReason, KeyId, ProviderKey};
use crate::service::keys::KeyTwin;
use crate::service::{Missing, ServiceError};
use crate::web::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a project's keys stand.
const COLLECTION: &str = "/api/v1/projects/{project}/keys";
/// Where one stands.
const ITEM: &str = "/api/v1/projects/{project}/keys/{key}";
/// What is said where a key leaves it to its project.
const UNDECIDED: &str = "project";

/// A provider key, without its secret.
#[derive(Serialize, ToSchema)]
#[schema(as = ProviderKey)]
struct KeyBody {
    id: Uuid,
    project_id: Uuid,
    /// The provider's slug.
    #[schema(example = "openai")]
    provider: String,
    /// What people call it; may be empty.
    #[schema(example = "Production")]
    name: String,
    /// What is shown of the secret; empty once it was erased.
    #[schema(example = "sk-proj-...f3Qz")]
    redacted: String,
    /// Whether calls use it that name no key.
    is_default: bool,
    /// Whether it is switched on.
    is_active: bool,
    /// Its place among the provider's keys, from 1.
    position: i32,
    health: KeyHealth,
    /// Whose key serves when this one does not.
    fallback: KeyFallback,
    /// Where its secret may be sent.
    #[schema(example = "https://api.openai.com")]
    endpoint: String,
    /// Azure's `api-version`, where one was chosen.
    api_version: Option<String>,
    last_used_at: Option<Moment>,
    /// The address or name of who brought its secret.
    added_by: String,
    created_at: Moment,
    /// When its configuration last changed.
    updated_at: Moment,
    /// When it was deleted; it can be restored for a while.
    deleted_at: Option<Moment>,
    /// When its secret was erased, for ever.
    purged_at: Option<Moment>,
    /// When it goes, because it was rotated out.
    retires_at: Option<Moment>,
    /// The key that it was rotated out by.
    superseded_by: Option<Uuid>,
    /// When the key that it had superseded took over again, because the provider refused this one.
    rotation_undone_at: Option<Moment>,
    /// Counts up with each new secret.
    secret_version: i64,
    /// Counts up with each change of configuration; the `ETag`.
    version: i64,
}

/// Whether a key works, from a probe or from live traffic.
#[derive(Serialize, ToSchema)]
struct KeyHealth {
    #[schema(value_type = HealthStatus)]
    status: &'static str,
    /// `invalid`, `blocked`, `exhausted`, `restricted`, `rate_limited`, `unreachable`; null when there is nothing to
    /// complain of.
    reason: Option<&'static str>,
    /// The provider's own words.
    message: Option<String>,
    checked_at: Option<Moment>,
    /// When it is tried again, where the provider said so.
    retry_at: Option<Moment>,
}

/// What was decided for a key: `platform` for the operator's key, `fail`, or `project` to leave it to the project.
#[derive(Serialize, ToSchema)]
struct KeyFallback {
    #[schema(value_type = KeyFallbackSetting)]
    on_missing: &'static str,
    #[schema(value_type = KeyFallbackSetting)]
    on_failure: &'static str,
}

/// The operator's key serves, the call fails, or the project decides.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "describes what the domain writes")]
enum KeyFallbackSetting {
    Platform,
    Fail,
    Project,
}

/// A key that was just brought.
#[derive(Serialize, ToSchema)]
#[schema(as = SavedProviderKey)]
struct SavedBody {
    key: KeyBody,
    /// The provider whose key it looks like, when not this one's.
    looks_like: Option<&'static str>,
    /// Other keys of the organization with the same secret, as far as the caller may know of them.
    twins: Vec<TwinBody>,
}

/// A key with the same secret.
#[derive(Serialize, ToSchema)]
#[schema(as = KeyTwin)]
struct TwinBody {
    id: Uuid,
    name: String,
    #[schema(example = "openai")]
    provider: String,
    project_id: Uuid,
    project_name: String,
}

impl From<ProviderKey> for KeyBody {
    fn from(key: ProviderKey) -> Self {
        let decided = |choice: Option<Fallback>| choice.map_or(UNDECIDED, Fallback::as_str);
        Self {
            id: key.id.as_uuid(),
            project_id: key.project.as_uuid(),
            provider: key.provider.to_string(),
            name: key.name,
            redacted: key.redacted,
            is_default: key.is_default,
            is_active: key.is_active,
            position: key.position,
            health: KeyHealth {
                status: key.health.status().as_str(),
                reason: key.health.reason.map(HealthReason::as_str),
                message: key.health.message,
                checked_at: key.health.checked_at.map(Moment::from),
                retry_at: key.health.retry_at.map(Moment::from),
            },
            fallback: KeyFallback {
                on_missing: decided(key.fallback.on_missing),
                on_failure: decided(key.fallback.on_failure),
            },
            endpoint: key.endpoint.as_str().to_owned(),
            api_version: key.api_version,
            last_used_at: key.last_used_at.map(Moment::from),
            added_by: key.added_by_name,
            created_at: key.created_at.into(),
            updated_at: key.updated_at.into(),
            deleted_at: key.deleted_at.map(Moment::from),
            purged_at: key.purged_at.map(Moment::from),
            retires_at: key.retires_at.map(Moment::from),
            superseded_by: key.superseded_by.map(|key| key.as_uuid()),
            rotation_undone_at: key.rotation_undone_at.map(Moment::from),
            secret_version: key.secret_version,
            version: key.row_version,
        }
    }
}

impl From<ProviderKey> for Versioned<KeyBody> {
    fn from(key: ProviderKey) -> Self {
        Self {
            row_version: key.row_version,
            body: key.into(),
        }
    }
}

impl From<crate::service::keys::SavedKey> for Versioned<SavedBody> {
    fn from(saved: crate::service::keys::SavedKey) -> Self {
        Self {
            row_version: saved.key.row_version,
            body: SavedBody {
                key: saved.key.into(),
                looks_like: saved.looks_like,
                twins: saved.twins.into_iter().map(TwinBody::from).collect(),
            },
        }
    }
}

impl From<KeyTwin> for TwinBody {
    fn from(twin: KeyTwin) -> Self {
        Self {
            id: twin.key.as_uuid(),
            name: twin.name,
            provider: twin.provider.to_string(),
            project_id: twin.project.as_uuid(),
            project_name: twin.project_name,
        }
    }
}

/// The key that a path names; what is no id names none.
fn named(id: &str) -> Result<KeyId, Problem> {
    id.parse().map_err(|_| ServiceError::Missing(Missing::Key).into())
}
