//! A person's own account: their password and their sessions.

use super::accounts::{Accounts, SignedIn};
use super::audit::{Audit, Event};
use super::sessions::Sessions;
use super::{Foundation, ServiceError};
use crate::domain::{Actor, SessionId};
pub use crate::store::sessions::OwnSession;
use crate::store::{sessions, users};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::sync::Arc;

/// A person's own account. What is in here no token can do.
pub struct Profile {
    foundation: Arc<Foundation>,
    accounts: Arc<Accounts>,
    sessions: Arc<Sessions>,
    audit: Arc<Audit>,
}

impl Profile {
    pub(crate) const fn new(
        foundation: Arc<Foundation>,
        accounts: Arc<Accounts>,
        sessions: Arc<Sessions>,
        audit: Arc<Audit>,
    ) -> Self {
        Self {
            foundation,
            accounts,
            sessions,
            audit,
        }
    }

    /// Sets a new password and ends every session of the actor; theirs may begin anew as what this gives.
    ///
    /// # Errors
    /// [`ServiceError::PersonsOnly`] to a token; [`ServiceError::Invalid`] at `current_password` or `password`;
    /// [`ServiceError::Throttled`]; [`ServiceError::Conflict`] when it was changed meanwhile.
    pub async fn change_password(
        &self,
        actor: &Actor,
        current: &SecretString,
        new: &SecretString,
    ) -> Result<SignedIn, ServiceError> {
        let known = self.accounts.own(actor).await?;
        self.accounts
            .check_own_password(&known, "current_password", current, actor.request)
            .await?;
        if current.expose_secret() == new.expose_secret() {
            let message = "This is the password you have. Choose another.";
            return Err(ServiceError::invalid("password", message));
        }
        let hash = self.accounts.new_password(&known.email, "", new).await?;
        let mut tx = self.foundation.store.system().await?;
        if !users::set_password(&mut tx, &known, &hash).await? {
            let message = "Your password was changed elsewhere meanwhile. Nothing was changed here.";
            return Err(ServiceError::Conflict(message.to_owned()));
        }
        let version = users::renew_credentials(&mut tx, known.id).await?;
        let tx = tx.enter(actor.org).await?;
        self.audit
            .record_own(tx, actor, Event::PasswordChanged, json!({}))
            .await?;
        Ok(SignedIn {
            user: known.id,
            org: actor.org,
            verified_at: actor.verified_at,
            credentials_version: Some(version),
        })
    }

    /// The actor's sessions, each with whether it is the one with the id `own`; the one used last first.
    ///
    /// # Errors
    /// [`ServiceError::PersonsOnly`] to a token.
    pub async fn sessions(&self, actor: &Actor, own: &[u8]) -> Result<Vec<(OwnSession, bool)>, ServiceError> {
        let user = actor.user().ok_or(ServiceError::PersonsOnly)?;
        let own = self.sessions.hash(own);
        let mut tx = self.foundation.store.system().await?;
        let found = sessions::list_of(&mut tx, user).await?;
        let with_own = |session: OwnSession| {
            let is_own = session.id_hash == own;
            (session, is_own)
        };
        Ok(found.into_iter().map(with_own).collect())
    }

    /// Ends one of the actor's sessions, at once and on every instance. Ending one that has ended already is no error.
    ///
    /// # Errors
    /// [`ServiceError::PersonsOnly`] to a token.
    pub async fn end_session(&self, actor: &Actor, session: SessionId) -> Result<(), ServiceError> {
        let user = actor.user().ok_or(ServiceError::PersonsOnly)?;
        let mut tx = self.foundation.store.system().await?;
        if !sessions::end_of(&mut tx, user, session).await? {
            return Ok(());
        }
        let tx = tx.enter(actor.org).await?;
        self.audit
            .record_own(tx, actor, Event::SessionsEnded, json!({ "sessions": 1 }))
            .await
    }

    /// Ends all of the actor's sessions but the one with the id `own`; how many.
    ///
    /// # Errors
    /// [`ServiceError::PersonsOnly`] to a token.
    pub async fn end_other_sessions(&self, actor: &Actor, own: &[u8]) -> Result<u32, ServiceError> {
        let user = actor.user().ok_or(ServiceError::PersonsOnly)?;
        let own = self.sessions.hash(own);
        let mut tx = self.foundation.store.system().await?;
        let ended = sessions::end_others_of(&mut tx, user, &own).await?;
        if ended > 0 {
            let tx = tx.enter(actor.org).await?;
            let details = json!({ "sessions": ended });
            self.audit.record_own(tx, actor, Event::SessionsEnded, details).await?;
        }
        Ok(u32::try_from(ended).unwrap_or(u32::MAX))
    }
}
