//! `GET /api/v1/audit-events`: who did what, the newest first.

use super::Operation;
use super::body::{Fields, FromFields};
use super::docs::{Docs, Tag};
use super::moment::{self, Moment};
use super::paging::Page;
use super::query::Query;
use crate::domain::Scope;
use crate::service::audit::{AuditEvent, AuditFilter};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Which events to look for; what is left out looks for any.
#[derive(IntoParams)]
#[expect(dead_code, reason = "describes what is read into the service's filter")]
struct FilterDocs {
    /// What happened.
    #[param(example = "key.replaced")]
    event: Option<String>,
    /// Who did it: the id of a person or a token.
    #[param(format = Uuid)]
    actor: Option<String>,
    /// What it was done to: its id.
    #[param(example = "019aa5d2-0a5f-7c7e-b8c3-1a2b3c4d5e6f")]
    target: Option<String>,
    /// Not before this time.
    #[param(format = DateTime, example = "2026-11-21T00:00:00Z")]
    from: Option<String>,
    /// Before this time.
    #[param(format = DateTime, example = "2026-11-22T00:00:00Z")]
    to: Option<String>,
}

/// Which events, and which part of them.
struct Asked {
    filter: AuditFilter,
    page: Page,
}

impl FromFields for Asked {
    const FIELDS: &'static [&'static str] = &["event", "actor", "target", "from", "to", "limit", "cursor"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        let actor = fields.text("actor")?.map(|id| id.parse());
        let unreadable = |_| Problem::at_field("actor", "Send the id of a person or a token.");
        Ok(Self {
            filter: AuditFilter {
                event: fields.text("event")?,
                actor: actor.transpose().map_err(unreadable)?,
                target: fields.text("target")?,
                from: moment::read(fields, "from")?,
                to: moment::read(fields, "to")?,
            },
            page: Page::from_fields(fields)?,
        })
    }
}

impl IntoParams for Asked {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        [FilterDocs::into_params(&place), Page::into_params(&place)].concat()
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = AuditEvents)]
struct Response {
    events: Vec<EventBody>,
    /// Where the next page begins; null after the last.
    next_cursor: Option<String>,
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditEvent)]
struct EventBody {
    id: Uuid,
    /// Its place on the organization's trail, from 1.
    sequence: i64,
    occurred_at: Moment,
    #[schema(example = "key.replaced")]
    event: String,
    /// `user`, `token`, `command_line`, `system`
    #[schema(example = "user")]
    actor_kind: String,
    /// The person or the token; null for the command line and the server itself.
    actor_id: Option<Uuid>,
    client_address: Option<String>,
    request_id: Uuid,
    /// What kind of thing it was done to.
    #[schema(example = "provider_key")]
    target_kind: String,
    target_id: String,
    /// What changed; never a secret.
    #[schema(value_type = Object)]
    details: Value,
}

impl From<AuditEvent> for EventBody {
    fn from(event: AuditEvent) -> Self {
        Self {
            id: event.id,
            sequence: event.sequence,
            occurred_at: event.occurred_at.into(),
            event: event.event,
            actor_kind: event.actor_kind,
            actor_id: event.actor_id,
            client_address: event.client_address,
            request_id: event.request_id,
            target_kind: event.target_kind,
            target_id: event.target_id,
            details: event.details,
        }
    }
}

pub(super) fn operation() -> Operation {
    Operation {
        id: "audit_events.list",
        method: Method::GET,
        path: "/api/v1/audit-events",
        scope: Some(Scope::ReadAudit),
        docs: Docs::new(Tag::Audit, "List what happened")
            .details("It takes a token of the whole organization: the trail is the organization's.")
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
    let events = audit
        .recent(&caller.actor, &filter, page.place()?, page.limit + 1)
        .await?;
    let part = page.of_next(events, |event| event.sequence);
    Ok(Json(Response {
        events: part.things.into_iter().map(EventBody::from).collect(),
        next_cursor: part.next_cursor,
    }))
}
