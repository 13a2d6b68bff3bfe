//! Usage events: written in batches, read by project, the newest first.

mod batch;
mod calls;
mod filter;

pub use batch::{Batch, Charge, add};
pub use calls::{Call, CallCursor, arrived_since, exists, find, list};
pub use filter::{CallFilter, StatusFilter};

use super::{StoreError, SystemTx};

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
