//! The organization that the caller belongs to.

pub(super) mod get;
pub(super) mod patch;

use super::moment::Moment;
use super::version::Versioned;
use crate::service::organizations::OrganizationProfile;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Where it stands.
const ITEM: &str = "/api/v1/organization";

/// An organization.
#[derive(Serialize, ToSchema)]
#[schema(as = Organization)]
struct OrganizationBody {
    id: Uuid,
    #[schema(example = "Acme")]
    name: String,
    /// The project that calls work in which name none, where one was chosen; else it is the oldest.
    default_project_id: Option<Uuid>,
    created_at: Moment,
    /// Counts up with each change; the `ETag`.
    version: i64,
}

impl From<OrganizationProfile> for Versioned<OrganizationBody> {
    fn from(profile: OrganizationProfile) -> Self {
        Self {
            row_version: profile.row_version,
            body: OrganizationBody {
                id: profile.id.as_uuid(),
                name: profile.name,
                default_project_id: profile.default_project.map(|project| project.as_uuid()),
                created_at: profile.created_at.into(),
                version: profile.row_version,
            },
        }
    }
}
