//! Projects.

pub(super) mod create;
pub(super) mod get;
pub(super) mod list;
pub(super) mod rename;
pub(super) mod settings;

use super::body::{Fields, FromFields};
use super::moment::Moment;
use super::version::Versioned;
use crate::service::projects::Project;
use crate::web::problem::Problem;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where the projects stand.
const COLLECTION: &str = "/api/v1/projects";
/// Where one stands.
const ITEM: &str = "/api/v1/projects/{project}";

/// A project.
#[derive(Serialize, ToSchema)]
#[schema(as = Project)]
struct ProjectBody {
    id: Uuid,
    /// Its name in paths; stays when it is renamed.
    #[schema(example = "main")]
    slug: String,
    #[schema(example = "Main")]
    name: String,
    created_at: Moment,
    updated_at: Moment,
    /// Counts up with each change; the `ETag`.
    version: i64,
}

impl From<Project> for ProjectBody {
    fn from(project: Project) -> Self {
        Self {
            id: project.id.as_uuid(),
            slug: project.slug.to_string(),
            name: project.name,
            created_at: project.created_at.into(),
            updated_at: project.updated_at.into(),
            version: project.row_version,
        }
    }
}

impl From<Project> for Versioned<ProjectBody> {
    fn from(project: Project) -> Self {
        Self {
            row_version: project.row_version,
            body: project.into(),
        }
    }
}

/// What a project is to be called.
#[derive(ToSchema)]
struct Named {
    /// Its name, for people.
    #[schema(min_length = 1, max_length = 80, example = "Main")]
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
