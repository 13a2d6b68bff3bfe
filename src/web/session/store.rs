//! tower-sessions' store on top of ours. The 0.14 line has a Postgres store for sqlx 0.8 only, and that one keeps ids
//! in clear.

use super::{CLIENT, CREDENTIALS_VERSION, DEVICE, SIGNED_IN_AT, USER};
use crate::domain::UserId;
use crate::service::ServiceError;
use crate::service::sessions::{Bearer, Sessions, StoredSession};
use crate::web::problem;
use async_trait::async_trait;
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::Arc;
use time::OffsetDateTime;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

/// Where sessions are kept.
#[derive(Clone)]
pub(in crate::web) struct Store(Arc<Sessions>);

impl Store {
    /// In these.
    pub(super) const fn new(sessions: Arc<Sessions>) -> Self {
        Self(sessions)
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("session store")
    }
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // 128 random bits: a second session with the same id does not happen.
        let (stored, bearer) = (stored(record)?, bearer(record));
        let created = self.0.create(&id_bytes(&record.id), &stored, &bearer).await;
        created.map_err(backend)
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let updated = self.0.update(&id_bytes(&record.id), &stored(record)?).await;
        updated.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let Some(session) = self.0.find(&id_bytes(id)).await.map_err(backend)? else {
            return Ok(None);
        };
        let data = serde_json::from_value(session.data).map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date: session.expires_at,
        }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.0.delete(&id_bytes(id)).await.map_err(backend)
    }
}

fn stored(record: &Record) -> Result<StoredSession> {
    let data = serde_json::to_value(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
    Ok(StoredSession {
        data,
        expires_at: record.expiry_date,
    })
}

/// Whose the session is, as its own data says.
fn bearer(record: &Record) -> Bearer {
    let user: Option<UserId> = read(record, USER);
    // No credentials have version 0: such a session is found by nobody.
    let version = read(record, CREDENTIALS_VERSION).unwrap_or(0);
    let began_at = read(record, SIGNED_IN_AT).and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    Bearer {
        person: user.map(|user| (user, version)),
        began_at,
        device: read(record, DEVICE).unwrap_or_default(),
        client: read(record, CLIENT),
    }
}

fn read<Value: DeserializeOwned>(record: &Record, name: &str) -> Option<Value> {
    serde_json::from_value(record.data.get(name)?.clone()).ok()
}

/// The id's bytes, by which the service finds the session.
pub(in crate::web) fn id_bytes(id: &Id) -> [u8; 16] {
    id.0.to_be_bytes()
}

#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
fn backend(error: ServiceError) -> Error {
    tracing::error!(error = problem::chain(&error), "the session store failed");
    Error::Backend(error.to_string())
}
