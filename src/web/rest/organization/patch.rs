//! `PATCH /api/v1/organization`: renames the organization, or chooses its default project.

use super::{ITEM, OrganizationBody};
use crate::domain::Scope;
use crate::service::organizations::ProfileChange;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields, JsonBody};
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::version::{Seen, Versioned};
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::patch;
use utoipa::ToSchema;

#[derive(ToSchema)]
struct Request {
    /// What to call it.
    #[schema(min_length = 1, max_length = 80, example = "Acme")]
    name: Option<String>,
    /// The project that calls work in which name none: its id or slug.
    #[schema(example = "main")]
    default_project: Option<String>,
}

impl FromFields for Request {
    const FIELDS: &'static [&'static str] = &["name", "default_project"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            name: fields.text("name")?,
            default_project: fields.text("default_project")?,
        })
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "organization.patch",
        method: Method::PATCH,
        path: ITEM,
        scope: Some(Scope::WriteSettings),
        docs: Docs::new(
            Tag::Organization,
            "Rename the organization, or choose its default project",
        )
        .details("What is left out stays as it is.")
        .takes::<Request>()
        .answers::<OrganizationBody>(StatusCode::OK, "The organization, as it is now.")
        .tells_version()
        .needs_version()
        .may_miss()
        .conflicts("Another organization has that name."),
        route: patch(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    seen: Seen,
    JsonBody(request): JsonBody<Request>,
) -> Result<Versioned<OrganizationBody>, Problem> {
    let change = ProfileChange {
        name: request.name,
        default_project: request.default_project.map(|project| project.parse()).transpose()?,
    };
    let changed = app
        .services
        .organizations
        .change_profile(&caller.actor, change, seen.row_version())
        .await;
    changed.map(Into::into).map_err(|error| seen.refused(error))
}
