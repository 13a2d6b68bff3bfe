//! `GET /api/v1/invitations`: who is invited.

use super::{COLLECTION, InvitationBody};
use crate::domain::Scope;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::paging::Page;
use crate::web::rest::query::Query;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use serde::Serialize;
use std::cmp::Reverse;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = Invitations)]
struct Response {
    invitations: Vec<InvitationBody>,
    /// Where the next page begins; null after the last.
    next_cursor: Option<String>,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "invitations.list",
        method: Method::GET,
        path: COLLECTION,
        scope: Some(Scope::WriteMembers),
        docs: Docs::new(Tag::People, "List invitations")
            .asks::<Page>()
            .answers::<Response>(
                StatusCode::OK,
                "Those that were neither accepted nor revoked, the newest first.",
            ),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    Query(page): Query<Page>,
) -> Result<Json<Response>, Problem> {
    let invitations = app.services.invitations.list(&caller.actor).await?;
    let part = page.of_all(invitations, |invitation| {
        Reverse((invitation.created_at.unix_timestamp_nanos(), invitation.id.as_uuid()))
    })?;
    let now = app.clock.now();
    let shown = part
        .things
        .into_iter()
        .map(|invitation| InvitationBody::new(invitation, now));
    Ok(Json(Response {
        invitations: shown.collect(),
        next_cursor: part.next_cursor,
    }))
}
