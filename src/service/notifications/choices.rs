//! Who is told of what, and how: as a person chose, else as the organization did, else as the kind is by itself.

use super::Notifications;
use crate::domain::{Actor, NotificationKind, Role, Scope, UserId};
use crate::service::audit::{Event, Target};
use crate::service::{Missing, ServiceError};
use crate::store::memberships::{self, Member};
use crate::store::notifications::choices::{self, Choice};
use crate::store::{OrgTx, StoreError};
use serde_json::json;
use std::collections::HashMap;

pub use crate::store::notifications::choices::Ways;

/// What a person sees of the choices about one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KindChoice {
    /// The kind.
    pub kind: NotificationKind,
    /// How it reaches the person.
    pub own: Ways,
    /// How it reaches whoever chose nothing; mail only owners and admins.
    pub organization: Ways,
}

/// Which notifications reach a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonalChoices {
    /// Their address; empty for a token.
    pub email: String,
    /// Every kind that they may be told of.
    pub kinds: Vec<KindChoice>,
    /// Whether they chose anything themselves.
    pub has_own: bool,
}

/// The kinds that the bell shows, and those that are mailed.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Kinds that the bell shows.
    pub bell: Vec<NotificationKind>,
    /// Kinds that are mailed.
    pub mail: Vec<NotificationKind>,
}

impl Wanted {
    fn ways(&self, kind: NotificationKind) -> Ways {
        Ways {
            bell: self.bell.contains(&kind),
            mail: self.mail.contains(&kind),
        }
    }
}

/// How one kind reaches each of an organization's people.
pub(super) struct Effective {
    kind: NotificationKind,
    organization: Ways,
    own: HashMap<UserId, Ways>,
}

impl Effective {
    pub(super) async fn of_kind(tx: &mut OrgTx, kind: NotificationKind) -> Result<Self, StoreError> {
        let chosen = choices::of_organization(tx).await?;
        Ok(Self {
            kind,
            organization: find(&chosen, kind).unwrap_or_else(|| by_itself(kind)),
            own: choices::of_kind(tx, kind).await?.into_iter().collect(),
        })
    }

    /// Whether somebody is mailed: who may know of it, and wants it.
    pub(super) fn mails(&self, member: &Member) -> bool {
        let own = self.own.get(&member.user).copied();
        let ways = own.unwrap_or_else(|| for_role(self.organization, member.role));
        ways.mail && member.role.scopes().permit(self.kind.scope())
    }
}

impl Notifications {
    /// Which notifications reach the person who asks; to a token, which those who chose nothing.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:byok`; [`ServiceError::OneProjectOnly`].
    pub async fn choices(&self, actor: &Actor) -> Result<PersonalChoices, ServiceError> {
        actor.require(Scope::ReadByok)?;
        actor.require_whole_organization()?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let organization = choices::of_organization(&mut tx).await?;
        let (own, email, role) = match actor.user() {
            None => (Vec::new(), String::new(), Role::Owner),
            Some(user) => {
                let Member { email, role, .. } = self.member(&mut tx, user).await?;
                (choices::of_person(&mut tx, user).await?, email, role)
            }
        };
        let kinds = kinds_for(actor).map(|kind| {
            let organization = find(&organization, kind).unwrap_or_else(|| by_itself(kind));
            KindChoice {
                kind,
                own: find(&own, kind).unwrap_or_else(|| for_role(organization, role)),
                organization,
            }
        });
        Ok(PersonalChoices {
            email,
            kinds: kinds.collect(),
            has_own: !own.is_empty(),
        })
    }

    /// Chooses for the person who asks. What they want as the organization does follows that when it changes.
    ///
    /// # Errors
    /// [`ServiceError::PersonsOnly`] to a token.
    pub async fn choose(&self, actor: &Actor, wanted: &Wanted) -> Result<(), ServiceError> {
        let user = actor.user().ok_or(ServiceError::PersonsOnly)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let member = self.member(&mut tx, user).await?;
        let organization = choices::of_organization(&mut tx).await?;
        let own: Vec<Choice> = kinds_for(actor)
            .filter_map(|kind| {
                let organization = find(&organization, kind).unwrap_or_else(|| by_itself(kind));
                let ways = wanted.ways(kind);
                (ways != for_role(organization, member.role)).then_some(Choice { kind, ways })
            })
            .collect();
        choices::set_for_person(&mut tx, user, &own).await?;
        Ok(tx.commit().await?)
    }

    /// Forgets what the person who asks chose.
    ///
    /// # Errors
    /// [`ServiceError::PersonsOnly`] to a token.
    pub async fn forget_choices(&self, actor: &Actor) -> Result<(), ServiceError> {
        let user = actor.user().ok_or(ServiceError::PersonsOnly)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        choices::set_for_person(&mut tx, user, &[]).await?;
        Ok(tx.commit().await?)
    }

    /// Chooses for everybody in the organization who chose nothing.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:settings`; [`ServiceError::OneProjectOnly`].
    pub async fn choose_for_organization(&self, actor: &Actor, wanted: &Wanted) -> Result<(), ServiceError> {
        actor.require(Scope::WriteSettings)?;
        actor.require_whole_organization()?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let choices: Vec<Choice> = NotificationKind::EVERY
            .iter()
            .map(|&kind| Choice {
                kind,
                ways: wanted.ways(kind),
            })
            .filter(|choice| choice.ways != by_itself(choice.kind))
            .collect();
        choices::set_for_organization(&mut tx, &choices).await?;
        let names = |kinds: &[NotificationKind]| kinds.iter().map(ToString::to_string).collect::<Vec<_>>();
        let details = json!({ "bell": names(&wanted.bell), "mail": names(&wanted.mail) });
        let target = Target::new("organization", &actor.org);
        self.audit
            .record(&mut tx, actor, Event::NotificationsChosen, &target, details)
            .await?;
        Ok(tx.commit().await?)
    }

    /// The kinds that the person's bell shows.
    pub(super) async fn bell_kinds(&self, tx: &mut OrgTx, actor: &Actor) -> Result<Vec<NotificationKind>, StoreError> {
        let organization = choices::of_organization(tx).await?;
        let own = match actor.user() {
            Some(user) => choices::of_person(tx, user).await?,
            None => Vec::new(),
        };
        let shows = |kind: &NotificationKind| {
            let ways = find(&own, *kind).or_else(|| find(&organization, *kind));
            ways.unwrap_or_else(|| by_itself(*kind)).bell
        };
        Ok(kinds_for(actor).filter(shows).collect())
    }

    /// Ends the mails of one kind to one person.
    pub(super) async fn stop_mails(
        &self,
        tx: &mut OrgTx,
        member: &Member,
        kind: NotificationKind,
    ) -> Result<(), StoreError> {
        let organization = choices::of_organization(tx).await?;
        let mut own = choices::of_person(tx, member.user).await?;
        let before = find(&own, kind).or_else(|| find(&organization, kind));
        let ways = Ways {
            mail: false,
            ..before.unwrap_or_else(|| by_itself(kind))
        };
        own.retain(|choice| choice.kind != kind);
        own.push(Choice { kind, ways });
        choices::set_for_person(tx, member.user, &own).await
    }

    pub(super) async fn member(&self, tx: &mut OrgTx, user: UserId) -> Result<Member, ServiceError> {
        let members = memberships::list(tx, self.foundation.clock.now()).await?;
        let found = members.into_iter().find(|member| member.user == user);
        found.ok_or(ServiceError::Missing(Missing::Member))
    }
}

/// The kinds that the actor may be told of.
pub(super) fn kinds_for(actor: &Actor) -> impl Iterator<Item = NotificationKind> {
    let may_know = |kind: &NotificationKind| actor.scopes.permit(kind.scope());
    NotificationKind::EVERY.iter().copied().filter(may_know)
}

fn find(choices: &[Choice], kind: NotificationKind) -> Option<Ways> {
    let choice = choices.iter().find(|choice| choice.kind == kind)?;
    Some(choice.ways)
}

/// Where nobody chose anything.
const fn by_itself(kind: NotificationKind) -> Ways {
    Ways {
        bell: true,
        mail: kind.mails(),
    }
}

/// Of those who chose nothing only owners and admins are mailed.
fn for_role(organization: Ways, role: Role) -> Ways {
    Ways {
        mail: organization.mail && matches!(role, Role::Owner | Role::Admin),
        ..organization
    }
}
