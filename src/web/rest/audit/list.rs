//! `GET /api/v1/audit-events`: who did what, the newest first.

use super::filter::Filter;
use super::{COLLECTION, EventBody, WHOLE_ORGANIZATION};
use crate::domain::Scope;
use crate::service::audit::{AuditFilter, Place};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields};
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::paging::Page;
use crate::web::rest::query::Query;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use serde::Serialize;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

/// Which events, and which part of them.
struct Asked {
    filter: AuditFilter,
    page: Page,
}

impl FromFields for Asked {
    const FIELDS: &'static [&'static str] = &["event", "actor", "target", "from", "to", "limit", "cursor"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        let Filter(filter) = Filter::from_fields(fields)?;
        let page = Page::from_fields(fields)?;
        Ok(Self { filter, page })
    }
}

impl IntoParams for Asked {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        [Filter::into_params(&place), Page::into_params(&place)].concat()
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = AuditEvents)]
struct Response {
    events: Vec<EventBody>,
    /// Where the next page begins; null after the last.
    next_cursor: Option<String>,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "audit_events.list",
        method: Method::GET,
        path: COLLECTION,
        scope: Some(Scope::ReadAudit),
        docs: Docs::new(Tag::Audit, "List what happened")
            .details(WHOLE_ORGANIZATION)
            .asks::<Asked>()
            .answers::<Response>(StatusCode::OK, "The events, the newest first."),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    Query(Asked { filter, page }): Query<Asked>,
) -> Result<Json<Response>, Problem> {
    let audit = &app.services.audit;
    let place = page.place()?.map_or(Place::Newest, Place::Before);
    let events = audit.page(&caller.actor, &filter, place, page.limit + 1).await?;
    let part = page.of_next(events, |event| event.sequence);
    Ok(Json(Response {
        events: part.things.into_iter().map(EventBody::from).collect(),
        next_cursor: part.next_cursor,
    }))
}
