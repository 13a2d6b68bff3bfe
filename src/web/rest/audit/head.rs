//! `GET /api/v1/audit-events/head`: the end of the chain, signed.

use super::{HeadBody, WHOLE_ORGANIZATION};
use crate::domain::Scope;
use crate::service::{Missing, ServiceError};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::get;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "audit_events.head",
        method: Method::GET,
        path: "/api/v1/audit-events/head",
        scope: Some(Scope::ReadAudit),
        docs: Docs::new(Tag::Audit, "Export the end of the trail")
            .details(WHOLE_ORGANIZATION)
            .answers::<HeadBody>(
                StatusCode::OK,
                "The newest event's place and code, signed: kept elsewhere, it shows later whether the trail was cut \
                 off or rewritten.",
            ),
        route: get(handle),
    }
}

async fn handle(State(app): State<App>, caller: KnownCaller) -> Result<Json<HeadBody>, Problem> {
    let head = app.services.audit.signed_head(&caller.actor).await?;
    let head = head.ok_or(ServiceError::Missing(Missing::Event))?;
    Ok(Json(head.into()))
}
