//! `GET /api/v1/members`: who belongs to the organization.

use super::{COLLECTION, MemberBody};
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
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = Members)]
struct Response {
    members: Vec<MemberBody>,
    /// Where the next page begins; null after the last.
    next_cursor: Option<String>,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "members.list",
        method: Method::GET,
        path: COLLECTION,
        scope: Some(Scope::WriteMembers),
        docs: Docs::new(Tag::People, "List members")
            .asks::<Page>()
            .answers::<Response>(StatusCode::OK, "Everybody who belongs to the organization, by address."),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    Query(page): Query<Page>,
) -> Result<Json<Response>, Problem> {
    let members = app.services.members.list(&caller.actor).await?;
    let part = page.of_all(members, |member| member.email.clone())?;
    Ok(Json(Response {
        members: part.things.into_iter().map(MemberBody::from).collect(),
        next_cursor: part.next_cursor,
    }))
}
