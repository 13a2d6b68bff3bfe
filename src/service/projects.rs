//! Projects: create, rename, list, find.

mod default;
mod gateway;

pub use gateway::{GatewaySettings, GatewaySettingsChange, GatewaySettingsPatch};

use super::audit::{Audit, Event, Target};
use super::{Foundation, Missing, ServiceError};
use crate::domain::{Actor, ProjectId, ProjectSlug, Scope};
pub use crate::store::projects::Project;
use crate::store::{OrgTx, projects};
use serde_json::json;
use std::str::FromStr;
use std::sync::Arc;

const MAX_NAME: usize = 80;
/// How many numbers are tried behind a slug that is taken, before random digits are.
const NUMBERED_SLUGS: u32 = 20;

/// A project as callers name it: by id or by slug. Slugs never look like ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProjectRef {
    /// By id.
    Id(ProjectId),
    /// By slug.
    Slug(ProjectSlug),
}

impl FromStr for ProjectRef {
    type Err = ServiceError;

    /// What is neither an id nor a slug names no project.
    fn from_str(text: &str) -> Result<Self, ServiceError> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(id));
        }
        text.parse()
            .map(Self::Slug)
            .map_err(|_| ServiceError::Missing(Missing::Project))
    }
}

/// Creates, renames, lists and finds projects.
pub struct Projects {
    foundation: Arc<Foundation>,
    audit: Arc<Audit>,
}

impl Projects {
    pub(crate) const fn new(foundation: Arc<Foundation>, audit: Arc<Audit>) -> Self {
        Self { foundation, audit }
    }

    /// The projects that the actor reaches, by name. Needs no scope: whoever belongs to an
    /// organization may know what its projects are called.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn list(&self, actor: &Actor) -> Result<Vec<Project>, ServiceError> {
        let mut tx = self.foundation.store.org(actor.org).await?;
        let mut projects = projects::list(&mut tx).await?;
        projects.retain(|project| actor.reaches(project.id));
        Ok(projects)
    }

    /// The project that `project` names. Needs no scope, as [`Projects::list`].
    ///
    /// # Errors
    /// [`ServiceError::Missing`].
    pub async fn get(&self, actor: &Actor, project: &ProjectRef) -> Result<Project, ServiceError> {
        let mut tx = self.foundation.store.org(actor.org).await?;
        self.find(&mut tx, actor, project).await
    }

    /// Creates a project with a slug made from its name.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:projects`; [`ServiceError::OneProjectOnly`];
    /// [`ServiceError::Invalid`] for the name.
    pub async fn create(&self, actor: &Actor, name: &str) -> Result<Project, ServiceError> {
        actor.require(Scope::WriteProjects)?;
        // A token of one project could not reach what it makes.
        actor.require_whole_organization()?;
        let name = check_name("name", name)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.insert(&mut tx, &name).await?;
        let target = Target::new("project", &project.id);
        let details = json!({ "name": project.name, "slug": project.slug.as_str() });
        self.audit
            .record(&mut tx, actor, Event::ProjectCreated, &target, details)
            .await?;
        tx.commit().await?;
        Ok(project)
    }

    /// Renames a project, if it is still at the version that was seen; its slug stays, so that nothing that uses it
    /// breaks.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:projects`; [`ServiceError::Missing`];
    /// [`ServiceError::Invalid`] for the name; [`ServiceError::Changed`].
    pub async fn rename(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        name: &str,
        seen: Option<i64>,
    ) -> Result<Project, ServiceError> {
        actor.require(Scope::WriteProjects)?;
        let name = check_name("name", name)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let before = self.find_seen(&mut tx, actor, project, seen).await?;
        let after = projects::rename(&mut tx, before.id, &name, self.foundation.clock.now())
            .await?
            .ok_or(ServiceError::Missing(Missing::Project))?;
        let target = Target::new("project", &after.id);
        let details = json!({ "from": before.name, "to": after.name });
        self.audit
            .record(&mut tx, actor, Event::ProjectRenamed, &target, details)
            .await?;
        tx.commit().await?;
        Ok(after)
    }

    /// The project that `project` names, if the actor reaches it.
    pub(crate) async fn find(
        &self,
        tx: &mut OrgTx,
        actor: &Actor,
        project: &ProjectRef,
    ) -> Result<Project, ServiceError> {
        let found = match project {
            ProjectRef::Id(id) => projects::find(tx, *id).await?,
            ProjectRef::Slug(slug) => projects::find_by_slug(tx, slug).await?,
        };
        found
            .filter(|project| actor.reaches(project.id))
            .ok_or(ServiceError::Missing(Missing::Project))
    }

    /// The same, held until the transaction ends, if it is still at the version that was seen.
    async fn find_seen(
        &self,
        tx: &mut OrgTx,
        actor: &Actor,
        project: &ProjectRef,
        seen: Option<i64>,
    ) -> Result<Project, ServiceError> {
        let found = self.find(tx, actor, project).await?;
        let current = projects::lock_version(tx, found.id).await?;
        if seen.is_some() && seen != current {
            return Err(ServiceError::Changed(
                "Somebody else changed this project meanwhile. Nothing was changed by you; look again.".to_owned(),
            ));
        }
        Ok(found)
    }

    /// Stores a new project under the first free slug.
    pub(crate) async fn insert(&self, tx: &mut OrgTx, name: &str) -> Result<Project, ServiceError> {
        let Foundation { clock, random, .. } = &*self.foundation;
        let now = clock.now();
        let plain = ProjectSlug::from_name(name).or_else(|| "project".parse().ok());
        let plain = plain.ok_or_else(|| ServiceError::invalid("name", "Use letters or digits."))?;
        let random_number = u32::from_le_bytes(random.bytes()) % 900_000 + 100_000;
        let numbers = (2..NUMBERED_SLUGS).chain([random_number]);
        let slugs = std::iter::once(plain.clone()).chain(numbers.map(|number| plain.numbered(number)));
        for slug in slugs {
            let project = Project {
                id: ProjectId::new(&**clock, &**random),
                slug,
                name: name.to_owned(),
                created_at: now,
                updated_at: now,
                row_version: 1,
            };
            if projects::insert(tx, &project).await? {
                return Ok(project);
            }
        }
        Err(ServiceError::Conflict(
            "That name is taken. Choose another one.".to_owned(),
        ))
    }
}

/// A name for people: trimmed, 1 to 80 characters, no control characters.
pub(crate) fn check_name(field: &'static str, name: &str) -> Result<String, ServiceError> {
    let name = name.trim();
    if name.is_empty() {
        return Err(ServiceError::invalid(field, "Enter a name."));
    }
    check_optional_name(field, name)
}

/// As [`check_name`], but may be empty.
pub(crate) fn check_optional_name(field: &'static str, name: &str) -> Result<String, ServiceError> {
    let name = name.trim();
    if name.chars().count() > MAX_NAME {
        return Err(ServiceError::invalid(
            field,
            format!("Use at most {MAX_NAME} characters."),
        ));
    }
    if name.chars().any(char::is_control) {
        return Err(ServiceError::invalid(
            field,
            "Leave out line breaks and control characters.",
        ));
    }
    Ok(name.to_owned())
}
