//! Every token of the organization, whatever it reaches.

use super::{Token, Tokens};
use crate::domain::{Actor, Scope, TokenId};
use crate::service::{Missing, ServiceError};
use crate::store::tokens;

impl Tokens {
    /// The organization's tokens, the newest first.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:tokens`; [`ServiceError::OneProjectOnly`].
    pub async fn all(&self, actor: &Actor) -> Result<Vec<Token>, ServiceError> {
        require_all(actor)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        Ok(tokens::list_all(&mut tx).await?)
    }

    /// One of the organization's tokens.
    ///
    /// # Errors
    /// As [`Tokens::all`]; [`ServiceError::Missing`].
    pub async fn get(&self, actor: &Actor, token: TokenId) -> Result<Token, ServiceError> {
        require_all(actor)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let found = tokens::find(&mut tx, token).await?;
        found.ok_or(ServiceError::Missing(Missing::Token))
    }

    /// Ends one of the organization's tokens.
    ///
    /// # Errors
    /// As [`Tokens::get`].
    pub async fn end(&self, actor: &Actor, token: TokenId) -> Result<Token, ServiceError> {
        require_all(actor)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let ended = tokens::end(&mut tx, token, self.foundation.clock.now()).await?;
        let ended = ended.ok_or(ServiceError::Missing(Missing::Token))?;
        self.note_revoked(&mut tx, actor, &ended).await?;
        tx.commit().await?;
        Ok(ended)
    }
}

pub(super) fn require_all(actor: &Actor) -> Result<(), ServiceError> {
    actor.require(Scope::WriteTokens)?;
    Ok(actor.require_whole_organization()?)
}
