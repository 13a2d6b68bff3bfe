//! Invitations, found by the hash of their link's token.

use super::{OrgTx, StoreError, SystemTx};
use crate::domain::{InvitationId, OrgId, Role, UserId};
use time::OffsetDateTime;
use uuid::Uuid;

/// An invitation that was neither accepted nor revoked, without its link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The invitation.
    pub id: InvitationId,
    /// Whom it is for: the only address that may accept it.
    pub email: String,
    /// The role that they get.
    pub role: Role,
    /// Who made it, where a person did.
    pub invited_by: Option<UserId>,
    /// That person's address, or the maker's name.
    pub invited_by_name: String,
    /// When it was made.
    pub created_at: OffsetDateTime,
    /// When it stops working by itself.
    pub expires_at: OffsetDateTime,
}

impl Invitation {
    /// Whether its link works at `now`.
    #[must_use]
    pub fn is_open(&self, now: OffsetDateTime) -> bool {
        self.expires_at > now
    }
}

/// An invitation whose link was presented, while it can be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenInvitation {
    /// The organization that one is invited to.
    pub org: OrgId,
    /// Its name.
    pub organization: String,
    /// The invitation.
    pub id: InvitationId,
    /// Whom it is for.
    pub email: String,
    /// The role that they get.
    pub role: Role,
    /// Who made it.
    pub invited_by_name: String,
    /// When it stops working by itself.
    pub expires_at: OffsetDateTime,
    /// The person with this address, where there is one already.
    pub user: Option<UserId>,
}

struct InvitationRow {
    id: Uuid,
    email: String,
    role: String,
    invited_by: Option<Uuid>,
    invited_by_name: String,
    created_at: OffsetDateTime,
    expires_at: OffsetDateTime,
}

impl TryFrom<InvitationRow> for Invitation {
    type Error = StoreError;

    fn try_from(row: InvitationRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: InvitationId::from_uuid(row.id),
            email: row.email,
            role: read_role(&row.role)?,
            invited_by: row.invited_by.map(UserId::from_uuid),
            invited_by_name: row.invited_by_name,
            created_at: row.created_at,
            expires_at: row.expires_at,
        })
    }
}

fn read_role(role: &str) -> Result<Role, StoreError> {
    role.parse().map_err(|error| StoreError::corrupt("invitations", &error))
}

/// Invitations that were neither accepted nor revoked, the newest first; those that have run out among them.
///
/// # Errors
/// Whatever the database says.
pub async fn list(tx: &mut OrgTx) -> Result<Vec<Invitation>, StoreError> {
    let rows = sqlx::query_as!(
        InvitationRow,
        "select id, email, role, invited_by, invited_by_name, created_at, expires_at
         from invitations where org_id = $1 and accepted_at is null and revoked_at is null
         order by created_at desc, id desc",
        tx.org.as_uuid()
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// The invitation, unless it was accepted or revoked.
///
/// # Errors
/// Whatever the database says.
pub async fn find(tx: &mut OrgTx, id: InvitationId) -> Result<Option<Invitation>, StoreError> {
    let row = sqlx::query_as!(
        InvitationRow,
        "select id, email, role, invited_by, invited_by_name, created_at, expires_at
         from invitations where org_id = $1 and id = $2 and accepted_at is null and revoked_at is null
         for update",
        tx.org.as_uuid(),
        id.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(TryInto::try_into).transpose()
}

/// Stores an invitation by the hash of its link's token.
///
/// # Errors
/// Breaks `invitations_one_open` when the address has another one.
pub async fn insert(tx: &mut OrgTx, invitation: &Invitation, hash: &[u8; 32]) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into invitations (org_id, id, email, role, hash, invited_by, invited_by_name, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        tx.org.as_uuid(),
        invitation.id.as_uuid(),
        invitation.email,
        invitation.role.as_str(),
        hash.as_slice(),
        invitation.invited_by.map(|user| user.as_uuid()),
        invitation.invited_by_name,
        invitation.created_at,
        invitation.expires_at
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Ends an invitation that was not accepted; whether there was one.
///
/// # Errors
/// Whatever the database says.
pub async fn revoke(tx: &mut OrgTx, id: InvitationId, now: OffsetDateTime) -> Result<bool, StoreError> {
    let revoked = sqlx::query!(
        "update invitations set revoked_at = $3
         where org_id = $1 and id = $2 and accepted_at is null and revoked_at is null",
        tx.org.as_uuid(),
        id.as_uuid(),
        now
    )
    .execute(tx.connection())
    .await?;
    Ok(revoked.rows_affected() == 1)
}

/// Uses an invitation up; of two who try at once, one wins.
///
/// # Errors
/// Whatever the database says.
pub async fn take(tx: &mut OrgTx, id: InvitationId, user: UserId, now: OffsetDateTime) -> Result<bool, StoreError> {
    let taken = sqlx::query!(
        "update invitations set accepted_at = $4, accepted_by = $3
         where org_id = $1 and id = $2 and accepted_at is null and revoked_at is null and expires_at > $4",
        tx.org.as_uuid(),
        id.as_uuid(),
        user.as_uuid(),
        now
    )
    .execute(tx.connection())
    .await?;
    Ok(taken.rows_affected() == 1)
}

/// The invitation behind a link, while it can be accepted, whatever its organization.
///
/// # Errors
/// Whatever the database says.
pub async fn find_by_hash(
    tx: &mut SystemTx,
    hash: &[u8; 32],
    now: OffsetDateTime,
) -> Result<Option<OpenInvitation>, StoreError> {
    let row = sqlx::query!(
        r#"select org_id as "org_id!", organization as "organization!", id as "id!", email as "email!", role as "role!",
                  invited_by_name as "invited_by_name!", expires_at as "expires_at!", user_id
           from system_invitation_by_hash($1, $2)"#,
        hash.as_slice(),
        now
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(|row| {
        Ok(OpenInvitation {
            org: OrgId::from_uuid(row.org_id),
            organization: row.organization,
            id: InvitationId::from_uuid(row.id),
            email: row.email,
            role: read_role(&row.role)?,
            invited_by_name: row.invited_by_name,
            expires_at: row.expires_at,
            user: row.user_id.map(UserId::from_uuid),
        })
    })
    .transpose()
}
