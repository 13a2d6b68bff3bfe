//! `DELETE /api/v1/members/{member}`: removes a member from the organization.

use super::{ITEM, named};
use crate::domain::Scope;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::delete;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "members.remove",
        method: Method::DELETE,
        path: ITEM,
        scope: Some(Scope::WriteMembers),
        docs: Docs::new(Tag::People, "Remove a member")
            .details("The tokens that they made are the organization's, and stay.")
            .conflicts("They are the last owner."),
        route: delete(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(member): PathParts<String>,
) -> Result<StatusCode, Problem> {
    app.services.members.remove(&caller.actor, named(&member)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
