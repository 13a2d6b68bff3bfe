//! Who acts, and whether they may.

use super::{OrgId, ProjectId, RequestId, Role, Scope, Scopes, TokenId, UserId};
use std::net::IpAddr;

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

impl Actor {
    /// The server itself, at work in one organization.
    #[must_use]
    pub fn system(org: OrgId, request: RequestContext) -> Self {
        Self {
            org,
            principal: Principal::System,
            scopes: Role::Owner.scopes(),
            project: None,
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
