//! What can go wrong between Latchkey and Postgres.

/// A failure of the store. `Display` omits its source; the chain is logged once, at the edge.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached, or has no connection left.
    #[error("the database is not available")]
    Unavailable(#[source] sqlx::Error),
    /// A constraint said no; its name says which.
    #[error("the database refused the change: {constraint}")]
    Constraint {
        /// The constraint's name in the migrations.
        constraint: String,
        /// What Postgres said.
        #[source]
        source: sqlx::Error,
    },
    /// A row holds what the program cannot read.
    #[error("a row of {table} cannot be read: {what}")]
    Corrupt {
        /// Where it stands.
        table: &'static str,
        /// What is wrong, without its content.
        what: String,
    },
    /// The role could see more than one organization.
    #[error("the database role {role} is not bound by row-level security; the server works as latchkey_app only")]
    UnboundRole {
        /// The role.
        role: String,
    },
    /// The database is newer than the program, or a migration failed.
    #[error("the migrations could not be applied")]
    Migration(#[source] sqlx::migrate::MigrateError),
    /// The job queue's schema is newer than the program, or one of its migrations failed.
    #[error("the job queue's schema could not be installed")]
    Queue(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Anything else.
    #[error("the database failed")]
    Database(#[source] sqlx::Error),
}

impl StoreError {
    /// A row that the program cannot read.
    pub(crate) fn corrupt(table: &'static str, what: &(impl ToString + ?Sized)) -> Self {
        Self::Corrupt {
            table,
            what: what.to_string(),
        }
    }

    /// Whether `constraint` was broken.
    #[must_use]
    pub fn breaks(&self, constraint: &str) -> bool {
        matches!(self, Self::Constraint { constraint: broken, .. } if broken == constraint)
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let unavailable = match &error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::WorkerCrashed => true,
            // 57…: shutting down or a statement cancelled; 53…: out of connections or disk; 08…: connection lost.
            sqlx::Error::Database(database) => database
                .code()
                .is_some_and(|code| ["57", "53", "08"].iter().any(|class| code.starts_with(class))),
            _ => false,
        };
        if unavailable {
            return Self::Unavailable(error);
        }
        let constraint = error
            .as_database_error()
            .and_then(|database| database.constraint())
            .map(str::to_owned);
        match constraint {
            Some(constraint) => Self::Constraint {
                constraint,
                source: error,
            },
            None => Self::Database(error),
        }
    }
}
