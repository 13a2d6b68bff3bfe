//! `GET /api/v1/organization`: the caller's organization.

use super::{ITEM, OrganizationBody};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::version::Versioned;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::get;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "organization.get",
        method: Method::GET,
        path: ITEM,
        scope: None,
        docs: Docs::new(Tag::Organization, "Look at the organization")
            .answers::<OrganizationBody>(StatusCode::OK, "The caller's organization.")
            .tells_version(),
        route: get(handle),
    }
}

async fn handle(State(app): State<App>, caller: KnownCaller) -> Result<Versioned<OrganizationBody>, Problem> {
    let profile = app.services.organizations.profile(&caller.actor).await?;
    Ok(profile.into())
}
