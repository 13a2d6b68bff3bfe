//! Postgres: one file for each aggregate, row types private to it.
//!
//! There are two doors and no third: [`OrgTx`] sees one organization, and [`SystemTx`] can call
//! the closed list of `system_…` functions that cannot know their organization yet. Both work as
//! the role `latchkey_app`, which row-level security binds.

pub mod attention;
pub mod audit;
pub mod call_locks;
mod changes;
pub mod cluster;
pub mod deployment;
mod error;
pub mod expiry;
pub mod fallback_episodes;
pub mod idempotency;
pub mod invitations;
pub mod key_health;
pub mod key_use;
pub mod keys;
pub mod memberships;
mod migrate;
pub mod notifications;
pub mod organization_profile;
pub mod organizations;
mod own_changes;
pub mod password_resets;
pub mod projects;
pub mod queue;
pub mod recovery_codes;
pub mod routes;
pub mod second_factors;
pub mod sessions;
pub mod setup;
pub mod tokens;
pub mod usage;
pub mod usage_hours;
pub mod users;
pub mod webhooks;

pub use changes::{Change, ChangedTable, Heard, Listener};
pub use error::StoreError;
pub use migrate::{MigrationState, migrate};
pub use own_changes::OwnChanges;

use crate::domain::OrgId;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{PgConnection, PgPool, Postgres, Transaction};
use std::sync::Arc;
use std::time::Duration;

/// The role that the server works as; see the first migration.
const APP_ROLE: &str = "latchkey_app";
const ACQUIRE_LIMIT: Duration = Duration::from_secs(3);
const MAX_CONNECTIONS: u32 = 20;

/// The way to the database.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
    own_changes: Arc<OwnChanges>,
    filter_as: Option<OrgId>,
}

/// A transaction that sees one organization. Dropped without [`OrgTx::commit`], it changes nothing.
#[derive(Debug)]
pub struct OrgTx {
    transaction: Transaction<'static, Postgres>,
    org: OrgId,
    own_changes: Arc<OwnChanges>,
    is_change: bool,
    /// Whether it appended to the audit chain, and others wait for it.
    holds_chain: bool,
}

/// A transaction that sees no organization and may call the `system_…` functions.
#[derive(Debug)]
pub struct SystemTx {
    transaction: Transaction<'static, Postgres>,
    own_changes: Arc<OwnChanges>,
}

impl Store {
    /// Connects to a migrated database as the server's role, and checks that the role is bound by
    /// row-level security.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database cannot be reached,
    /// [`StoreError::UnboundRole`] when the role could see more than one organization.
    pub async fn connect(options: PgConnectOptions) -> Result<Self, StoreError> {
        let options = options.application_name("latchkey").options([
            ("statement_timeout", "10s"),
            ("idle_in_transaction_session_timeout", "30s"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(MAX_CONNECTIONS)
            .acquire_timeout(ACQUIRE_LIMIT)
            .after_connect(|connection, _| Box::pin(assume_app_role(connection)))
            .connect_with(options)
            .await?;
        check_role(&pool).await?;
        Ok(Self {
            pool,
            own_changes: Arc::default(),
            filter_as: None,
        })
    }

    /// Opens the door to one organization.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when no connection is to be had.
    pub async fn org(&self, org: OrgId) -> Result<OrgTx, StoreError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query_scalar!("select set_config('latchkey.org_id', $1, true)", org.to_string())
            .fetch_one(&mut *transaction)
            .await?;
        Ok(OrgTx {
            transaction,
            org: self.filter_as.unwrap_or(org),
            own_changes: self.own_changes.clone(),
            is_change: false,
            holds_chain: false,
        })
    }

    /// Opens the door to the look-ups across organizations.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when no connection is to be had.
    pub async fn system(&self) -> Result<SystemTx, StoreError> {
        Ok(SystemTx {
            transaction: self.pool.begin().await?,
            own_changes: self.own_changes.clone(),
        })
    }

    /// What was changed through this store and its clones.
    #[must_use]
    pub fn own_changes(&self) -> &OwnChanges {
        &self.own_changes
    }

    /// The same store with its own tenant filters aimed at `org`, whatever organization a
    /// transaction is opened for: what a forgotten filter would do. Row-level security still
    /// holds, and a test shows that.
    #[doc(hidden)]
    #[must_use]
    pub fn filtering_as(&self, org: OrgId) -> Self {
        Self {
            pool: self.pool.clone(),
            own_changes: self.own_changes.clone(),
            filter_as: Some(org),
        }
    }

    /// Closes every connection.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

impl OrgTx {
    /// The organization that this transaction sees.
    #[must_use]
    pub const fn org(&self) -> OrgId {
        self.org
    }

    /// Makes the changes durable.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn commit(self) -> Result<(), StoreError> {
        let committed = if self.holds_chain {
            commit_chained(self.transaction).await
        } else {
            self.transaction.commit().await
        };
        // Also when it failed: what was sent may have been committed all the same.
        if self.is_change {
            self.own_changes.note(self.org);
        }
        Ok(committed?)
    }

    /// What is remembered of the organization may not hold any more once this is committed.
    const fn mark_change(&mut self) {
        self.is_change = true;
    }

    /// From here on nobody else appends to the organization's audit chain.
    const fn hold_chain(&mut self) {
        self.holds_chain = true;
    }

    fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}

impl SystemTx {
    /// Makes the changes durable.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit().await?)
    }

    /// The same transaction, seeing one organization from here on: for what makes an organization
    /// and writes its first rows at once.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn enter(mut self, org: OrgId) -> Result<OrgTx, StoreError> {
        sqlx::query_scalar!("select set_config('latchkey.org_id', $1, true)", org.to_string())
            .fetch_one(&mut *self.transaction)
            .await?;
        Ok(OrgTx {
            transaction: self.transaction,
            org,
            own_changes: self.own_changes,
            is_change: false,
            holds_chain: false,
        })
    }

    fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}

/// Commits what appended to an audit chain. All of an organization's changes go through there one by one, so that none
/// may make the others wait for the disk: the first commit does not (`lock_audit_head` says so) and lets the next one at
/// the chain, and the second waits until the log is on the disk up to there, as many at a time as there are. Nothing is
/// told to be done before.
async fn commit_chained(mut transaction: Transaction<'static, Postgres>) -> Result<(), sqlx::Error> {
    // A commit waits for the disk only where its transaction wrote something: the shortest thing there is.
    sqlx::raw_sql("commit and chain; select pg_logical_emit_message(true, 'latchkey', '')")
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}

async fn assume_app_role(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::query("set role latchkey_app").execute(connection).await?;
    Ok(())
}

async fn check_role(pool: &PgPool) -> Result<(), StoreError> {
    let role = sqlx::query!(
        r#"select current_user::text as "name!", rolsuper, rolbypassrls
           from pg_roles where rolname = current_user"#
    )
    .fetch_one(pool)
    .await?;
    let bound = role.rolsuper == Some(false) && role.rolbypassrls == Some(false);
    if role.name == APP_ROLE && bound {
        Ok(())
    } else {
        Err(StoreError::UnboundRole { role: role.name })
    }
}
