//! Organizations and who belongs to them.

use super::{OrgTx, StoreError, SystemTx};
use crate::domain::{Fee, MicroDollars, OrgId, Role, UserId};
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

/// What the operator allows an organization, and charges it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The organization's name.
    pub name: String,
    /// Whether it may use platform keys.
    pub allows_platform_keys: bool,
    /// What calls cost besides the provider's price.
    pub fee: Fee,
}

/// A person's organizations: the one that they turned to last, then the others, the oldest membership first.
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

/// The organization's name; `None` when there is no such organization.
///
/// # Errors
/// Whatever the database says.
pub async fn name(tx: &mut OrgTx) -> Result<Option<String>, StoreError> {
    let name = sqlx::query_scalar!("select name from organizations where org_id = $1", tx.org.as_uuid());
    Ok(name.fetch_optional(tx.connection()).await?)
}

/// The organization's terms, which nobody else changes before this transaction ends; `None` when there is no such
/// organization.
///
/// # Errors
/// Whatever the database says.
pub async fn terms(tx: &mut OrgTx) -> Result<Option<Terms>, StoreError> {
    let row = sqlx::query!(
        "select name, allows_platform_keys, fee_per_call_micros, fee_basis_points
         from organizations where org_id = $1 for update",
        tx.org.as_uuid()
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|row| Terms {
        name: row.name,
        allows_platform_keys: row.allows_platform_keys,
        fee: Fee {
            per_call: MicroDollars(row.fee_per_call_micros),
            basis_points: u32::try_from(row.fee_basis_points).unwrap_or_default(),
        },
    }))
}

/// Sets the organization's terms; its name stays.
///
/// # Errors
/// Whatever the database says.
pub async fn set_terms(tx: &mut OrgTx, terms: &Terms) -> Result<(), StoreError> {
    sqlx::query!(
        "update organizations set allows_platform_keys = $2, fee_per_call_micros = $3, fee_basis_points = $4
         where org_id = $1",
        tx.org.as_uuid(),
        terms.allows_platform_keys,
        terms.fee.per_call.0,
        i32::try_from(terms.fee.basis_points).unwrap_or(i32::MAX)
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}
