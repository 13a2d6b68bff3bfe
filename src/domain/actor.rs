//! Who acts, and whether they may.

use super::{OrgId, ProjectId, RequestId, Role, Scope, Scopes, TokenId, UserId};
use std::net::IpAddr;
use time::{Duration, OffsetDateTime};

/// How long a check of a person's password counts as recent.
const RECENT: Duration = Duration::minutes(15);
/// How far the clocks of two instances may be apart.
const SKEW: Duration = Duration::minutes(1);

/// Who is behind a request.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Principal {
    /// A person with a session.
    User(UserId),
    /// A program with a token.
    Token(TokenId),
    /// The operator, at the command line of the server itself.
    CommandLine,
    /// The server itself, without being asked.
    System,
}

/// What the audit trail keeps of the request itself.
#[derive(Clone, Copy, Debug)]
pub struct RequestContext {
    /// The request's id.
    pub request_id: RequestId,
    /// The client's address, where the request came over the network.
    pub client: Option<IpAddr>,
}

/// An authenticated caller within one organization. Every service method takes one first.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The organization acted in; nothing else is visible.
    pub org: OrgId,
    /// Who acts.
    pub principal: Principal,
    /// What they may do.
    pub scopes: Scopes,
    /// The only project that may be acted on, for a token of one project.
    pub project: Option<ProjectId>,
    /// When the person last showed who they are; `None` where no person acts, or nobody asked yet.
    pub verified_at: Option<OffsetDateTime>,
    /// The request this is done in.
    pub request: RequestContext,
}

/// An actor may not do this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this needs the scope {scope}")]
pub struct Refusal {
    /// The scope that is missing.
    pub scope: Scope,
}

/// The actor works in one project, and this concerns the whole organization.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token works in one project only")]
pub struct OneProjectOnly;

/// The person has to show once more who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this needs a recent sign-in")]
pub struct NotRecent;

impl Actor {
    /// The server itself, at work in one organization.
    #[must_use]
    pub fn system(org: OrgId, request: RequestContext) -> Self {
        Self {
            org,
            principal: Principal::System,
            scopes: Role::Owner.scopes(),
            project: None,
            verified_at: None,
            request,
        }
    }

    /// Line one of every service method.
    ///
    /// # Errors
    /// [`Refusal`] when the scope is missing; decided before any lookup.
    pub fn require(&self, scope: Scope) -> Result<(), Refusal> {
        if self.scopes.permit(scope) {
            Ok(())
        } else {
            Err(Refusal { scope })
        }
    }

    /// Line two of what concerns the whole organization: that is no business of a token of one project.
    ///
    /// # Errors
    /// [`OneProjectOnly`] for such a token.
    pub fn require_whole_organization(&self) -> Result<(), OneProjectOnly> {
        match self.project {
            Some(_) => Err(OneProjectOnly),
            None => Ok(()),
        }
    }

    /// Line two of what a session that somebody left open, or stole, must not do: a person showed who they are within
    /// the last quarter of an hour. Who is no person has nothing to show but the credential it came with.
    ///
    /// # Errors
    /// [`NotRecent`], for the person to be asked again.
    pub fn require_recent(&self, now: OffsetDateTime) -> Result<(), NotRecent> {
        let is_recent = |at: OffsetDateTime| (-SKEW..RECENT).contains(&(now - at));
        match self.principal {
            Principal::User(_) if !self.verified_at.is_some_and(is_recent) => Err(NotRecent),
            _ => Ok(()),
        }
    }

    /// Whether this actor may know of `project` at all.
    #[must_use]
    pub fn reaches(&self, project: ProjectId) -> bool {
        self.project.is_none_or(|own| own == project)
    }

    /// The person, where one acts.
    #[must_use]
    pub fn user(&self) -> Option<UserId> {
        match self.principal {
            Principal::User(user) => Some(user),
            Principal::Token(_) | Principal::CommandLine | Principal::System => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Clock, FixedClock, SeededRandom};

    #[test]
    fn only_people_are_asked_again_and_only_after_a_while() {
        let (clock, random) = (FixedClock::at_unix(1_700_000_000), SeededRandom::new(1));
        let now = clock.now();
        let request = RequestContext {
            request_id: RequestId::new(&clock, &random),
            client: None,
        };
        let system = Actor::system(OrgId::new(&clock, &random), request);
        assert_eq!(system.require_recent(now), Ok(()));
        let person = |verified_at| Actor {
            principal: Principal::User(UserId::new(&clock, &random)),
            verified_at,
            ..system.clone()
        };
        assert_eq!(person(None).require_recent(now), Err(NotRecent));
        assert_eq!(person(Some(now - Duration::minutes(14))).require_recent(now), Ok(()));
        assert_eq!(
            person(Some(now - Duration::minutes(15))).require_recent(now),
            Err(NotRecent)
        );
        // A clock that was set back makes nobody recent for long.
        assert_eq!(
            person(Some(now + Duration::minutes(2))).require_recent(now),
            Err(NotRecent)
        );
    }
}
