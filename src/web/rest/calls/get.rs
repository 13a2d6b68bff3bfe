//! `GET …/calls/{call}`: one call.

use super::{CallBody, ITEM};
use crate::domain::Scope;
use crate::service::{Missing, ServiceError};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::get;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "calls.get",
        method: Method::GET,
        path: ITEM,
        scope: Some(Scope::ReadUsage),
        docs: Docs::new(Tag::Usage, "Look at a call")
            .details("A call is recorded a moment after it ended.")
            .answers::<CallBody>(StatusCode::OK, "The call."),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts((project, call)): PathParts<(String, String)>,
) -> Result<Json<CallBody>, Problem> {
    let call = call.parse().map_err(|_| ServiceError::Missing(Missing::Call))?;
    let call = app.services.usage.get(&caller.actor, &project.parse()?, call).await?;
    Ok(Json(call.into()))
}
