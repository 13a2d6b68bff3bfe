//! Tokens, found by their public id, compared by their hash.

use super::{OrgTx, StoreError, SystemTx};
use crate::domain::{OrgId, ProjectId, Scopes, TokenId, UserId};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// A token, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The token.
    pub id: TokenId,
    /// The part of its text that is no secret.
    pub public_id: String,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// Its only project; `None` for the whole organization.
    pub project: Option<ProjectId>,
    /// Who made it, where a person did.
    pub created_by: Option<UserId>,
    /// That person's address, or the maker's name.
    pub created_by_name: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it stops working by itself.
    pub expires_at: Option<OffsetDateTime>,
    /// When it was revoked.
    pub revoked_at: Option<OffsetDateTime>,
    /// When it last called.
    pub last_used_at: Option<OffsetDateTime>,
    /// The token that took over from it; it works until it expires.
    pub superseded_by: Option<TokenId>,
}

impl Token {
    /// Whether it works at `now`.
    #[must_use]
    pub fn is_active(&self, now: OffsetDateTime) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| end > now)
    }

    /// Whether it works at `now`, and somebody should see to it soon: a week before its end, or in the last quarter of
    /// a shorter life.
    #[must_use]
    pub fn expires_soon(&self, now: OffsetDateTime) -> bool {
        let is_near = |end: OffsetDateTime| end - now <= Duration::WEEK.min((end - self.created_at) / 4);
        self.is_active(now) && self.expires_at.is_some_and(is_near)
    }
}

/// What authentication needs to know of a token.
#[derive(Debug)]
pub struct TokenCredentials {
    /// Its organization.
    pub org: OrgId,
    /// The token.
    pub id: TokenId,
    /// The HMAC of its text.
    pub hash: Vec<u8>,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub scopes: Scopes,
    /// Its only project.
    pub project: Option<ProjectId>,
    /// When it stops working by itself.
    pub expires_at: Option<OffsetDateTime>,
    /// When it was revoked.
    pub revoked_at: Option<OffsetDateTime>,
    /// When it last called.
    pub last_used_at: Option<OffsetDateTime>,
    /// What to compare with [`super::routes::token_states`].
    pub state: String,
}

struct TokenRow {
    id: Uuid,
    public_id: String,
    name: String,
    scopes: Vec<String>,
    project_id: Option<Uuid>,
    created_by: Option<Uuid>,
    created_by_name: String,
    created_at: OffsetDateTime,
    expires_at: Option<OffsetDateTime>,
    revoked_at: Option<OffsetDateTime>,
    last_used_at: Option<OffsetDateTime>,
    superseded_by: Option<Uuid>,
}

impl TryFrom<TokenRow> for Token {
    type Error = StoreError;

    fn try_from(row: TokenRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: TokenId::from_uuid(row.id),
            public_id: row.public_id,
            name: row.name,
            scopes: read_scopes(row.scopes)?,
            project: row.project_id.map(ProjectId::from_uuid),
            created_by: row.created_by.map(UserId::from_uuid),
            created_by_name: row.created_by_name,
            created_at: row.created_at,
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
            superseded_by: row.superseded_by.map(TokenId::from_uuid),
        })
    }
}

fn read_scopes(scopes: Vec<String>) -> Result<Scopes, StoreError> {
    Scopes::parse(scopes).map_err(|error| StoreError::corrupt("tokens", &error))
}

/// The token with this public id, whatever its organization.
///
/// # Errors
/// Whatever the database says.
pub async fn find_by_public_id(tx: &mut SystemTx, public_id: &str) -> Result<Option<TokenCredentials>, StoreError> {
    let row = sqlx::query!(
        r#"select org_id as "org_id!", id as "id!", hash as "hash!", name as "name!",
                  scopes as "scopes!", project_id, expires_at, revoked_at, last_used_at,
                  state as "state!"
           from system_token_by_public_id($1)"#,
        public_id
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(|row| {
        Ok(TokenCredentials {
            org: OrgId::from_uuid(row.org_id),
            id: TokenId::from_uuid(row.id),
            hash: row.hash,
            name: row.name,
            scopes: read_scopes(row.scopes)?,
            project: row.project_id.map(ProjectId::from_uuid),
            expires_at: row.expires_at,
            revoked_at: row.revoked_at,
            last_used_at: row.last_used_at,
            state: row.state,
        })
    })
    .transpose()
}

/// The tokens that reach `project`: its own and those of the whole organization, the newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list(tx: &mut OrgTx, project: ProjectId) -> Result<Vec<Token>, StoreError> {
    let rows = sqlx::query_as!(
        TokenRow,
        "select id, public_id, name, scopes, project_id, created_by, created_by_name, created_at,
                expires_at, revoked_at, last_used_at, superseded_by
         from tokens where org_id = $1 and (project_id = $2 or project_id is null)
         order by created_at desc, id desc",
        tx.org.as_uuid(),
        project.as_uuid()
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// Every token of the organization, the newest first.
///
/// # Errors
/// Whatever the database says.
pub async fn list_all(tx: &mut OrgTx) -> Result<Vec<Token>, StoreError> {
    let rows = sqlx::query_as!(
        TokenRow,
        "select id, public_id, name, scopes, project_id, created_by, created_by_name, created_at,
                expires_at, revoked_at, last_used_at, superseded_by
         from tokens where org_id = $1 order by created_at desc, id desc",
        tx.org.as_uuid()
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// One token of the organization.
///
/// # Errors
/// Whatever the database says.
pub async fn find(tx: &mut OrgTx, id: TokenId) -> Result<Option<Token>, StoreError> {
    let row = sqlx::query_as!(
        TokenRow,
        "select id, public_id, name, scopes, project_id, created_by, created_by_name, created_at,
                expires_at, revoked_at, last_used_at, superseded_by
         from tokens where org_id = $1 and id = $2",
        tx.org.as_uuid(),
        id.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(TryInto::try_into).transpose()
}

/// The same, held until the transaction ends: who else asks for it so waits.
///
/// # Errors
/// Whatever the database says.
pub async fn lock(tx: &mut OrgTx, id: TokenId) -> Result<Option<Token>, StoreError> {
    let row = sqlx::query_as!(
        TokenRow,
        "select id, public_id, name, scopes, project_id, created_by, created_by_name, created_at,
                expires_at, revoked_at, last_used_at, superseded_by
         from tokens where org_id = $1 and id = $2 for no key update",
        tx.org.as_uuid(),
        id.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(TryInto::try_into).transpose()
}

/// Lets `successor` take over from a token, which works until `until` at most.
///
/// # Errors
/// Whatever the database says.
pub async fn supersede(
    tx: &mut OrgTx,
    id: TokenId,
    successor: TokenId,
    until: OffsetDateTime,
) -> Result<Option<Token>, StoreError> {
    let row = sqlx::query_as!(
        TokenRow,
        "update tokens set superseded_by = $3, expires_at = least(expires_at, $4)
         where org_id = $1 and id = $2 and superseded_by is null
         returning id, public_id, name, scopes, project_id, created_by, created_by_name, created_at,
                   expires_at, revoked_at, last_used_at, superseded_by",
        tx.org.as_uuid(),
        id.as_uuid(),
        successor.as_uuid(),
        until
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(TryInto::try_into).transpose()
}

/// Ends a token of the organization, whatever it reaches; as [`revoke`].
///
/// # Errors
/// Whatever the database says.
pub async fn end(tx: &mut OrgTx, id: TokenId, now: OffsetDateTime) -> Result<Option<Token>, StoreError> {
    let row = sqlx::query_as!(
        TokenRow,
        "update tokens set revoked_at = coalesce(revoked_at, $3)
         where org_id = $1 and id = $2
         returning id, public_id, name, scopes, project_id, created_by, created_by_name, created_at,
                   expires_at, revoked_at, last_used_at, superseded_by",
        tx.org.as_uuid(),
        id.as_uuid(),
        now
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(TryInto::try_into).transpose()
}

/// Stores a token that was just made.
///
/// # Errors
/// Whatever the database says.
pub async fn insert(tx: &mut OrgTx, token: &Token, hash: &[u8; 32]) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into tokens (org_id, id, public_id, hash, name, scopes, project_id, created_by,
                             created_by_name, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        tx.org.as_uuid(),
        token.id.as_uuid(),
        token.public_id,
        hash.as_slice(),
        token.name,
        &token.scopes.to_strings(),
        token.project.map(|project| project.as_uuid()),
        token.created_by.map(|user| user.as_uuid()),
        token.created_by_name,
        token.created_at,
        token.expires_at
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Ends a token that reaches `project`; `None` when there is no such token. Ending it twice
/// changes nothing.
///
/// # Errors
/// Whatever the database says.
pub async fn revoke(
    tx: &mut OrgTx,
    project: ProjectId,
    id: TokenId,
    now: OffsetDateTime,
) -> Result<Option<Token>, StoreError> {
    let row = sqlx::query_as!(
        TokenRow,
        "update tokens set revoked_at = coalesce(revoked_at, $4)
         where org_id = $1 and id = $3 and (project_id = $2 or project_id is null)
         returning id, public_id, name, scopes, project_id, created_by, created_by_name, created_at,
                   expires_at, revoked_at, last_used_at, superseded_by",
        tx.org.as_uuid(),
        project.as_uuid(),
        id.as_uuid(),
        now
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(TryInto::try_into).transpose()
}

/// Notes that a token called.
///
/// # Errors
/// Whatever the database says.
pub async fn touch(tx: &mut OrgTx, id: TokenId, now: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query!(
        "update tokens set last_used_at = $3 where org_id = $1 and id = $2",
        tx.org.as_uuid(),
        id.as_uuid(),
        now
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
