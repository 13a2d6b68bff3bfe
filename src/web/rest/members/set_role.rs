//! `PATCH /api/v1/members/{member}`: gives a member another role.

use super::{ITEM, MemberBody, Role, named};
use crate::domain::Scope;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields, JsonBody};
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::patch;
use utoipa::ToSchema;

#[derive(ToSchema)]
struct Request {
    /// The role that they get.
    #[schema(value_type = Role)]
    role: String,
}

impl FromFields for Request {
    const FIELDS: &'static [&'static str] = &["role"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            role: fields.required_text("role")?,
        })
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "members.set_role",
        method: Method::PATCH,
        path: ITEM,
        scope: Some(Scope::WriteMembers),
        docs: Docs::new(Tag::People, "Give a member another role")
            .details("Nobody gives or takes a role that holds more than they do.")
            .takes::<Request>()
            .answers::<MemberBody>(StatusCode::OK, "The member, with the new role.")
            .conflicts("Nobody would be owner any more."),
        route: patch(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(member): PathParts<String>,
    JsonBody(request): JsonBody<Request>,
) -> Result<Json<MemberBody>, Problem> {
    let role = super::role(&request.role)?;
    let members = &app.services.members;
    let changed = members.set_role(&caller.actor, named(&member)?, role).await?;
    Ok(Json(changed.into()))
}
