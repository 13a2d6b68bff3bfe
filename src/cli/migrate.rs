//! `latchkey migrate`

use super::deployment::{OpenDatabase, read_config};
use super::{Outcome, logging, output};
use crate::store;

/// Brings the database to the shape that this version expects.
pub(super) async fn migrate() -> Outcome {
    logging::to_stderr();
    let database = OpenDatabase::open(&read_config()?).await?;
    let migrated = store::migrate(&database.migration).await;
    database.close().await?;
    migrated?;
    output::note("The database is up to date.");
    Ok(())
}
