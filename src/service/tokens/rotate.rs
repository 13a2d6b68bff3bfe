//! One token taking over from another without a gap.

use super::organization::require_all;
use super::{MintedToken, Token, Tokens, grantable, shown};
use crate::domain::{Actor, Overlap, Scope, TokenId};
use crate::service::audit::{Event, Target};
use crate::service::projects::ProjectRef;
use crate::service::{Foundation, Missing, ServiceError};
use crate::store::{OrgTx, tokens};
use crate::vault::{self, TokenKind};
use serde_json::json;
use time::OffsetDateTime;

/// How a token is to be rotated.
#[derive(Clone, Debug)]
pub struct RotateToken {
    /// How long the old token still works.
    pub overlap: Overlap,
    /// The rotator's address or name, shown in the list as the new token's maker.
    pub rotated_by_name: String,
}

/// A token that took over, and the one that it took over from.
#[derive(Debug)]
pub struct RotatedToken {
    /// The new token with its text.
    pub minted: MintedToken,
    /// The old one, which works until it expires.
    pub replaced: Token,
}

impl Tokens {
    /// Makes a token with the old one's name, scopes, reach and length of life, which takes over from it. The old one
    /// works until the overlap ends, or as long as it would have anyway. With a project it is one that reaches the
    /// project, else any of the organization's.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:tokens`, or for a scope of the token's that the rotator does not hold;
    /// [`ServiceError::OneProjectOnly`]; [`ServiceError::Missing`]; [`ServiceError::Conflict`] when it was rotated out
    /// already, or works no longer.
    pub async fn rotate(
        &self,
        actor: &Actor,
        project: Option<&ProjectRef>,
        token: TokenId,
        rotate: RotateToken,
    ) -> Result<RotatedToken, ServiceError> {
        actor.require(Scope::WriteTokens)?;
        let Foundation {
            clock, random, roots, ..
        } = &*self.foundation;
        let (mut tx, old) = self.hold(actor, project, token).await?;
        let now = clock.now();
        check_rotatable(actor, &old, now)?;
        let minted = vault::Token::mint(TokenKind::Api, &**random);
        let new = Token {
            id: TokenId::new(&**clock, &**random),
            public_id: minted.public_id().as_str().to_owned(),
            created_by: actor.user(),
            created_by_name: rotate.rotated_by_name,
            created_at: now,
            expires_at: old.expires_at.map(|end| now + (end - old.created_at)),
            last_used_at: None,
            ..old
        };
        tokens::insert(&mut tx, &new, &minted.hash(&roots.token)).await?;
        let until = now + rotate.overlap.duration();
        let replaced = tokens::supersede(&mut tx, token, new.id, until).await?;
        let mut replaced = replaced.ok_or_else(rotated_already)?;
        let details = json!({
            "name": new.name,
            "scopes": new.scopes.to_strings(),
            "project": new.project.map(|project| project.to_string()),
            "replaces": token.to_string(),
            "overlap": rotate.overlap.as_str(),
        });
        let target = Target::new("token", &new.id);
        self.audit
            .record(&mut tx, actor, Event::TokenRotated, &target, details)
            .await?;
        if rotate.overlap == Overlap::Now {
            replaced = self.retire(&mut tx, actor, token, now).await?;
        }
        tx.commit().await?;
        let minted = MintedToken {
            token: new,
            text: minted.text(),
            org: actor.org,
        };
        Ok(RotatedToken { minted, replaced })
    }

    /// Ends a token that was rotated out now; one whose time is up stays as it is.
    ///
    /// # Errors
    /// As [`Tokens::rotate`]; [`ServiceError::Conflict`] when it was not rotated out.
    pub async fn end_overlap(
        &self,
        actor: &Actor,
        project: Option<&ProjectRef>,
        token: TokenId,
    ) -> Result<Token, ServiceError> {
        actor.require(Scope::WriteTokens)?;
        let (mut tx, old) = self.hold(actor, project, token).await?;
        if old.superseded_by.is_none() {
            return Err(ServiceError::Conflict(
                "This token was not rotated out, so it has no overlap to end. Revoke it instead.".to_owned(),
            ));
        }
        let now = self.foundation.clock.now();
        if !old.is_active(now) {
            return Ok(old);
        }
        let ended = self.retire(&mut tx, actor, token, now).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// The token, as it stays until the transaction ends.
    async fn hold(
        &self,
        actor: &Actor,
        project: Option<&ProjectRef>,
        token: TokenId,
    ) -> Result<(OrgTx, Token), ServiceError> {
        if project.is_none() {
            require_all(actor)?;
        }
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = match project {
            Some(project) => Some(self.projects.find(&mut tx, actor, project).await?.id),
            None => None,
        };
        let held = tokens::lock(&mut tx, token)
            .await?
            .filter(|token| project.is_none() || token.project.is_none() || token.project == project)
            .filter(|token| is_within_reach(actor, token))
            .ok_or(ServiceError::Missing(Missing::Token))?;
        Ok((tx, held))
    }

    async fn retire(
        &self,
        tx: &mut OrgTx,
        actor: &Actor,
        token: TokenId,
        now: OffsetDateTime,
    ) -> Result<Token, ServiceError> {
        let ended = tokens::end(tx, token, now).await?;
        let ended = ended.ok_or(ServiceError::Missing(Missing::Token))?;
        self.note_revoked(tx, actor, &ended).await?;
        Ok(ended)
    }
}

/// Whether this actor may rotate the token now.
#[must_use]
pub fn may_rotate(actor: &Actor, token: &Token, now: OffsetDateTime) -> bool {
    actor.require(Scope::WriteTokens).is_ok()
        && is_within_reach(actor, token)
        && check_rotatable(actor, token, now).is_ok()
}

/// A token of one project has no business with those of the whole organization.
pub(super) fn is_within_reach(actor: &Actor, token: &Token) -> bool {
    actor.project.is_none() || token.project == actor.project
}

/// Nothing takes over from a token that works no longer, nor from one that something took over from; and nobody gets,
/// by rotating, a token that they could not have made.
fn check_rotatable(actor: &Actor, token: &Token, now: OffsetDateTime) -> Result<(), ServiceError> {
    if token.superseded_by.is_some() {
        return Err(rotated_already());
    }
    if !token.is_active(now) {
        return Err(ServiceError::Conflict(format!(
            "{} works no longer, so nothing can take over from it. Create a new token.",
            shown(token)
        )));
    }
    grantable(actor, token.scopes.clone()).map(drop)
}

fn rotated_already() -> ServiceError {
    ServiceError::Conflict("This token was rotated out already. Rotate the one that took over from it.".to_owned())
}
