//! Tokens: made, listed, revoked, and recognised.

mod organization;
mod rotate;

pub use rotate::{RotateToken, RotatedToken, may_rotate};

use super::audit::{Audit, Event, Target};
use super::projects::{Project, ProjectRef, Projects, check_optional_name};
use super::{Foundation, Missing, ServiceError};
use crate::domain::{Actor, OrgId, Principal, ProjectId, RequestContext, Scope, Scopes, TokenId};
use crate::store::OrgTx;
pub use crate::store::tokens::Token;
use crate::store::tokens::{self, TokenCredentials};
use crate::vault;
use crate::vault::TokenKind;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

/// What finds any Latchkey token in a text, as scanners for secrets take it.
pub const PATTERN: &str = vault::Token::PATTERN;
/// The longest life that a token with an end can be given.
pub const MAX_LIFE_DAYS: u32 = 3650;
/// `last_used_at` is a help for people; one write a minute and token is enough.
const TOUCH_EVERY: Duration = Duration::minutes(1);

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What to call it.
    pub name: String,
    /// What it may do; none means everything, for a caller who holds everything.
    pub scopes: Scopes,
    /// In how many days it stops working; 0 for never.
    pub expires_days: u32,
    /// Whether it reaches every project of the organization.
    pub whole_organization: bool,
    /// The maker's address or name, shown in the list.
    pub created_by_name: String,
}

/// A token just made.
#[derive(Debug)]
pub struct MintedToken {
    /// What is kept of it.
    pub token: Token,
    /// Its text; shown once.
    pub text: SecretString,
    /// The organization.
    pub org: OrgId,
}

/// Makes, lists, revokes and recognises tokens.
pub struct Tokens {
    foundation: Arc<Foundation>,
    projects: Arc<Projects>,
    audit: Arc<Audit>,
}

impl Tokens {
    pub(crate) const fn new(foundation: Arc<Foundation>, projects: Arc<Projects>, audit: Arc<Audit>) -> Self {
        Self {
            foundation,
            projects,
            audit,
        }
    }

    /// The tokens that reach the project, the newest first.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:tokens`; [`ServiceError::Missing`].
    pub async fn list(&self, actor: &Actor, project: &ProjectRef) -> Result<(Project, Vec<Token>), ServiceError> {
        actor.require(Scope::WriteTokens)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.projects.find(&mut tx, actor, project).await?;
        let tokens = tokens::list(&mut tx, project.id).await?;
        Ok((project, tokens))
    }

    /// Makes a token that holds no more than its maker; without a project it can only be one of
    /// the whole organization.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:tokens`, or for a scope the maker does not hold;
    /// [`ServiceError::Missing`]; [`ServiceError::Invalid`] for a field.
    pub async fn create(
        &self,
        actor: &Actor,
        project: Option<&ProjectRef>,
        new: NewToken,
    ) -> Result<MintedToken, ServiceError> {
        actor.require(Scope::WriteTokens)?;
        let scopes = grantable(actor, new.scopes)?;
        let name = check_optional_name("name", &new.name)?;
        let Foundation {
            store,
            clock,
            random,
            roots,
        } = &*self.foundation;
        let now = clock.now();
        let expires_at = expiry(new.expires_days, now)?;
        let mut tx = store.org(actor.org).await?;
        let project = match project {
            Some(project) => Some(self.projects.find(&mut tx, actor, project).await?),
            None => None,
        };
        let minted = vault::Token::mint(TokenKind::Api, &**random);
        let token = Token {
            id: TokenId::new(&**clock, &**random),
            public_id: minted.public_id().as_str().to_owned(),
            name,
            scopes,
            project: reach(actor, project.as_ref(), new.whole_organization)?,
            created_by: actor.user(),
            created_by_name: new.created_by_name,
            created_at: now,
            expires_at,
            revoked_at: None,
            last_used_at: None,
            superseded_by: None,
        };
        tokens::insert(&mut tx, &token, &minted.hash(&roots.token)).await?;
        let details = json!({
            "name": token.name,
            "scopes": token.scopes.to_strings(),
            "project": token.project.map(|project| project.to_string()),
            "expires_days": new.expires_days,
        });
        let target = Target::new("token", &token.id);
        self.audit
            .record(&mut tx, actor, Event::TokenCreated, &target, details)
            .await?;
        tx.commit().await?;
        Ok(MintedToken {
            token,
            text: minted.text(),
            org: actor.org,
        })
    }

    /// Ends a token that reaches the project.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:tokens`; [`ServiceError::Missing`].
    pub async fn revoke(&self, actor: &Actor, project: &ProjectRef, token: TokenId) -> Result<Token, ServiceError> {
        actor.require(Scope::WriteTokens)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.projects.find(&mut tx, actor, project).await?;
        let now = self.foundation.clock.now();
        let revoked = tokens::revoke(&mut tx, project.id, token, now)
            .await?
            .filter(|token| rotate::is_within_reach(actor, token))
            .ok_or(ServiceError::Missing(Missing::Token))?;
        self.note_revoked(&mut tx, actor, &revoked).await?;
        tx.commit().await?;
        Ok(revoked)
    }

    async fn note_revoked(&self, tx: &mut OrgTx, actor: &Actor, token: &Token) -> Result<(), ServiceError> {
        let target = Target::new("token", &token.id);
        let details =
            json!({ "name": token.name, "superseded_by": token.superseded_by.map(|token| token.to_string()) });
        Ok(self
            .audit
            .record(tx, actor, Event::TokenRevoked, &target, details)
            .await?)
    }

    /// The actor behind a token's text: checksum first, then one look-up, then a comparison in
    /// constant time.
    ///
    /// # Errors
    /// [`ServiceError::Unauthenticated`], the same for what is malformed, unknown, wrong, expired
    /// and revoked.
    pub async fn authenticate(
        &self,
        text: &SecretString,
        request: RequestContext,
    ) -> Result<(Actor, String), ServiceError> {
        let token = vault::Token::parse(TokenKind::Api, text.expose_secret().trim())
            .map_err(|_| ServiceError::Unauthenticated)?;
        let Foundation {
            store, clock, roots, ..
        } = &*self.foundation;
        let mut tx = store.system().await?;
        let known = tokens::find_by_public_id(&mut tx, token.public_id().as_str()).await?;
        drop(tx);
        let now = clock.now();
        let known = known
            .filter(|known| token.matches(&roots.token, &known.hash))
            .filter(|known| known.revoked_at.is_none())
            .filter(|known| known.expires_at.is_none_or(|end| end > now))
            .ok_or(ServiceError::Unauthenticated)?;
        self.touch(&known, now).await?;
        let actor = Actor {
            org: known.org,
            principal: Principal::Token(known.id),
            scopes: known.scopes,
            project: known.project,
            verified_at: None,
            request,
        };
        Ok((actor, known.name))
    }

    async fn touch(&self, known: &TokenCredentials, now: OffsetDateTime) -> Result<(), ServiceError> {
        if known.last_used_at.is_some_and(|last| now - last < TOUCH_EVERY) {
            return Ok(());
        }
        let mut tx = self.foundation.store.org(known.org).await?;
        tokens::touch(&mut tx, known.id, now).await?;
        Ok(tx.commit().await?)
    }
}

/// What of a token's text is no secret, as lists show it: `lk_api_<public id>`.
#[must_use]
pub fn shown(token: &Token) -> String {
    format!("lk_{}_{}", TokenKind::Api.as_str(), token.public_id)
}

/// The scopes asked for, if the maker may give them away. None asked for means `*`.
fn grantable(actor: &Actor, asked: Scopes) -> Result<Scopes, ServiceError> {
    let asked = if asked.is_empty() {
        Scopes::from_iter([Scope::All])
    } else {
        asked
    };
    let missing = Scope::EVERY
        .iter()
        .copied()
        .find(|scope| asked.permit(*scope) && !actor.scopes.permit(*scope));
    match missing {
        Some(scope) => Err(ServiceError::Refused(crate::domain::Refusal { scope })),
        None => Ok(asked),
    }
}

fn reach(
    actor: &Actor,
    project: Option<&Project>,
    whole_organization: bool,
) -> Result<Option<ProjectId>, ServiceError> {
    if let (Some(project), false) = (project, whole_organization) {
        return Ok(Some(project.id));
    }
    if project.is_none() {
        actor.require_whole_organization()?;
    }
    if actor.project.is_none() {
        return Ok(None);
    }
    let message = "A token of one project cannot make one for the whole organization.";
    Err(ServiceError::invalid("whole_organization", message))
}

fn expiry(days: u32, now: OffsetDateTime) -> Result<Option<OffsetDateTime>, ServiceError> {
    match days {
        0 => Ok(None),
        1..=MAX_LIFE_DAYS => Ok(Some(now + Duration::days(i64::from(days)))),
        _ => Err(ServiceError::invalid(
            "expires_days",
            format!("Use 0 for never, or up to {MAX_LIFE_DAYS} days."),
        )),
    }
}
