//! Bringing the database to the shape that the program expects.

use super::{Store, StoreError};
use sqlx::ConnectOptions;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::postgres::PgConnectOptions;

static MIGRATOR: Migrator = sqlx::migrate!();

/// Whether the database has the shape that the program expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MigrationState {
    /// Every migration is applied.
    Current,
    /// Some are missing: run `latchkey migrate`.
    Behind,
}

/// Applies what is missing, under Postgres' advisory lock, so that instances starting together do
/// not collide; the job queue's own schema too. `options` must name a login that may create tables and roles.
///
/// # Errors
/// [`StoreError::Unavailable`] when the database cannot be reached, [`StoreError::Migration`] when
/// a migration failed, [`StoreError::Queue`] when one of the queue's did; a failed one leaves nothing half done.
pub async fn migrate(options: &PgConnectOptions) -> Result<(), StoreError> {
    let mut connection = options.connect().await?;
    MIGRATOR
        .run_direct(None, &mut connection, false)
        .await
        .map_err(|error| match error {
            MigrateError::Execute(error) => StoreError::from(error),
            error => StoreError::Migration(error),
        })?;
    sqlx::query("grant select on _sqlx_migrations to latchkey_app")
        .execute(&mut connection)
        .await?;
    super::queue::install(options, &mut connection).await
}

impl Store {
    /// Compares what is applied with what the program knows.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database cannot be reached.
    pub async fn migration_state(&self) -> Result<MigrationState, StoreError> {
        let applied: i64 = sqlx::query_scalar("select count(*) from _sqlx_migrations where success")
            .fetch_one(&self.pool)
            .await?;
        let known = MIGRATOR
            .iter()
            .filter(|migration| migration.migration_type.is_up_migration());
        let behind = usize::try_from(applied).unwrap_or_default() < known.count();
        Ok(if behind {
            MigrationState::Behind
        } else {
            MigrationState::Current
        })
    }
}
