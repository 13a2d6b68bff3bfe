//! Projects.

pub(super) mod create;
pub(super) mod list;
pub(super) mod rename;

use super::body::{Fields, FromFields};
use super::moment::Moment;
use crate::service::projects::Project;
use crate::web::problem::Problem;
use serde::Serialize;

/// Where the projects stand.
const COLLECTION: &str = "/api/v1/projects";

/// A project.
#[derive(Serialize)]
struct ProjectBody {
    id: String,
    /// Its name in paths; stays when it is renamed.
    slug: String,
    name: String,
    created_at: Moment,
    updated_at: Moment,
}

impl From<Project> for ProjectBody {
    fn from(project: Project) -> Self {
        Self {
            id: project.id.to_string(),
            slug: project.slug.to_string(),
            name: project.name,
            created_at: project.created_at.into(),
            updated_at: project.updated_at.into(),
        }
    }
}

/// What a project is to be called.
struct Named {
    name: String,
}

impl FromFields for Named {
    const FIELDS: &'static [&'static str] = &["name"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            name: fields.required_text("name")?,
        })
    }
}
