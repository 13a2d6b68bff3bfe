//! What the people and things on the trail are called.

use crate::domain::{KeyId, ProjectId, TokenId, UserId};
use crate::store::{OrgTx, StoreError};
use uuid::Uuid;

/// A provider key that events were about, whether or not it is still there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyOnTrail {
    /// The key.
    pub id: KeyId,
    /// Its provider's slug.
    pub provider: String,
    /// Its name; empty where it has none.
    pub name: String,
    /// Its project's slug.
    pub project: String,
}

/// A project that events were about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectOnTrail {
    /// The project.
    pub id: ProjectId,
    /// Its slug.
    pub slug: String,
    /// Its name.
    pub name: String,
}

/// The people and tokens that ever did something, with their kinds, at most `limit`. Goes from one to the next by the
/// index, so that it does not matter how much each did.
///
/// # Errors
/// Whatever the database says.
pub async fn actors(tx: &mut OrgTx, limit: i64) -> Result<Vec<(String, Uuid)>, StoreError> {
    let rows = sqlx::query!(
        r#"with recursive actors as (
               (select actor_id, actor_kind from audit_events
                where org_id = $1 and actor_id is not null order by actor_id limit 1)
               union all
               select next.actor_id, next.actor_kind
               from actors cross join lateral (
                   select e.actor_id, e.actor_kind from audit_events e
                   where e.org_id = $1 and e.actor_id > actors.actor_id order by e.actor_id limit 1
               ) next
           )
           select actor_kind as "kind!", actor_id as "id!" from actors limit $2"#,
        tx.org().as_uuid(),
        limit
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|row| (row.kind, row.id)).collect())
}

/// The addresses of those of these people whom the trail tells of, also when they left the organization.
///
/// # Errors
/// Whatever the database says.
pub async fn people_named(tx: &mut OrgTx, ids: &[Uuid]) -> Result<Vec<(UserId, String)>, StoreError> {
    let rows = sqlx::query!(
        r#"select id as "id!", email as "email!" from system_people_on_trail($1)"#,
        ids
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (UserId::from_uuid(row.id), row.email))
        .collect())
}

/// The names of those of these tokens that are the organization's.
///
/// # Errors
/// Whatever the database says.
pub async fn tokens_named(tx: &mut OrgTx, ids: &[Uuid]) -> Result<Vec<(TokenId, String)>, StoreError> {
    let rows = sqlx::query!(
        "select id, name from tokens where org_id = $1 and id = any ($2)",
        tx.org().as_uuid(),
        ids
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| (TokenId::from_uuid(row.id), row.name))
        .collect())
}

/// The names of those of these projects that are the organization's.
///
/// # Errors
/// Whatever the database says.
pub async fn projects_named(tx: &mut OrgTx, ids: &[Uuid]) -> Result<Vec<ProjectOnTrail>, StoreError> {
    let rows = sqlx::query!(
        "select id, slug, name from projects where org_id = $1 and id = any ($2)",
        tx.org().as_uuid(),
        ids
    )
    .fetch_all(tx.connection())
    .await?;
    let project = |row: (Uuid, String, String)| ProjectOnTrail {
        id: ProjectId::from_uuid(row.0),
        slug: row.1,
        name: row.2,
    };
    Ok(rows
        .into_iter()
        .map(|row| project((row.id, row.slug, row.name)))
        .collect())
}

/// What those of these keys are called that are the organization's.
///
/// # Errors
/// Whatever the database says.
pub async fn keys_named(tx: &mut OrgTx, ids: &[Uuid]) -> Result<Vec<KeyOnTrail>, StoreError> {
    let rows = sqlx::query!(
        "select k.id, k.provider, k.name, p.slug
         from provider_keys k join projects p on p.org_id = k.org_id and p.id = k.project_id
         where k.org_id = $1 and k.id = any ($2)",
        tx.org().as_uuid(),
        ids
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| KeyOnTrail {
            id: KeyId::from_uuid(row.id),
            provider: row.provider,
            name: row.name,
            project: row.slug,
        })
        .collect())
}
