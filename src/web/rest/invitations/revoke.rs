//! `DELETE /api/v1/invitations/{invitation}`: ends an invitation.

use super::ITEM;
use crate::domain::Scope;
use crate::service::{Missing, ServiceError};
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
        id: "invitations.revoke",
        method: Method::DELETE,
        path: ITEM,
        scope: Some(Scope::WriteMembers),
        docs: Docs::new(Tag::People, "Revoke an invitation"),
        route: delete(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(invitation): PathParts<String>,
) -> Result<StatusCode, Problem> {
    let id = invitation
        .parse()
        .map_err(|_| ServiceError::Missing(Missing::Invitation))?;
    app.services.invitations.revoke(&caller.actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
