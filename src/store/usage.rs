//! Usage events: written in batches, read by project, the newest first.

mod batch;
mod calls;
mod filter;

pub use batch::{Batch, Charge, EventsJson};
pub use calls::{Call, CallCursor, arrived_since, exists, find, list};
pub use filter::{CallFilter, StatusFilter};

use super::{StoreError, SystemTx};

/// Records events, and when their tokens and keys were last used. An event that is there already stays as it is.
///
/// # Errors
/// Whatever the database says.
pub async fn add(tx: &mut SystemTx, events: &EventsJson) -> Result<u64, StoreError> {
    let added = sqlx::query_scalar!(
        r#"select system_add_usage_events($1::text::jsonb) as "added!""#,
        events.as_str()
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(u64::try_from(added).unwrap_or_default())
}

/// Makes last month's partition, this month's, and so many ahead, unless they are there.
///
/// # Errors
/// Whatever the database says.
pub async fn create_partitions(tx: &mut SystemTx, months_ahead: i32) -> Result<(), StoreError> {
    sqlx::query!("select system_create_usage_partitions($1)", months_ahead)
        .execute(tx.connection())
        .await?;
    Ok(())
}
