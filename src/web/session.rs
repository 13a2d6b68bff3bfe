//! Sessions: the cookie, and tower-sessions' store on top of ours.

use super::{App, problem};
use crate::domain::{OrgId, UserId};
use crate::service::ServiceError;
use crate::service::accounts::SignedIn;
use crate::service::sessions::{Sessions, StoredSession};
use async_trait::async_trait;
use std::fmt;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};
use tower_sessions::cookie::SameSite;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{Expiry, Session, SessionManagerLayer, SessionStore};

/// A session that nobody uses for this long ends.
const IDLE_LIFE: Duration = Duration::hours(12);
/// How often the idle end is moved; one write each time.
const MOVE_END_EVERY: Duration = Duration::minutes(10);

const USER: &str = "user";
const ORG: &str = "org";
const MOVED_AT: &str = "moved_at";

/// The layer that reads and writes the cookie. Browsers treat loopback as secure, so the
/// `__Host-` cookie works there on plain http too.
pub(super) fn layer(app: &App) -> SessionManagerLayer<Store> {
    SessionManagerLayer::new(Store(app.services.sessions.clone()))
        .with_name("__Host-latchkey")
        .with_secure(true)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(IDLE_LIFE))
}

/// Who is signed in, as the session remembers it.
pub(super) struct SignedInSession;

impl SignedInSession {
    /// Who is signed in, if anyone.
    pub(super) async fn load(session: &Session) -> std::result::Result<Option<SignedIn>, ServiceError> {
        let user: Option<UserId> = session.get(USER).await.map_err(unreadable)?;
        let org: Option<OrgId> = session.get(ORG).await.map_err(unreadable)?;
        Ok(user.zip(org).map(|(user, org)| SignedIn { user, org }))
    }

    /// Signs in under a new session id, so that one planted before is worth nothing.
    pub(super) async fn begin(session: &Session, signed_in: SignedIn) -> std::result::Result<(), ServiceError> {
        session.cycle_id().await.map_err(unreadable)?;
        session.insert(USER, signed_in.user).await.map_err(unreadable)?;
        session.insert(ORG, signed_in.org).await.map_err(unreadable)
    }

    /// Moves the idle end from time to time.
    pub(super) async fn keep_alive(session: &Session, now: OffsetDateTime) -> std::result::Result<(), ServiceError> {
        let now = now.unix_timestamp();
        let moved_at: Option<i64> = session.get(MOVED_AT).await.map_err(unreadable)?;
        if moved_at.is_none_or(|moved| now - moved >= MOVE_END_EVERY.whole_seconds()) {
            session.insert(MOVED_AT, now).await.map_err(unreadable)?;
        }
        Ok(())
    }
}

/// A session that cannot be read is a failure, never an anonymous visitor.
pub(super) fn unreadable(error: tower_sessions::session::Error) -> ServiceError {
    ServiceError::Session(Box::new(error))
}

/// tower-sessions' store on top of ours. The 0.14 line has a Postgres store for sqlx 0.8 only, and
/// that one keeps ids in clear.
#[derive(Clone)]
pub(super) struct Store(Arc<Sessions>);

impl fmt::Debug for Store {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("session store")
    }
}

#[async_trait]
impl SessionStore for Store {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // 128 random bits: a second session with the same id does not happen.
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let data = serde_json::to_value(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        let session = StoredSession {
            data,
            expires_at: record.expiry_date,
        };
        self.0.save(&id_bytes(&record.id), &session).await.map_err(backend)
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

fn id_bytes(id: &Id) -> [u8; 16] {
    id.0.to_be_bytes()
}

#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
fn backend(error: ServiceError) -> Error {
    tracing::error!(error = problem::chain(&error), "the session store failed");
    Error::Backend(error.to_string())
}
