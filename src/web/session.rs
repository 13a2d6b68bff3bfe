//! Sessions: the cookie, who a session's person is, and tower-sessions' store on top of ours.

mod device;
mod store;

pub(super) use device::device;
pub(super) use store::{Store, id_bytes};

use super::App;
use crate::domain::{OrgId, RequestContext, UserId};
use crate::service::ServiceError;
use crate::service::accounts::{SecondStep, SignedIn};
use std::net::IpAddr;
use time::{Duration, OffsetDateTime};
use tower_sessions::cookie::SameSite;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

/// A session that nobody uses for this long ends.
const IDLE_LIFE: Duration = Duration::hours(12);
/// How often the idle end is moved; one write each time.
const MOVE_END_EVERY: Duration = Duration::minutes(10);

/// The version that credentials begin with.
const FIRST_VERSION: i64 = 1;

const USER: &str = "user";
const ORG: &str = "org";
const VERIFIED_AT: &str = "verified_at";
const CREDENTIALS_VERSION: &str = "credentials_version";
const SIGNED_IN_AT: &str = "signed_in_at";
const DEVICE: &str = "device";
const CLIENT: &str = "client";
const SECOND_STEP: &str = "second_step";
const MOVED_AT: &str = "moved_at";

/// The layer that reads and writes the cookie. Browsers treat loopback as secure, so the
/// `__Host-` cookie works there on plain http too.
pub(super) fn layer(app: &App) -> SessionManagerLayer<Store> {
    SessionManagerLayer::new(Store::new(app.services.sessions.clone()))
        .with_name("__Host-latchkey")
        .with_secure(true)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(IDLE_LIFE))
}

/// Who signs in, as far as the request tells.
#[derive(Clone, Debug)]
pub(super) struct Newcomer {
    /// What they use, such as `Firefox on Linux`.
    pub(super) device: String,
    /// Where they are.
    pub(super) request: RequestContext,
    /// When.
    pub(super) now: OffsetDateTime,
}

/// Who is signed in, as the session remembers it.
pub(super) struct SignedInSession;

impl SignedInSession {
    /// Who is signed in, if anyone.
    pub(super) async fn load(session: &Session) -> Result<Option<SignedIn>, ServiceError> {
        let user: Option<UserId> = session.get(USER).await.map_err(unreadable)?;
        let org: Option<OrgId> = session.get(ORG).await.map_err(unreadable)?;
        let verified_at: Option<i64> = session.get(VERIFIED_AT).await.map_err(unreadable)?;
        let verified_at = verified_at.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
        Ok(user.zip(org).map(|(user, org)| SignedIn {
            user,
            org,
            verified_at,
            credentials_version: None,
        }))
    }

    /// Signs in under a new session id, so that one planted before is worth nothing. Whoever is signed in already and
    /// only moves, or shows once more who they are, keeps what the session knows of them.
    pub(super) async fn begin(session: &Session, signed_in: SignedIn, newcomer: &Newcomer) -> Result<(), ServiceError> {
        let before = Self::load(session).await?;
        let moves = signed_in.credentials_version.is_none() && before.is_some_and(|one| one.user == signed_in.user);
        session.cycle_id().await.map_err(unreadable)?;
        let kept = Kept(session);
        kept.remove(SECOND_STEP).await?;
        kept.set(USER, signed_in.user).await?;
        kept.set(ORG, signed_in.org).await?;
        let verified_at = signed_in.verified_at.map(OffsetDateTime::unix_timestamp);
        kept.set(VERIFIED_AT, verified_at).await?;
        if !moves {
            let version = signed_in.credentials_version.unwrap_or(FIRST_VERSION);
            kept.set(CREDENTIALS_VERSION, version).await?;
            kept.set(SIGNED_IN_AT, newcomer.now.unix_timestamp()).await?;
            kept.set(DEVICE, &newcomer.device).await?;
            kept.set::<Option<IpAddr>>(CLIENT, newcomer.request.client).await?;
        }
        Ok(())
    }

    /// Remembers that a code is still to come, under a new session id. Whoever was signed in is not any more.
    pub(super) async fn await_code(session: &Session, step: SecondStep) -> Result<(), ServiceError> {
        session.cycle_id().await.map_err(unreadable)?;
        session.clear().await;
        Kept(session).set(SECOND_STEP, step).await
    }

    /// The second step that is still to come, if any.
    pub(super) async fn second_step(session: &Session) -> Result<Option<SecondStep>, ServiceError> {
        session.get(SECOND_STEP).await.map_err(unreadable)
    }

    /// Moves the idle end from time to time.
    pub(super) async fn keep_alive(session: &Session, now: OffsetDateTime) -> Result<(), ServiceError> {
        let now = now.unix_timestamp();
        let moved_at: Option<i64> = session.get(MOVED_AT).await.map_err(unreadable)?;
        if moved_at.is_none_or(|moved| now - moved >= MOVE_END_EVERY.whole_seconds()) {
            Kept(session).set(MOVED_AT, now).await?;
        }
        Ok(())
    }
}

/// What a session keeps, with its failures as ours.
struct Kept<'session>(&'session Session);

impl Kept<'_> {
    async fn set<Value: serde::Serialize>(&self, name: &str, value: Value) -> Result<(), ServiceError> {
        self.0.insert(name, value).await.map_err(unreadable)
    }

    async fn remove(&self, name: &str) -> Result<(), ServiceError> {
        self.0.remove_value(name).await.map_err(unreadable).map(drop)
    }
}

/// A session that cannot be read is a failure, never an anonymous newcomer.
pub(super) fn unreadable(error: tower_sessions::session::Error) -> ServiceError {
    ServiceError::Session(Box::new(error))
}
