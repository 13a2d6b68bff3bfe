//! A provider key as its row has it.

use crate::domain::{Endpoint, Health, HealthReason, KeyId, ProjectId, ProviderKey, ProviderSlug, UserId};
use crate::store::StoreError;
use crate::store::projects::read_choice;
use time::OffsetDateTime;
use uuid::Uuid;

/// Keys that the rest of the query names: `select_keys!("where …", arguments…)`.
macro_rules! select_keys {
    ($rest:tt $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            KeyRow,
            "select id, project_id, provider, name, is_default, is_active, redacted, endpoint, api_version,
                    secret_version, row_version, health_reason, health_message, checked_at, retry_at, on_missing,
                    on_failure, last_used_at, added_by, added_by_name, created_at, updated_at, deleted_at, purged_at,
                    position, retires_at, superseded_by, name_before, rotation_undone_at
             from provider_keys "
                + $rest
            $(, $argument)*
        )
    };
}
pub(super) use select_keys;

pub(super) struct KeyRow {
    pub(super) id: Uuid,
    pub(super) project_id: Uuid,
    pub(super) provider: String,
    pub(super) name: String,
    pub(super) is_default: bool,
    pub(super) is_active: bool,
    pub(super) redacted: String,
    pub(super) endpoint: String,
    pub(super) api_version: Option<String>,
    pub(super) secret_version: i64,
    pub(super) row_version: i64,
    pub(super) health_reason: Option<String>,
    pub(super) health_message: Option<String>,
    pub(super) checked_at: Option<OffsetDateTime>,
    pub(super) retry_at: Option<OffsetDateTime>,
    pub(super) on_missing: Option<String>,
    pub(super) on_failure: Option<String>,
    pub(super) last_used_at: Option<OffsetDateTime>,
    pub(super) added_by: Option<Uuid>,
    pub(super) added_by_name: String,
    pub(super) created_at: OffsetDateTime,
    pub(super) updated_at: OffsetDateTime,
    pub(super) deleted_at: Option<OffsetDateTime>,
    pub(super) purged_at: Option<OffsetDateTime>,
    pub(super) position: i32,
    pub(super) retires_at: Option<OffsetDateTime>,
    pub(super) superseded_by: Option<Uuid>,
    pub(super) name_before: Option<String>,
    pub(super) rotation_undone_at: Option<OffsetDateTime>,
}

impl TryFrom<KeyRow> for ProviderKey {
    type Error = StoreError;

    fn try_from(row: KeyRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: KeyId::from_uuid(row.id),
            project: ProjectId::from_uuid(row.project_id),
            provider: read_provider(&row.provider)?,
            name: row.name,
            is_default: row.is_default,
            is_active: row.is_active,
            redacted: row.redacted,
            endpoint: Endpoint::from_stored(row.endpoint),
            api_version: row.api_version,
            health: Health {
                reason: read_reason(row.health_reason.as_deref())?,
                message: row.health_message,
                checked_at: row.checked_at,
                retry_at: row.retry_at,
            },
            fallback: read_choice(row.on_missing.as_deref(), row.on_failure.as_deref())?,
            last_used_at: row.last_used_at,
            added_by: row.added_by.map(UserId::from_uuid),
            added_by_name: row.added_by_name,
            created_at: row.created_at,
            updated_at: row.updated_at,
            deleted_at: row.deleted_at,
            purged_at: row.purged_at,
            position: row.position,
            retires_at: row.retires_at,
            superseded_by: row.superseded_by.map(KeyId::from_uuid),
            name_before: row.name_before,
            rotation_undone_at: row.rotation_undone_at,
            secret_version: row.secret_version,
            row_version: row.row_version,
        })
    }
}

pub(in crate::store) fn read_provider(provider: &str) -> Result<ProviderSlug, StoreError> {
    let unreadable = |_| StoreError::corrupt("provider_keys", &format!("provider {provider:?}"));
    provider.parse().map_err(unreadable)
}

pub(in crate::store) fn read_reason(reason: Option<&str>) -> Result<Option<HealthReason>, StoreError> {
    let parse = |reason: &str| {
        reason
            .parse()
            .map_err(|()| StoreError::corrupt("provider_keys", &format!("reason {reason:?}")))
    };
    reason.map(parse).transpose()
}

pub(super) fn read(row: Option<KeyRow>) -> Result<Option<ProviderKey>, StoreError> {
    row.map(TryInto::try_into).transpose()
}

pub(super) fn read_all(rows: Vec<KeyRow>) -> Result<Vec<ProviderKey>, StoreError> {
    rows.into_iter().map(TryInto::try_into).collect()
}
