//! What Postgres tells of changes, as they are committed.

use super::{Store, StoreError, assume_app_role};
use crate::domain::{OrgId, ProjectId};
use serde::Deserialize;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use uuid::Uuid;

/// See `notify_changed` in the migrations.
const CHANNEL: &str = "latchkey_changed";

/// What was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// A row changed.
    Changed(Change),
    /// The connection was lost, or is new: something may have changed unheard. Flush everything.
    Lost,
}

/// A row that changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The row's table.
    pub table: ChangedTable,
    /// Its organization.
    pub org: OrgId,
    /// Its project: that of a key or of a token of one project, and a project's own.
    pub project: Option<ProjectId>,
    /// The key's, token's, project's or member's id; none for an organization.
    pub id: Option<Uuid>,
}

/// The tables whose changes are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangedTable {
    /// Organizations.
    Organizations,
    /// Who belongs to an organization.
    Memberships,
    /// Projects.
    Projects,
    /// Provider keys.
    ProviderKeys,
    /// Tokens.
    Tokens,
    /// Locks on calls.
    CallLocks,
}

#[derive(Deserialize)]
struct Payload {
    table: ChangedTable,
    org_id: OrgId,
    project_id: Option<ProjectId>,
    id: Option<Uuid>,
}

impl From<Payload> for Change {
    fn from(payload: Payload) -> Self {
        let own = payload.id.filter(|_| payload.table == ChangedTable::Projects);
        Self {
            table: payload.table,
            org: payload.org_id,
            project: payload.project_id.or(own.map(ProjectId::from_uuid)),
            id: payload.id,
        }
    }
}

/// Hears of changes, on a connection of its own beside the store's pool.
#[derive(Debug)]
pub struct Listener {
    options: PgConnectOptions,
    connection: Option<PgListener>,
}

impl Store {
    /// Begins to listen.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the database cannot be reached.
    pub async fn listen(&self) -> Result<Listener, StoreError> {
        let options = (*self.pool.connect_options()).clone();
        Ok(Listener {
            connection: Some(open(&options).await?),
            options,
        })
    }
}

impl Listener {
    /// Waits for the next change. A lost connection is told at once, and again when there is a new one, which the
    /// next call makes. Nothing is lost when the future is dropped.
    ///
    /// # Errors
    /// Whatever the database says while there is no connection: wait a little, and call again.
    pub async fn next(&mut self) -> Result<Heard, StoreError> {
        let Some(connection) = &mut self.connection else {
            self.connection = Some(open(&self.options).await?);
            return Ok(Heard::Lost);
        };
        let Ok(Some(notification)) = connection.try_recv().await else {
            self.connection = None;
            return Ok(Heard::Lost);
        };
        // What cannot be read counts as lost too: it may have told of anything.
        let payload = serde_json::from_str::<Payload>(notification.payload());
        Ok(payload.map_or(Heard::Lost, |payload| Heard::Changed(payload.into())))
    }
}

async fn open(options: &PgConnectOptions) -> Result<PgListener, StoreError> {
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(super::ACQUIRE_LIMIT)
        .after_connect(|connection, _| Box::pin(assume_app_role(connection)))
        .connect_with(options.clone().application_name("latchkey listener"))
        .await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(payload: &str) -> Change {
        serde_json::from_str::<Payload>(payload).unwrap().into()
    }

    #[test]
    fn a_project_is_its_own_project() {
        let (org, project) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let change = read(&format!(
            r#"{{"table": "projects", "org_id": "{org}", "project_id": null, "id": "{project}"}}"#
        ));
        assert_eq!(change.project, Some(ProjectId::from_uuid(project)));
        let change = read(&format!(
            r#"{{"table": "memberships", "org_id": "{org}", "project_id": null, "id": "{project}"}}"#
        ));
        assert_eq!((change.table, change.project), (ChangedTable::Memberships, None));
    }
}
