//! Organizations and who belongs to them.

use super::{StoreError, SystemTx};
use crate::domain::{OrgId, Role, UserId};
use time::OffsetDateTime;

/// A person's place in one organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The organization.
    pub org: OrgId,
    /// Its name.
    pub organization: String,
    /// The person's role in it.
    pub role: Role,
    /// The person's address.
    pub email: String,
    /// Whether the person operates this deployment.
    pub is_operator: bool,
}

/// A person's organizations, the oldest membership first.
///
/// # Errors
/// Whatever the database says.
pub async fn memberships_of(tx: &mut SystemTx, user: UserId) -> Result<Vec<Membership>, StoreError> {
    let rows = sqlx::query!(
        r#"select org_id as "org_id!", organization as "organization!", role as "role!",
                  email as "email!", is_operator as "is_operator!"
           from system_memberships_of($1)"#,
        user.as_uuid()
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Membership {
                org: OrgId::from_uuid(row.org_id),
                organization: row.organization,
                role: row
                    .role
                    .parse()
                    .map_err(|error| StoreError::corrupt("memberships", &error))?,
                email: row.email,
                is_operator: row.is_operator,
            })
        })
        .collect()
}

/// The organization of that name, in any case.
///
/// # Errors
/// Whatever the database says.
pub async fn find_by_name(tx: &mut SystemTx, name: &str) -> Result<Option<OrgId>, StoreError> {
    let org = sqlx::query_scalar!(
        r#"select org_id as "org_id!" from system_organization_by_name($1)"#,
        name
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(org.map(OrgId::from_uuid))
}

/// Creates an organization.
///
/// # Errors
/// Breaks `organizations_by_name` when the name is taken.
pub async fn create(
    tx: &mut SystemTx,
    id: OrgId,
    name: &str,
    allows_platform_keys: bool,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query("select system_create_organization($1, $2, $3, $4)")
        .bind(id.as_uuid())
        .bind(name)
        .bind(allows_platform_keys)
        .bind(now)
        .execute(tx.connection())
        .await?;
    Ok(())
}
