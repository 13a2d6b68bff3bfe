//! Calls through the gateway, for the dashboard.

mod advice;
mod detail;
pub(super) mod filter;
mod row;
mod wanted;
mod window;
pub(super) mod words;

use super::backend::{Bound, project_ref};
use super::curl;
use super::error::from_service;
use super::place;
use super::point_in_time::in_field;
use crate::domain::Scope;
use crate::service::projects::{Project, ProjectRef};
use crate::service::usage::{Call, CallCursor, CallFilter, FirstSteps};
use crate::service::{Missing, ServiceError};
use app::contract::{
    ActivityFilter, ActivityView, CallDetailView, ChecklistView, FilterFieldView, LinkView, OptionView, UiError,
};
use app::ports::{ActivityCursor, ActivityPort};
use async_trait::async_trait;
use filter::tidy;
use time::{Duration, OffsetDateTime};
use window::Window;

/// How many calls stand on a page.
const PAGE: u16 = 50;

/// How far the clocks of this machine and the database's may be apart. Only matters where no call is
/// there yet, whose time of arrival would tell.
const CLOCKS_APART: Duration = Duration::MINUTE;

#[async_trait]
impl ActivityPort for Bound {
    async fn page(
        &self,
        project: String,
        filter: ActivityFilter,
        cursor: ActivityCursor,
    ) -> Result<ActivityView, UiError> {
        let project = project_ref(&project)?;
        let filter = tidy(filter);
        if cursor.after.is_empty() {
            self.page_of_calls(&project, filter, &cursor.before).await
        } else {
            self.new_calls(&project, &filter, &cursor.after).await
        }
    }

    async fn call(&self, project: String, call: String) -> Result<CallDetailView, UiError> {
        let project = project_ref(&project)?;
        let id = call
            .parse()
            .map_err(|_| from_service(&ServiceError::Missing(Missing::Call)))?;
        let call = self.app.services.usage.get(self.actor()?, &project, id).await;
        let call = call.map_err(|error| from_service(&error))?;
        let slug = self.slug_of(&project, &call).await?;
        Ok(detail::detail(&call, &slug, self.app.clock.now()))
    }
}

impl Bound {
    async fn page_of_calls(
        &self,
        project: &ProjectRef,
        filter: ActivityFilter,
        before: &str,
    ) -> Result<ActivityView, UiError> {
        let actor = self.actor()?;
        let usage = &self.app.services.usage;
        let now = self.app.clock.now();
        let cursor = place::read(before)?.map(|(occurred_at, id)| CallCursor { occurred_at, id });
        let window = Window::of(&filter, now);
        let question = window.clone().and_then(|window| wanted::wanted(&filter, window));
        // Without a question there is an answer too: who may not look is refused, and the page is drawn.
        let nothing = CallFilter::default();
        let (wanted, limit) = match &question {
            Ok(wanted) => (wanted, PAGE + 1),
            Err(_) => (&nothing, 0),
        };
        let found = usage.list(actor, project, wanted, cursor, limit).await;
        let (project_found, mut calls) = found.map_err(|error| from_service(&error))?;
        let has_older = calls.len() > usize::from(PAGE);
        calls.truncate(usize::from(PAGE));
        let older = calls
            .last()
            .filter(|_| has_older)
            .map(|call| place::write(call.occurred_at, call.id));
        let looser = if calls.is_empty() && question.is_ok() {
            self.looser(project, &filter, now).await?
        } else {
            Vec::new()
        };
        let arrived = calls.iter().map(|call| call.recorded_at).max();
        Ok(ActivityView {
            fields: self.fields(project, &filter, window.as_ref().ok()).await?,
            query: filter::query(&filter, None),
            older: older.map(|older| filter::query(&filter, Some(("before", &older)))),
            newest: place::write_moment(arrived.unwrap_or(now - CLOCKS_APART)),
            is_live: cursor.is_none() && question.is_ok() && window.is_ok_and(|window| window.reaches(now)),
            problem: question.err(),
            looser,
            checklist: self.checklist(&project_found).await?,
            calls: calls.iter().map(|call| row::row(call, now)).collect(),
        })
    }

    /// What was recorded since `after`, for a page that is open. It says nothing about the rest of the page.
    async fn new_calls(
        &self,
        project: &ProjectRef,
        filter: &ActivityFilter,
        after: &str,
    ) -> Result<ActivityView, UiError> {
        let now = self.app.clock.now();
        let since = place::read_moment(after)
            .ok_or_else(|| UiError::at_field("after", "Take the place from the answer before."))?;
        let wanted = Window::of(filter, now).and_then(|window| wanted::wanted(filter, window));
        let wanted = wanted.map_err(|problem| UiError::new(app::contract::ErrorCode::InvalidInput, problem))?;
        let actor = self.actor()?;
        let arrived = self
            .app
            .services
            .usage
            .arrived_since(actor, project, &wanted, since)
            .await;
        let arrived = arrived.map_err(|error| from_service(&error))?;
        let newest = arrived.iter().map(|call| call.recorded_at).max().unwrap_or(since);
        Ok(ActivityView {
            calls: arrived.iter().map(|call| row::row(call, now)).collect(),
            newest: place::write_moment(newest),
            is_live: true,
            fields: Vec::new(),
            problem: None,
            query: String::new(),
            older: None,
            looser: Vec::new(),
            checklist: None,
        })
    }

    /// The filter's fields; beside what is always there, models and tokens that called lately.
    async fn fields(
        &self,
        project: &ProjectRef,
        filter: &ActivityFilter,
        window: Option<&Window>,
    ) -> Result<Vec<FilterFieldView>, UiError> {
        let choices = self.app.services.usage.choices(self.actor()?, project).await;
        let choices = choices.map_err(|error| from_service(&error))?;
        let models = choices.models.into_iter().map(|model| OptionView::new(model, ""));
        let tokens = choices.tokens.into_iter();
        let tokens = tokens.map(|(id, name)| {
            let id = id.to_string();
            let label = if name.is_empty() { id.clone() } else { name };
            OptionView::new(id, label)
        });
        let mut shown = filter.clone();
        if let (Some(window), filter::CUSTOM) = (window, filter.range.as_str()) {
            shown.from = in_field(window.from);
            shown.to = in_field(window.to);
        }
        Ok(filter::fields(&shown, models.collect(), tokens.collect()))
    }

    /// Filters without which something would be found.
    async fn looser(
        &self,
        project: &ProjectRef,
        filter: &ActivityFilter,
        now: OffsetDateTime,
    ) -> Result<Vec<LinkView>, UiError> {
        let mut links = Vec::new();
        let loosest = filter::loosest();
        let candidates = filter::looser(filter);
        for (words, candidate) in candidates.into_iter().chain([loosest]) {
            let is_last_resort = words == filter::loosest().0;
            if (!is_last_resort || links.is_empty()) && self.finds(project, &candidate, now).await? {
                links.push(LinkView {
                    label: words.to_owned(),
                    href: filter::query(&candidate, None),
                });
            }
        }
        Ok(links)
    }

    async fn finds(&self, project: &ProjectRef, filter: &ActivityFilter, now: OffsetDateTime) -> Result<bool, UiError> {
        let wanted = Window::of(filter, now).and_then(|window| wanted::wanted(filter, window));
        let Ok(wanted) = wanted else { return Ok(false) };
        let found = self
            .app
            .services
            .usage
            .list(self.actor()?, project, &wanted, None, 1)
            .await;
        found
            .map(|(_, calls)| !calls.is_empty())
            .map_err(|error| from_service(&error))
    }

    /// The slug of the project that a call was made in, for addresses.
    async fn slug_of(&self, project: &ProjectRef, call: &Call) -> Result<String, UiError> {
        if let ProjectRef::Slug(slug) = project {
            return Ok(slug.to_string());
        }
        let projects = self.app.services.projects.list(self.actor()?).await;
        let projects = projects.map_err(|error| from_service(&error))?;
        let own = projects.iter().find(|project| project.id == call.project);
        Ok(own.map_or_else(|| call.project.to_string(), |project| project.slug.to_string()))
    }

    /// How far the way to the project's first call is gone; `None` once it has come, and for those who
    /// cannot go it.
    pub(super) async fn checklist(&self, project: &Project) -> Result<Option<ChecklistView>, UiError> {
        let actor = self.actor()?;
        if !actor.scopes.permit(Scope::ReadUsage) || !actor.scopes.permit(Scope::WriteByok) {
            return Ok(None);
        }
        let steps = self
            .app
            .services
            .usage
            .first_steps(actor, &ProjectRef::Id(project.id))
            .await;
        let FirstSteps {
            has_key,
            has_token,
            has_call,
        } = steps.map_err(|error| from_service(&error))?;
        Ok((!has_call).then(|| ChecklistView {
            has_key,
            has_token,
            has_call,
            curl: curl::of_a_model(&self.base_url(), "$LATCHKEY_TOKEN", None),
        }))
    }
}

/// The service's question behind the address's words; what cannot be read of them, in words.
pub(super) fn question(filter: ActivityFilter, now: OffsetDateTime) -> Result<CallFilter, String> {
    let filter = tidy(filter);
    wanted::wanted(&filter, Window::of(&filter, now)?)
}
