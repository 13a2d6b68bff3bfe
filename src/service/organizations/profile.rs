//! What an organization says of itself.

use super::Organizations;
use crate::domain::{Actor, Scope};
use crate::service::audit::{Event, Target};
use crate::service::projects::{ProjectRef, check_name};
use crate::service::{Missing, ServiceError};
use crate::store::organization_profile;
pub use crate::store::organization_profile::OrganizationProfile;
use crate::store::{StoreError, projects};
use serde_json::json;

/// What to change; `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// Its name.
    pub name: Option<String>,
    /// The project that calls work in which name none.
    pub default_project: Option<ProjectRef>,
}

impl Organizations {
    /// The actor's organization. Needs no scope: whoever belongs to it may know what it is called.
    ///
    /// # Errors
    /// [`ServiceError::Missing`].
    pub async fn profile(&self, actor: &Actor) -> Result<OrganizationProfile, ServiceError> {
        let mut tx = self.foundation.store.org(actor.org).await?;
        let profile = organization_profile::find(&mut tx).await?;
        profile.ok_or(ServiceError::Missing(Missing::Organization))
    }

    /// Changes the actor's organization, if it is still at the version that was seen.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:settings`; [`ServiceError::OneProjectOnly`];
    /// [`ServiceError::Invalid`] for the name; [`ServiceError::Missing`] for the project;
    /// [`ServiceError::Conflict`] for a name that another organization has; [`ServiceError::Changed`].
    pub async fn change_profile(
        &self,
        actor: &Actor,
        change: ProfileChange,
        seen: Option<i64>,
    ) -> Result<OrganizationProfile, ServiceError> {
        actor.require(Scope::WriteSettings)?;
        actor.require_whole_organization()?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let before = organization_profile::find(&mut tx).await?;
        let before = before.ok_or(ServiceError::Missing(Missing::Organization))?;
        if seen.is_some_and(|seen| seen != before.row_version) {
            return Err(changed_meanwhile());
        }
        let mut after = before.clone();
        if let Some(name) = &change.name {
            after.name = check_name("name", name)?;
        }
        if let Some(project) = &change.default_project {
            let found = match project {
                ProjectRef::Id(id) => projects::find(&mut tx, *id).await?,
                ProjectRef::Slug(slug) => projects::find_by_slug(&mut tx, slug).await?,
            };
            after.default_project = Some(found.ok_or(ServiceError::Missing(Missing::Project))?.id);
        }
        if after == before {
            return Ok(before);
        }
        after.row_version += 1;
        if !organization_profile::update(&mut tx, &after)
            .await
            .map_err(name_taken)?
        {
            return Err(changed_meanwhile());
        }
        let details = json!({
            "from": { "name": before.name, "default_project": before.default_project },
            "to": { "name": after.name, "default_project": after.default_project },
        });
        let target = Target::new("organization", &actor.org);
        self.audit
            .record(&mut tx, actor, Event::OrganizationProfileChanged, &target, details)
            .await?;
        tx.commit().await?;
        Ok(after)
    }
}

fn name_taken(error: StoreError) -> ServiceError {
    if error.breaks("organizations_by_name") {
        ServiceError::Conflict("Another organization has that name. Choose another one.".to_owned())
    } else {
        error.into()
    }
}

fn changed_meanwhile() -> ServiceError {
    ServiceError::Changed(
        "Somebody else changed this organization meanwhile. Nothing was changed by you; look again.".to_owned(),
    )
}
