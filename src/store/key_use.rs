//! Who uses a key, from what was recorded of calls.

use super::{OrgTx, StoreError};
use crate::domain::{KeyId, ProjectId};
use std::collections::HashMap;
use time::OffsetDateTime;

/// What used a key within a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyUse {
    /// How many tokens.
    pub tokens: i64,
    /// In how many calls.
    pub calls: i64,
    /// When the last of these began.
    pub last_call_at: Option<OffsetDateTime>,
}

/// What used the project's key since then.
///
/// # Errors
/// Whatever the database says.
pub async fn since(
    tx: &mut OrgTx,
    project: ProjectId,
    key: KeyId,
    since: OffsetDateTime,
) -> Result<KeyUse, StoreError> {
    Ok(sqlx::query_as!(
        KeyUse,
        r#"select count(distinct token_id) as "tokens!", count(*) as "calls!", max(occurred_at) as last_call_at
           from usage_events
           where org_id = $1 and project_id = $2 and occurred_at >= $4 and key_id = $3 and key_source = 'byok'"#,
        tx.org.as_uuid(),
        project.as_uuid(),
        key.as_uuid(),
        since
    )
    .fetch_one(tx.connection())
    .await?)
}

/// What used each of the project's keys since then; keys that nothing used are not among them.
///
/// # Errors
/// Whatever the database says.
pub async fn of_project(
    tx: &mut OrgTx,
    project: ProjectId,
    since: OffsetDateTime,
) -> Result<HashMap<KeyId, KeyUse>, StoreError> {
    let rows = sqlx::query!(
        r#"select key_id as "key_id!", count(distinct token_id) as "tokens!", count(*) as "calls!",
                  max(occurred_at) as last_call_at
           from usage_events
           where org_id = $1 and project_id = $2 and occurred_at >= $3 and key_id is not null and key_source = 'byok'
           group by key_id"#,
        tx.org.as_uuid(),
        project.as_uuid(),
        since
    )
    .fetch_all(tx.connection())
    .await?;
    let used = rows.into_iter().map(|row| {
        let used = KeyUse {
            tokens: row.tokens,
            calls: row.calls,
            last_call_at: row.last_call_at,
        };
        (KeyId::from_uuid(row.key_id), used)
    });
    Ok(used.collect())
}
