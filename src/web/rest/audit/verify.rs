//! `POST /api/v1/audit-events/verify`: whether the trail is as it was written.

use super::HeadBody;
use crate::domain::Scope;
use crate::service::audit::{Finding, Verification};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;
use serde::Serialize;
use utoipa::ToSchema;

/// What verifying the trail came to.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditVerification)]
struct Response {
    /// Whether nothing is wrong with it.
    is_intact: bool,
    /// How many events were found as they were written, from the first on up to the finding.
    #[schema(example = 1204)]
    events: u64,
    /// The newest head that this server exported, which the trail was compared with; null when it exported none yet.
    newest_head: Option<HeadBody>,
    /// The first thing that is wrong; null when nothing is.
    finding: Option<FindingBody>,
}

/// Something that is wrong with the trail.
#[derive(Serialize, ToSchema)]
#[schema(as = AuditFinding)]
struct FindingBody {
    /// At which place.
    sequence: i64,
    /// What is wrong, and what to do.
    message: String,
}

impl From<Finding> for FindingBody {
    fn from(finding: Finding) -> Self {
        Self {
            sequence: finding.sequence,
            message: finding.to_string(),
        }
    }
}

impl From<Verification> for Response {
    fn from(verification: Verification) -> Self {
        Self {
            is_intact: verification.finding.is_none(),
            events: verification.events,
            newest_head: verification.newest_head.map(HeadBody::from),
            finding: verification.finding.map(FindingBody::from),
        }
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "audit_events.verify",
        method: Method::POST,
        path: "/api/v1/audit-events/verify",
        scope: Some(Scope::ReadAudit),
        docs: Docs::new(Tag::Audit, "Verify the trail")
            .details(
                "Reads the trail from the first event to the last: whether each is as it was written and follows the \
                 one before, and whether all exported heads are part of it. It takes a token of the whole organization.",
            )
            .answers::<Response>(StatusCode::OK, "What it came to."),
        route: post(handle),
    }
}

async fn handle(State(app): State<App>, caller: KnownCaller) -> Result<Json<Response>, Problem> {
    let verified = app.services.audit.verify(&caller.actor).await?;
    Ok(Json(verified.into()))
}
