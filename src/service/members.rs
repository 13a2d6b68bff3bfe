//! Who belongs to an organization: seen, changed, removed, left.

use super::audit::{Audit, Event, Target};
use super::{Foundation, Missing, ServiceError};
use crate::domain::{Actor, Refusal, Role, Scope, UserId};
pub use crate::store::memberships::Member;
use crate::store::{OrgTx, StoreError, invitations, memberships};
use serde_json::json;
use std::sync::Arc;
use time::OffsetDateTime;

/// Sees and changes who belongs to an organization. Sessions derive what they may do from it with each request, so a
/// change is in force with the next one.
pub struct Members {
    foundation: Arc<Foundation>,
    audit: Arc<Audit>,
}

impl Members {
    pub(crate) const fn new(foundation: Arc<Foundation>, audit: Arc<Audit>) -> Self {
        Self { foundation, audit }
    }

    /// Everybody who belongs to the organization, by address. People see it whatever their role is: they have to know
    /// whom to ask.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] to a token without `write:members`; [`ServiceError::OneProjectOnly`].
    pub async fn list(&self, actor: &Actor) -> Result<Vec<Member>, ServiceError> {
        if actor.user().is_none() {
            require_writer(actor)?;
        }
        let mut tx = self.foundation.store.org(actor.org).await?;
        Ok(memberships::list(&mut tx, self.foundation.clock.now()).await?)
    }

    /// Changes a person's role. What they invited others for and may no longer give is revoked.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:members`, or where either role holds more than the actor does;
    /// [`ServiceError::OneProjectOnly`]; [`ServiceError::SignInAgain`] where an owner is made or unmade;
    /// [`ServiceError::Missing`]; [`ServiceError::Conflict`] when nobody would be owner.
    pub async fn set_role(&self, actor: &Actor, user: UserId, role: Role) -> Result<Member, ServiceError> {
        require_writer(actor)?;
        let now = self.foundation.clock.now();
        let mut tx = self.foundation.store.org(actor.org).await?;
        let everybody = memberships::lock(&mut tx, now).await?;
        let before = found(&everybody, user)?;
        require_reach(actor, before.role, now)?;
        require_reach(actor, role, now)?;
        let after = Member { role, ..before.clone() };
        if after == before {
            return Ok(after);
        }
        require_another_owner(&everybody, &before, Some(role))?;
        memberships::set_role(&mut tx, user, role).await.map_err(no_owner)?;
        self.withdraw_invitations(&mut tx, actor, user, Some(role), now).await?;
        let details = json!({ "email": after.email, "from": before.role.as_str(), "to": role.as_str() });
        let target = Target::new("user", &user);
        self.audit
            .record(&mut tx, actor, Event::MemberRoleChanged, &target, details)
            .await?;
        tx.commit().await?;
        Ok(after)
    }

    /// Removes a person from the organization, and revokes the invitations that they made. Their tokens are the
    /// organization's, and stay.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:members`, or where the person holds more than the actor does;
    /// [`ServiceError::OneProjectOnly`]; [`ServiceError::SignInAgain`] for an owner; [`ServiceError::Missing`];
    /// [`ServiceError::Conflict`] for the last owner.
    pub async fn remove(&self, actor: &Actor, user: UserId) -> Result<Member, ServiceError> {
        require_writer(actor)?;
        let now = self.foundation.clock.now();
        let mut tx = self.foundation.store.org(actor.org).await?;
        let everybody = memberships::lock(&mut tx, now).await?;
        let member = found(&everybody, user)?;
        require_reach(actor, member.role, now)?;
        require_another_owner(&everybody, &member, None)?;
        self.take_out(tx, actor, &member, Event::MemberRemoved).await?;
        Ok(member)
    }

    /// Takes the person who asks out of the organization, and revokes the invitations that they made.
    ///
    /// # Errors
    /// [`ServiceError::PersonsOnly`] to a token; [`ServiceError::Conflict`] for the last owner.
    pub async fn leave(&self, actor: &Actor) -> Result<(), ServiceError> {
        let user = actor.user().ok_or(ServiceError::PersonsOnly)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let everybody = memberships::lock(&mut tx, self.foundation.clock.now()).await?;
        let member = found(&everybody, user)?;
        require_another_owner(&everybody, &member, None)?;
        self.take_out(tx, actor, &member, Event::MemberLeft).await
    }

    async fn take_out(&self, mut tx: OrgTx, actor: &Actor, member: &Member, event: Event) -> Result<(), ServiceError> {
        memberships::remove(&mut tx, member.user).await.map_err(no_owner)?;
        let now = self.foundation.clock.now();
        self.withdraw_invitations(&mut tx, actor, member.user, None, now)
            .await?;
        let details = json!({ "email": member.email, "role": member.role.as_str() });
        let target = Target::new("user", &member.user);
        self.audit.record(&mut tx, actor, event, &target, details).await?;
        Ok(tx.commit().await?)
    }

    /// Revokes what `user` has invited others for and could not give with the role that they have now: a link that they
    /// kept would let them in again by another address.
    async fn withdraw_invitations(
        &self,
        tx: &mut OrgTx,
        actor: &Actor,
        user: UserId,
        role: Option<Role>,
        now: OffsetDateTime,
    ) -> Result<(), ServiceError> {
        let may_give = |given: Role| {
            role.is_some_and(|role| {
                role.scopes().permit(Scope::WriteMembers) && lacking(&role.scopes(), given).is_none()
            })
        };
        for invitation in invitations::list(tx).await? {
            if invitation.invited_by != Some(user) || may_give(invitation.role) {
                continue;
            }
            invitations::revoke(tx, invitation.id, now).await?;
            let details = json!({ "email": invitation.email, "role": invitation.role.as_str() });
            let target = Target::new("invitation", &invitation.id);
            self.audit
                .record(tx, actor, Event::InvitationRevoked, &target, details)
                .await?;
        }
        Ok(())
    }
}

/// Line one of what changes who belongs to an organization. A token of one project has no business with that.
pub(super) fn require_writer(actor: &Actor) -> Result<(), ServiceError> {
    actor.require(Scope::WriteMembers)?;
    Ok(actor.require_whole_organization()?)
}

/// Nobody gives a role away, or touches somebody of a role, that holds more than they do. For what only owners may, a
/// person shows once more who they are.
pub(super) fn require_reach(actor: &Actor, role: Role, now: OffsetDateTime) -> Result<(), ServiceError> {
    if let Some(scope) = lacking(&actor.scopes, role) {
        return Err(Refusal { scope }.into());
    }
    if role == Role::Owner {
        actor.require_recent(now)?;
    }
    Ok(())
}

/// The first scope of the role that is not among these.
fn lacking(scopes: &crate::domain::Scopes, role: Role) -> Option<Scope> {
    let wanted = role.scopes();
    Scope::EVERY
        .iter()
        .copied()
        .find(|scope| wanted.permit(*scope) && !scopes.permit(*scope))
}

fn found(everybody: &[Member], user: UserId) -> Result<Member, ServiceError> {
    let member = everybody.iter().find(|member| member.user == user);
    member.cloned().ok_or(ServiceError::Missing(Missing::Member))
}

/// Refuses what would leave the organization without an owner. The database does so too.
fn require_another_owner(everybody: &[Member], member: &Member, next: Option<Role>) -> Result<(), ServiceError> {
    let is_owner = |member: &Member| member.role == Role::Owner;
    let stays_owner = next == Some(Role::Owner);
    let others = everybody.iter().filter(|other| other.user != member.user);
    if is_owner(member) && !stays_owner && !others.into_iter().any(is_owner) {
        return Err(last_owner());
    }
    Ok(())
}

fn no_owner(error: StoreError) -> ServiceError {
    if error.breaks("memberships_keep_an_owner") {
        last_owner()
    } else {
        error.into()
    }
}

fn last_owner() -> ServiceError {
    let message = "An organization keeps at least one owner. Make somebody else an owner first.";
    ServiceError::Conflict(message.to_owned())
}
