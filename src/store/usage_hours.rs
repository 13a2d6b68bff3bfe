//! Usage by the hour, computed from the events.

use super::{OrgTx, StoreError, SystemTx};
use crate::domain::{ProjectId, ProviderSlug, TokenId};
use time::OffsetDateTime;

/// What calls of a project were made with, so that one can choose among it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kinds {
    /// Providers, by name.
    pub providers: Vec<ProviderSlug>,
    /// Models, by name.
    pub models: Vec<String>,
    /// Tokens.
    pub tokens: Vec<TokenId>,
}

/// Computes the hours from `since` until `until` anew, `since`'s own included.
///
/// # Errors
/// Whatever the database says.
pub async fn roll_up(tx: &mut SystemTx, since: OffsetDateTime, until: OffsetDateTime) -> Result<(), StoreError> {
    allow_minutes(tx).await?;
    sqlx::query!("select system_roll_up_usage($1, $2)", since, until)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Forgets the hours from `since` until `until`, and computes them from nothing.
///
/// # Errors
/// Whatever the database says.
pub async fn rebuild(tx: &mut SystemTx, since: OffsetDateTime, until: OffsetDateTime) -> Result<(), StoreError> {
    allow_minutes(tx).await?;
    sqlx::query!("select system_forget_usage_hours($1, $2)", since, until)
        .execute(tx.connection())
        .await?;
    roll_up(tx, since, until).await
}

/// Nobody waits for this, so it may take longer than what a page does.
async fn allow_minutes(tx: &mut SystemTx) -> Result<(), StoreError> {
    sqlx::query("set local statement_timeout = '10min'")
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// What the project's calls since then were made with.
///
/// # Errors
/// Whatever the database says.
pub async fn kinds(tx: &mut OrgTx, project: ProjectId, since: OffsetDateTime) -> Result<Kinds, StoreError> {
    let row = sqlx::query!(
        r#"select coalesce(array_agg(distinct provider), '{}') as "providers!",
                  coalesce(array_agg(distinct model) filter (where model <> ''), '{}') as "models!",
                  coalesce(array_agg(distinct token_id), '{}') as "tokens!"
           from usage_hours where org_id = $1 and hour >= $2 and project_id = $3"#,
        tx.org.as_uuid(),
        since,
        project.as_uuid()
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(Kinds {
        providers: row.providers.iter().filter_map(|slug| slug.parse().ok()).collect(),
        models: row.models,
        tokens: row.tokens.into_iter().map(TokenId::from_uuid).collect(),
    })
}
