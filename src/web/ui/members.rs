//! Who belongs to the organization, for the dashboard.

use super::backend::Bound;
use super::error::from_service;
use super::moment::moment;
use crate::domain::{ACTIONS, Actor, OrgId, Role, Scope, UserId};
use crate::service::accounts::SignedIn;
use crate::service::members::Member;
use crate::service::{Missing, ServiceError};
use crate::web::auth::KnownCaller;
use crate::web::session::unreadable;
use app::contract::{ActionView, InvitationView, MemberView, MembersView, UiError};
use app::ports::MemberPort;
use async_trait::async_trait;
use time::OffsetDateTime;

#[async_trait]
impl MemberPort for Bound {
    async fn page(&self) -> Result<MembersView, UiError> {
        let KnownCaller { actor, person, .. } = self.known()?;
        let members = self.app.services.members.list(actor).await;
        let members = members.map_err(|error| from_service(&error))?;
        let can_write = may_write(actor);
        let invitations = if can_write {
            self.open_invitations(actor).await?
        } else {
            Vec::new()
        };
        let now = self.app.clock.now();
        let owners = members.iter().filter(|member| member.role == Role::Owner).count();
        Ok(MembersView {
            organization_id: actor.org.to_string(),
            organization: person
                .as_ref()
                .map(|person| person.organization.clone())
                .unwrap_or_default(),
            can_write,
            roles: givable(actor).map(|role| role.to_string()).collect(),
            members: members
                .into_iter()
                .map(|member| view(member, owners, actor, now))
                .collect(),
            invitations,
            actions: actions(),
        })
    }

    async fn set_role(&self, organization: String, member: String, role: String) -> Result<(), UiError> {
        let actor = self.actor_in(&organization)?;
        let role = read_role(&role)?;
        let changed = self.app.services.members.set_role(actor, read_member(&member)?, role);
        changed.await.map(drop).map_err(|error| from_service(&error))
    }

    async fn remove(&self, organization: String, member: String) -> Result<(), UiError> {
        let actor = self.actor_in(&organization)?;
        let removed = self.app.services.members.remove(actor, read_member(&member)?).await;
        removed.map(drop).map_err(|error| from_service(&error))
    }

    async fn leave(&self, organization: String) -> Result<(), UiError> {
        let actor = self.actor_in(&organization)?;
        let next = self.leave_as(actor).await.map_err(|error| from_service(&error))?;
        if let Some(place) = next {
            return self.begin(Ok(place)).await;
        }
        let ended = self.session.flush().await;
        ended.map_err(|error| from_service(&unreadable(error)))
    }
}

impl Bound {
    /// The known caller as an actor in the organization that the page was loaded in; scripts need not name one.
    ///
    /// # Errors
    /// As [`Bound::actor`], and [`app::contract::ErrorCode::Conflict`] when the session has turned to another one.
    pub(super) fn actor_in(&self, organization: &str) -> Result<&Actor, UiError> {
        let actor = self.actor()?;
        if organization.is_empty() || organization.parse::<OrgId>().is_ok_and(|org| org == actor.org) {
            return Ok(actor);
        }
        let message =
            "Your session has turned to another organization meanwhile. Load the page again; nothing was changed.";
        Err(from_service(&ServiceError::Conflict(message.to_owned())))
    }

    async fn open_invitations(&self, actor: &Actor) -> Result<Vec<InvitationView>, UiError> {
        let invitations = self.app.services.invitations.list(actor).await;
        let invitations = invitations.map_err(|error| from_service(&error))?;
        let now = self.app.clock.now();
        let view = |invitation| super::invitations::view(invitation, actor, now);
        Ok(invitations.into_iter().map(view).collect())
    }

    /// Leaves, and gives the session's new place, where the person has another organization.
    async fn leave_as(&self, actor: &Actor) -> Result<Option<SignedIn>, ServiceError> {
        self.app.services.members.leave(actor).await?;
        let organizations = &self.app.services.organizations;
        match organizations.of(actor).await?.first() {
            Some(next) => organizations.enter(actor, next.org).await.map(Some),
            None => Ok(None),
        }
    }
}

/// Whether the actor may invite, change and remove people.
fn may_write(actor: &Actor) -> bool {
    actor.scopes.permit(Scope::WriteMembers) && actor.project.is_none()
}

/// The roles that the actor may give, and whose people they may change.
fn givable(actor: &Actor) -> impl Iterator<Item = Role> {
    let roles = Role::EVERY.iter().copied();
    roles.filter(move |role| may_write(actor) && reaches(actor, *role))
}

/// Whether the actor holds as much as somebody of this role.
pub(super) fn reaches(actor: &Actor, role: Role) -> bool {
    let wanted = role.scopes();
    Scope::EVERY
        .iter()
        .all(|scope| !wanted.permit(*scope) || actor.scopes.permit(*scope))
}

pub(super) fn read_role(role: &str) -> Result<Role, UiError> {
    let unknown = |_| UiError::at_field("role", "Choose owner, admin, member or viewer.");
    role.parse().map_err(unknown)
}

fn read_member(member: &str) -> Result<UserId, UiError> {
    member
        .parse()
        .map_err(|_| from_service(&ServiceError::Missing(Missing::Member)))
}

fn view(member: Member, owners: usize, actor: &Actor, now: OffsetDateTime) -> MemberView {
    let can_touch = may_write(actor) && reaches(actor, member.role);
    MemberView {
        id: member.user.to_string(),
        role: member.role.to_string(),
        joined_at: moment(member.joined_at, now),
        live_tokens: member.live_tokens,
        is_you: actor.user() == Some(member.user),
        can_change: can_touch,
        can_remove: can_touch,
        is_last_owner: member.role == Role::Owner && owners == 1,
        email: member.email,
    }
}

fn actions() -> Vec<ActionView> {
    let view = |action: &crate::domain::Action| ActionView {
        words: action.words.to_owned(),
        roles: Role::EVERY
            .iter()
            .filter(|role| action.is_open_to(**role))
            .map(ToString::to_string)
            .collect(),
    };
    ACTIONS.iter().map(view).collect()
}
