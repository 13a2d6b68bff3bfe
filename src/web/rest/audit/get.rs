//! `GET /api/v1/audit-events/{sequence}`: one event.

use super::{EventBody, ITEM, WHOLE_ORGANIZATION};
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
        id: "audit_events.get",
        method: Method::GET,
        path: ITEM,
        scope: Some(Scope::ReadAudit),
        docs: Docs::new(Tag::Audit, "Look at what happened")
            .details(WHOLE_ORGANIZATION)
            .answers::<EventBody>(StatusCode::OK, "The event."),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(sequence): PathParts<String>,
) -> Result<Json<EventBody>, Problem> {
    let sequence = sequence.parse().map_err(|_| ServiceError::Missing(Missing::Event))?;
    let event = app.services.audit.get(&caller.actor, sequence).await?;
    Ok(Json(event.into()))
}
