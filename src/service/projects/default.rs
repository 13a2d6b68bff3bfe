//! The project that calls work in which name none.

use super::{Project, ProjectRef, Projects};
use crate::domain::Actor;
use crate::service::{Missing, ServiceError};
use crate::store::{organization_profile, projects};

impl Projects {
    /// The project that the actor means without naming one: the token's only one, else the organization's chosen one,
    /// else its oldest. Needs no scope, as [`Projects::list`].
    ///
    /// # Errors
    /// [`ServiceError::Missing`] where there is no project at all.
    pub async fn default_of(&self, actor: &Actor) -> Result<Project, ServiceError> {
        let mut tx = self.foundation.store.org(actor.org).await?;
        let chosen = match actor.project {
            Some(only) => Some(only),
            None => organization_profile::find(&mut tx)
                .await?
                .and_then(|profile| profile.default_project),
        };
        if let Some(chosen) = chosen {
            return self.find(&mut tx, actor, &ProjectRef::Id(chosen)).await;
        }
        let oldest = projects::list(&mut tx)
            .await?
            .into_iter()
            .min_by_key(|project| (project.created_at, project.id));
        oldest.ok_or(ServiceError::Missing(Missing::Project))
    }
}
