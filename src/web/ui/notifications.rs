//! What people are told of, for the dashboard.

use super::backend::Bound;
use super::error::from_service;
use super::moment::moment;
use super::place;
use crate::domain::{MicroDollars, NotificationKind, Scope, Urgency as DomainUrgency};
use crate::service::ServiceError;
use crate::service::notifications::{PersonalChoices, Told, Unsubscribing, Wanted};
use crate::service::overview::{Attention, ProjectDay, ProjectGlance};
use app::contract::{
    AttentionView, FirstCallView, KindChoiceView, LinkView, NotificationChoicesView, NotificationView,
    NotificationsView, OverviewView, ProjectDayView, UiError, UnreadView, UnsubscribeView, Urgency,
};
use app::ports::{KindChoices, NotificationPort, Password};
use async_trait::async_trait;
use time::OffsetDateTime;

/// Notifications of a page.
const PAGE: u16 = 30;

#[async_trait]
impl NotificationPort for Bound {
    async fn overview(&self) -> Result<OverviewView, UiError> {
        let known = self.known()?;
        let overview = &self.app.services.overview;
        let attention = overview.attention(&known.actor).await;
        let attention = attention.map_err(|error| from_service(&error))?;
        let projects = overview.last_day(&known.actor).await;
        let projects = projects.map_err(|error| from_service(&error))?;
        let first_call = self.first_call(&projects).await?;
        let now = self.app.clock.now();
        Ok(OverviewView {
            organization: known
                .person
                .as_ref()
                .map(|person| person.organization.clone())
                .unwrap_or_default(),
            first_call,
            attention: attention.into_iter().map(|one| attention_view(one, now)).collect(),
            projects: projects.into_iter().map(day_view).collect(),
        })
    }

    async fn page(&self, before: String) -> Result<NotificationsView, UiError> {
        let actor = self.actor()?;
        let before = place::read(&before)?;
        let notifications = &self.app.services.notifications;
        let told = notifications.list(actor, before, PAGE + 1).await;
        let mut told = told.map_err(|error| from_service(&error))?;
        let has_more = told.len() > usize::from(PAGE);
        told.truncate(usize::from(PAGE));
        let place = |told: &Told| place::write(told.notification.last_at, told.notification.id);
        let unread = match actor.user() {
            Some(_) => notifications
                .unread(actor)
                .await
                .map_err(|error| from_service(&error))?,
            None => 0,
        };
        let now = self.app.clock.now();
        Ok(NotificationsView {
            unread,
            read_to: told.first().map(place).unwrap_or_default(),
            older: told.last().filter(|_| has_more).map(place),
            notifications: told.into_iter().map(|told| view(told, now)).collect(),
        })
    }

    async fn unread(&self) -> Result<UnreadView, UiError> {
        let unread = self.app.services.notifications.unread(self.actor()?).await;
        let unread = unread.map_err(|error| from_service(&error))?;
        Ok(UnreadView { unread })
    }

    async fn read(&self, read_to: String) -> Result<UnreadView, UiError> {
        let actor = self.actor()?;
        let (at, _) = read_to.split_once('_').unwrap_or((&read_to, ""));
        let Some(at) = place::read_moment(at) else {
            let error = ServiceError::invalid("read_to", "Send what the page of notifications named.");
            return Err(from_service(&error));
        };
        let marked = self.app.services.notifications.mark_read(actor, at).await;
        marked.map_err(|error| from_service(&error))?;
        self.unread().await
    }

    async fn choices(&self) -> Result<NotificationChoicesView, UiError> {
        let actor = self.actor()?;
        let choices = self.app.services.notifications.choices(actor).await;
        let choices = choices.map_err(|error| from_service(&error))?;
        Ok(NotificationChoicesView {
            organization_id: actor.org.to_string(),
            sends_mail: self.app.services.notifications.sends_mail(),
            can_write: actor.scopes.permit(Scope::WriteSettings),
            has_own: choices.has_own,
            kinds: kinds_view(&choices),
            email: choices.email,
        })
    }

    async fn choose(&self, choices: KindChoices) -> Result<NotificationChoicesView, UiError> {
        let actor = self.actor()?;
        let wanted = read_choices(&choices)?;
        let chosen = self.app.services.notifications.choose(actor, &wanted).await;
        chosen.map_err(|error| from_service(&error))?;
        self.choices().await
    }

    async fn forget_choices(&self) -> Result<NotificationChoicesView, UiError> {
        let forgotten = self.app.services.notifications.forget_choices(self.actor()?).await;
        forgotten.map_err(|error| from_service(&error))?;
        self.choices().await
    }

    async fn choose_for_organization(
        &self,
        organization: String,
        choices: KindChoices,
    ) -> Result<NotificationChoicesView, UiError> {
        let actor = self.actor_in(&organization)?;
        // Before any look at what is named, as everywhere.
        actor
            .require(Scope::WriteSettings)
            .map_err(|refusal| from_service(&refusal.into()))?;
        let wanted = read_choices(&choices)?;
        let notifications = &self.app.services.notifications;
        let chosen = notifications.choose_for_organization(actor, &wanted).await;
        chosen.map_err(|error| from_service(&error))?;
        self.choices().await
    }

    async fn unsubscribe_offer(&self, link: Password) -> Result<UnsubscribeView, UiError> {
        let found = self.app.services.notifications.unsubscribing(&link.0).await;
        Ok(unsubscribe_view(found.map_err(|error| from_service(&error))?))
    }

    async fn unsubscribe(&self, link: Password) -> Result<UnsubscribeView, UiError> {
        let ended = self.app.services.notifications.unsubscribe(&link.0).await;
        Ok(unsubscribe_view(ended.map_err(|error| from_service(&error))?))
    }
}

impl Bound {
    /// The way to the organization's first call, in a project that has a key already, where there is one.
    async fn first_call(&self, projects: &[ProjectGlance]) -> Result<Option<FirstCallView>, UiError> {
        let begun = projects.iter().find(|glance| glance.keys > 0);
        let Some(ProjectGlance { project, .. }) = begun.or(projects.first()) else {
            return Ok(None);
        };
        let Some(steps) = self.checklist(project).await? else {
            return Ok(None);
        };
        let has_calls = self.app.services.usage.has_calls(self.actor()?).await;
        let has_calls = has_calls.map_err(|error| from_service(&error))?;
        Ok((!has_calls).then(|| FirstCallView {
            project: project.slug.to_string(),
            steps,
        }))
    }
}

fn view(told: Told, now: OffsetDateTime) -> NotificationView {
    let Told {
        notification,
        words,
        is_new,
    } = told;
    NotificationView {
        id: notification.id.to_string(),
        kind: notification.kind.to_string(),
        urgency: urgency(words.urgency),
        title: words.title,
        text: words.text,
        happened_at: moment(notification.last_at, now),
        is_new,
        link: Some(LinkView {
            label: words.action.to_owned(),
            href: words.path,
        }),
    }
}

const fn urgency(urgency: DomainUrgency) -> Urgency {
    match urgency {
        DomainUrgency::Alarm => Urgency::Alarm,
        DomainUrgency::Warning => Urgency::Warning,
        DomainUrgency::Info => Urgency::Info,
    }
}

fn kinds_view(choices: &PersonalChoices) -> Vec<KindChoiceView> {
    let each = choices.kinds.iter().map(|choice| KindChoiceView {
        kind: choice.kind.to_string(),
        name: choice.kind.name().to_owned(),
        meaning: choice.kind.meaning().to_owned(),
        bell: choice.own.bell,
        mail: choice.own.mail,
        organization_bell: choice.organization.bell,
        organization_mail: choice.organization.mail,
    });
    each.collect()
}

fn read_choices(choices: &KindChoices) -> Result<Wanted, UiError> {
    Ok(Wanted {
        bell: read_kinds("bell", &choices.bell)?,
        mail: read_kinds("mail", &choices.mail)?,
    })
}

/// The kinds that a form names.
pub(super) fn read_kinds(field: &'static str, kinds: &[String]) -> Result<Vec<NotificationKind>, UiError> {
    let read: Result<_, _> = kinds.iter().map(|kind| kind.parse()).collect();
    read.map_err(|_| from_service(&ServiceError::invalid(field, "Choose kinds of the list.")))
}

fn unsubscribe_view(found: Option<Unsubscribing>) -> UnsubscribeView {
    match found {
        None => UnsubscribeView {
            name: None,
            organization: String::new(),
            is_done: false,
        },
        Some(found) => UnsubscribeView {
            name: Some(found.kind.name().to_owned()),
            organization: found.organization,
            is_done: found.is_done,
        },
    }
}

fn attention_view(attention: Attention, now: OffsetDateTime) -> AttentionView {
    AttentionView {
        id: attention.id,
        urgency: urgency(attention.urgency),
        title: attention.title,
        text: attention.text,
        since: attention.since.map(|since| moment(since, now)),
        action: LinkView {
            label: attention.action.to_owned(),
            href: attention.path,
        },
    }
}

fn day_view(glance: ProjectGlance) -> ProjectDayView {
    let ProjectGlance { project, keys, day } = glance;
    let calls = day.map(|day| day.calls);
    let ProjectDay {
        failed,
        on_platform_key,
        cost,
        calls: all,
        without_cost,
    } = day.unwrap_or_default();
    ProjectDayView {
        slug: project.slug.to_string(),
        name: project.name,
        keys,
        calls,
        failed,
        on_platform_key,
        cost: (all > 0 && without_cost < all).then(|| in_cents(cost)),
    }
}

/// Dollars and cents are enough at a glance.
fn in_cents(cost: MicroDollars) -> String {
    let cents = (cost.0 + 5_000) / 10_000;
    match cents {
        0 if cost.0 > 0 => "under $0.01".to_owned(),
        _ => format!("${}.{:02}", cents / 100, cents % 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_told_in_cents() {
        assert_eq!(in_cents(MicroDollars(0)), "$0.00");
        assert_eq!(in_cents(MicroDollars(1)), "under $0.01");
        assert_eq!(in_cents(MicroDollars(1_235_000)), "$1.24");
    }
}
