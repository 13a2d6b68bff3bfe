//! Session records: kept under the hash of their id, what is delicate in them sealed.

use super::{Foundation, ServiceError};
use crate::domain::{Sealed, UserId};
pub use crate::store::sessions::StoredSession;
use crate::store::sessions::{self, NewSession};
use crate::vault::Values;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::net::IpAddr;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

/// A session ends this long after it was made, however busy it is.
const ABSOLUTE_LIFE: Duration = Duration::days(30);
const PURPOSE: &str = "session value";

/// Whose a session is. Nobody's until somebody signs in.
#[derive(Clone, Debug, Default)]
pub struct Bearer {
    /// Who signed in, and the version of the credentials that they showed.
    pub person: Option<(UserId, i64)>,
    /// When they signed in: the session does not outlive this by much, however often its id changes.
    pub began_at: Option<OffsetDateTime>,
    /// What they signed in with, such as `Firefox on Linux`.
    pub device: String,
    /// Where from.
    pub client: Option<IpAddr>,
}

/// Keeps sessions. The id itself is never stored.
pub struct Sessions {
    foundation: Arc<Foundation>,
    values: Values,
}

impl Sessions {
    pub(crate) const fn new(foundation: Arc<Foundation>, values: Values) -> Self {
        Self { foundation, values }
    }

    /// The session with this id, unless it has ended.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn find(&self, id: &[u8]) -> Result<Option<StoredSession>, ServiceError> {
        let mut tx = self.foundation.store.system().await?;
        Ok(sessions::find(&mut tx, &self.hash(id)).await?)
    }

    /// Makes a session.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn create(&self, id: &[u8], stored: &StoredSession, bearer: &Bearer) -> Result<(), ServiceError> {
        let began_at = bearer.began_at.unwrap_or_else(|| self.foundation.clock.now());
        let session = NewSession {
            stored,
            began_at,
            absolute_end: began_at + ABSOLUTE_LIFE,
            person: bearer.person,
            device: &bearer.device,
            client: bearer.client,
        };
        let mut tx = self.foundation.store.system().await?;
        sessions::create(&mut tx, &self.hash(id), &session).await?;
        Ok(tx.commit().await?)
    }

    /// Keeps what has changed in a session. One that was ended meanwhile stays ended.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn update(&self, id: &[u8], session: &StoredSession) -> Result<(), ServiceError> {
        let mut tx = self.foundation.store.system().await?;
        sessions::update(&mut tx, &self.hash(id), session).await?;
        Ok(tx.commit().await?)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn delete(&self, id: &[u8]) -> Result<(), ServiceError> {
        let mut tx = self.foundation.store.system().await?;
        sessions::delete(&mut tx, &self.hash(id)).await?;
        Ok(tx.commit().await?)
    }

    /// Seals a value for the session of `owner`, as text.
    ///
    /// # Errors
    /// Whatever the vault says.
    pub async fn seal(&self, owner: &str, value: &[u8]) -> Result<String, ServiceError> {
        let sealed = self.values.seal_bytes(PURPOSE, &[owner.as_bytes()], value).await?;
        Ok(BASE64_STANDARD.encode(sealed.as_bytes()))
    }

    /// Opens what [`Sessions::seal`] made.
    ///
    /// # Errors
    /// Whatever the vault says.
    pub async fn open(&self, owner: &str, text: &str) -> Result<Vec<u8>, ServiceError> {
        let bytes = BASE64_STANDARD.decode(text).unwrap_or_default();
        let opened = self
            .values
            .open_bytes(PURPOSE, &[owner.as_bytes()], &Sealed::from_bytes(bytes))
            .await
            .map_err(ServiceError::Open)?;
        Ok(opened.to_vec())
    }

    pub(super) fn hash(&self, id: &[u8]) -> [u8; 32] {
        self.foundation.roots.session.mac(&[b"session id", id])
    }
}
