//! What needs attention now, and how the last day went: read from how things are, not from what was told of them.

mod attention;

pub use crate::store::attention::ProjectDay;
pub use attention::Attention;

use super::projects::Project;
use super::{Foundation, ServiceError};
use crate::domain::{Actor, Scope};
use crate::store::{attention as store, projects};
use std::collections::HashMap;
use std::sync::Arc;
use time::Duration;

/// What is shown of the last day.
#[derive(Clone, Debug)]
pub struct ProjectGlance {
    /// The project.
    pub project: Project,
    /// How many keys it has in use.
    pub keys: u32,
    /// Its calls; `None` for who may not see usage.
    pub day: Option<ProjectDay>,
}

/// Looks over an organization.
pub struct Overview {
    foundation: Arc<Foundation>,
}

impl Overview {
    pub(crate) const fn new(foundation: Arc<Foundation>) -> Self {
        Self { foundation }
    }

    /// What needs attention, the most urgent first, as far as the actor may know of it.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:byok`; [`ServiceError::OneProjectOnly`].
    pub async fn attention(&self, actor: &Actor) -> Result<Vec<Attention>, ServiceError> {
        actor.require(Scope::ReadByok)?;
        actor.require_whole_organization()?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        Ok(attention::look(&mut tx, actor, self.foundation.clock.now()).await?)
    }

    /// Every project with its last 24 hours, by name.
    ///
    /// # Errors
    /// As [`Overview::attention`].
    pub async fn last_day(&self, actor: &Actor) -> Result<Vec<ProjectGlance>, ServiceError> {
        actor.require(Scope::ReadByok)?;
        actor.require_whole_organization()?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let projects = projects::list(&mut tx).await?;
        let mut keys: HashMap<_, _> = store::key_counts(&mut tx).await?.into_iter().collect();
        let sees_usage = actor.scopes.permit(Scope::ReadUsage);
        let mut days = HashMap::new();
        if sees_usage {
            let since = self.foundation.clock.now() - Duration::DAY;
            days.extend(store::days(&mut tx, since).await?);
        }
        let glances = projects.into_iter().map(|project| ProjectGlance {
            keys: keys.remove(&project.id).unwrap_or_default(),
            day: sees_usage.then(|| days.remove(&project.id).unwrap_or_default()),
            project,
        });
        Ok(glances.collect())
    }
}
