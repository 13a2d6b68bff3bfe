//! The job queue's own schema in the same database, installed and entered here; `jobs` works it off.
//!
//! Jobs carry ids and no secrets. Adding one goes through the queue's SQL function, so that it can share a
//! transaction with the change that made it necessary.

mod state;

pub use state::{JobError, QueueState, ServerState, TaskState, remove_abandoned, state, try_again};

use super::{OrgTx, Store, StoreError, SystemTx, assume_app_role};
use graphile_worker::WorkerUtils;
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool};
use time::OffsetDateTime;

/// The queue's schema.
pub const SCHEMA: &str = "graphile_worker";
/// A worker listens on one connection, fetches jobs and reports on others; the jobs' own work uses the store's pool.
const WORKER_CONNECTIONS: u32 = 3;

/// A job to be added.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// The task that does it.
    pub task: &'static str,
    /// What the task is given.
    pub payload: Value,
    /// Jobs of one queue are done one after the other; those of none, side by side.
    pub queue: Option<String>,
    /// A job that waits under the same key is replaced, and keeps its time.
    pub key: Option<String>,
    /// Not before then, by the database's clock; at once without it.
    pub run_at: Option<OffsetDateTime>,
}

/// Adds jobs.
///
/// # Errors
/// Whatever the database says.
pub async fn add(tx: &mut SystemTx, jobs: &[NewJob]) -> Result<(), StoreError> {
    add_on(tx.connection(), jobs).await
}

/// Adds jobs that a change of an organization makes necessary, in the change's own transaction: neither is there
/// without the other.
///
/// # Errors
/// Whatever the database says.
pub async fn add_with(tx: &mut OrgTx, jobs: &[NewJob]) -> Result<(), StoreError> {
    add_on(tx.connection(), jobs).await
}

async fn add_on(connection: &mut PgConnection, jobs: &[NewJob]) -> Result<(), StoreError> {
    for job in jobs {
        sqlx::query(
            "select graphile_worker.add_job($1, payload := $2::json, queue_name := $3, job_key := $4,
                                            run_at := $5, job_key_mode := 'preserve_run_at')",
        )
        .bind(job.task)
        .bind(&job.payload)
        .bind(&job.queue)
        .bind(&job.key)
        .bind(job.run_at)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

impl Store {
    /// Connections for a worker, apart from those that requests are answered with.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database cannot be reached.
    pub async fn queue_pool(&self) -> Result<PgPool, StoreError> {
        let options = (*self.pool.connect_options()).clone();
        Ok(PgPoolOptions::new()
            .max_connections(WORKER_CONNECTIONS)
            .acquire_timeout(super::ACQUIRE_LIMIT)
            .after_connect(|connection, _| Box::pin(assume_app_role(connection)))
            .connect_with(options.application_name("latchkey jobs"))
            .await?)
    }
}

/// Brings the queue's schema to the shape that this program's queue expects, and lets the server's role use it.
/// The caller holds `connection` for other instances to wait on.
pub(super) async fn install(options: &PgConnectOptions, connection: &mut PgConnection) -> Result<(), StoreError> {
    sqlx::query("select pg_advisory_lock(hashtextextended('latchkey queue', 0))")
        .execute(&mut *connection)
        .await?;
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .connect_with(options.clone())
        .await?;
    let installed = WorkerUtils::new(&pool, SCHEMA).migrate().await;
    pool.close().await;
    installed.map_err(|error| StoreError::Queue(Box::new(error)))?;
    sqlx::raw_sql(include_str!("queue_grants.sql"))
        .execute(&mut *connection)
        .await?;
    sqlx::query("select pg_advisory_unlock(hashtextextended('latchkey queue', 0))")
        .execute(connection)
        .await?;
    Ok(())
}
