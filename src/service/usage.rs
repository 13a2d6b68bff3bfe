//! Reading what calls through the gateway used.

use super::projects::{Project, ProjectRef, Projects};
use super::{Foundation, Missing, ServiceError};
use crate::domain::{Actor, CallId, ProviderSlug, Scope, TokenId};
pub use crate::store::usage::{Call, CallCursor, CallFilter, StatusFilter};
use crate::store::usage_hours::{self, Kinds};
use crate::store::{keys, tokens, usage};
use futures::Stream;
use futures::stream::try_unfold;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

/// The most calls of one page.
pub const MOST_CALLS: u16 = 200;
/// Calls are exported in pages of so many.
const EXPORT_PAGE: i64 = 1_000;
/// Batches of several instances become visible out of order, but hardly by more than this.
const OUT_OF_ORDER: Duration = Duration::seconds(2);
/// What calls of so many days were made with can be chosen among.
const CHOICES_OF: Duration = Duration::days(30);

/// What can be chosen among in a filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Providers that were called lately.
    pub providers: Vec<ProviderSlug>,
    /// Models that were called lately.
    pub models: Vec<String>,
    /// Tokens that called lately, with their names.
    pub tokens: Vec<(TokenId, String)>,
}

/// How far a project is on its way to its first call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FirstSteps {
    /// Whether it has a key that is switched on.
    pub has_key: bool,
    /// Whether a token that works may call models in it.
    pub has_token: bool,
    /// Whether a call was made.
    pub has_call: bool,
}

/// Reads usage. A token of one project sees that project only.
pub struct Usage {
    foundation: Arc<Foundation>,
    projects: Arc<Projects>,
}

impl Usage {
    pub(crate) const fn new(foundation: Arc<Foundation>, projects: Arc<Projects>) -> Self {
        Self { foundation, projects }
    }

    /// The project's calls behind `cursor`, the newest first, at most `limit` and one more than [`MOST_CALLS`], which
    /// tells whether there are more.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:usage`; [`ServiceError::Missing`].
    pub async fn list(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        filter: &CallFilter,
        cursor: Option<CallCursor>,
        limit: u16,
    ) -> Result<(Project, Vec<Call>), ServiceError> {
        actor.require(Scope::ReadUsage)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.projects.find(&mut tx, actor, project).await?;
        let limit = i64::from(limit.min(MOST_CALLS + 1));
        let calls = usage::list(&mut tx, project.id, filter, cursor, limit).await?;
        Ok((project, calls))
    }

    /// The project's calls that were recorded since then ([`Call::recorded_at`]), the last recorded first, at most
    /// [`MOST_CALLS`]: who looks on keeps up with the newest, however many there are. Some of those before are told
    /// again: tell calls apart by their ids. A long call comes in here when it ends, and stands in [`Usage::list`]
    /// where it began.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:usage`; [`ServiceError::Missing`].
    pub async fn arrived_since(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        filter: &CallFilter,
        since: OffsetDateTime,
    ) -> Result<Vec<Call>, ServiceError> {
        actor.require(Scope::ReadUsage)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.projects.find(&mut tx, actor, project).await?;
        let since = since - OUT_OF_ORDER;
        Ok(usage::arrived_since(&mut tx, project.id, filter, since, i64::from(MOST_CALLS)).await?)
    }

    /// One call.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:usage`; [`ServiceError::Missing`].
    pub async fn get(&self, actor: &Actor, project: &ProjectRef, call: CallId) -> Result<Call, ServiceError> {
        actor.require(Scope::ReadUsage)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.projects.find(&mut tx, actor, project).await?;
        usage::find(&mut tx, project.id, call)
            .await?
            .ok_or(ServiceError::Missing(Missing::Call))
    }

    /// All calls under the filter, the newest first, page by page, so that neither memory nor a transaction is held
    /// for long. Calls that are made meanwhile are not among them.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:usage`; [`ServiceError::Missing`]; the stream has whatever the store
    /// says later.
    pub async fn export(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        filter: CallFilter,
    ) -> Result<
        (
            Project,
            impl Stream<Item = Result<Vec<Call>, ServiceError>> + Send + use<>,
        ),
        ServiceError,
    > {
        actor.require(Scope::ReadUsage)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.projects.find(&mut tx, actor, project).await?;
        drop(tx);
        let (store, org, id) = (self.foundation.store.clone(), actor.org, project.id);
        let begin = CallCursor {
            occurred_at: self.foundation.clock.now(),
            id: CallId::from_uuid(uuid::Uuid::max()),
        };
        let pages = try_unfold(Some(begin), move |cursor| {
            let (store, filter) = (store.clone(), filter.clone());
            async move {
                let Some(cursor) = cursor else { return Ok(None) };
                let mut tx = store.org(org).await?;
                let calls = usage::list(&mut tx, id, &filter, Some(cursor), EXPORT_PAGE).await?;
                let next = calls.last().map(Call::cursor);
                Ok(next.map(|next| (calls, Some(next))))
            }
        });
        Ok((project, pages))
    }

    /// What calls of the last weeks were made with, to choose among. New calls are in it within some minutes.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:usage`; [`ServiceError::Missing`].
    pub async fn choices(&self, actor: &Actor, project: &ProjectRef) -> Result<Choices, ServiceError> {
        actor.require(Scope::ReadUsage)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.projects.find(&mut tx, actor, project).await?;
        let since = self.foundation.clock.now() - CHOICES_OF;
        let Kinds {
            providers,
            models,
            tokens: called,
        } = usage_hours::kinds(&mut tx, project.id, since).await?;
        let known = tokens::list(&mut tx, project.id).await?.into_iter();
        let tokens = known
            .filter(|token| called.contains(&token.id))
            .map(|token| (token.id, token.name));
        Ok(Choices {
            providers,
            models,
            tokens: tokens.collect(),
        })
    }

    /// How far the project is on its way to its first call.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:usage`; [`ServiceError::Missing`].
    pub async fn first_steps(&self, actor: &Actor, project: &ProjectRef) -> Result<FirstSteps, ServiceError> {
        actor.require(Scope::ReadUsage)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.projects.find(&mut tx, actor, project).await?;
        let now = self.foundation.clock.now();
        let keys = keys::list(&mut tx, project.id, now).await?;
        let tokens = tokens::list(&mut tx, project.id).await?;
        Ok(FirstSteps {
            has_key: keys.iter().any(|key| key.is_active),
            has_token: tokens
                .iter()
                .any(|token| token.is_active(now) && token.scopes.permit(Scope::UseGateway)),
            has_call: usage::exists(&mut tx, Some(project.id)).await?,
        })
    }

    /// Whether the organization has made a call yet.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:usage`; [`ServiceError::OneProjectOnly`].
    pub async fn has_calls(&self, actor: &Actor) -> Result<bool, ServiceError> {
        actor.require(Scope::ReadUsage)?;
        actor.require_whole_organization()?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        Ok(usage::exists(&mut tx, None).await?)
    }
}
