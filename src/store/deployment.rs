//! The deployment's own roots, each wrapped by the master key.

use super::{StoreError, SystemTx};
use crate::domain::Sealed;

/// One wrapped root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRoot {
    /// What it is for.
    pub purpose: String,
    /// The wrapped root.
    pub sealed: Sealed,
}

/// Every root, by purpose.
///
/// # Errors
/// Whatever the database says.
pub async fn roots(tx: &mut SystemTx) -> Result<Vec<StoredRoot>, StoreError> {
    let rows = sqlx::query!("select purpose, sealed from deployment_secrets order by purpose")
        .fetch_all(tx.connection())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| StoredRoot {
            purpose: row.purpose,
            sealed: Sealed::from_bytes(row.sealed),
        })
        .collect())
}

/// Stores a root unless one of that purpose exists: of two instances that start together on an
/// empty database, one wins and both read what it wrote.
///
/// # Errors
/// Whatever the database says.
pub async fn add_root(tx: &mut SystemTx, root: &StoredRoot) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into deployment_secrets (purpose, sealed) values ($1, $2) on conflict do nothing",
        root.purpose,
        root.sealed.as_bytes()
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Makes other instances that start at the same time wait until this transaction ends.
///
/// # Errors
/// Whatever the database says.
pub async fn lock(tx: &mut SystemTx) -> Result<(), StoreError> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('latchkey roots', 0))")
        .execute(tx.connection())
        .await?;
    Ok(())
}
