//! `POST /api/v1/locks`: lets no call pass.

use super::{COLLECTION, LockBody};
use crate::domain::Scope;
use crate::service::locks::NewLock;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields, OptionalJsonBody};
use crate::web::rest::docs::{Docs, Tag};
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;
use utoipa::ToSchema;

#[derive(ToSchema)]
struct Request {
    /// The project whose calls are locked: id or slug. Without it, those of every project.
    #[schema(example = "main")]
    project: Option<String>,
    /// The slug of the provider to which calls are locked. Without it, those to every provider.
    #[schema(example = "openai")]
    provider: Option<String>,
    /// Why; nobody should have to think first.
    #[schema(required = false, max_length = 200, example = "A key turned up in a public log.")]
    reason: String,
}

impl FromFields for Request {
    const FIELDS: &'static [&'static str] = &["project", "provider", "reason"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            project: fields.text("project")?,
            provider: fields.text("provider")?,
            reason: fields.text("reason")?.unwrap_or_default(),
        })
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "locks.lock",
        method: Method::POST,
        path: COLLECTION,
        scope: Some(Scope::WriteSettings),
        docs: Docs::new(Tag::Locks, "Lock calls")
            .details(
                "In force on every instance within a second. Calls that are under way end as they began. Without a body, \
                 everything is locked.",
            )
            .may_take::<Request>()
            .answers::<LockBody>(StatusCode::CREATED, "The lock.")
            .may_miss()
            .conflicts("That is locked already."),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    OptionalJsonBody(request): OptionalJsonBody<Request>,
) -> Result<(StatusCode, Json<LockBody>), Problem> {
    let new = NewLock {
        project: request.project.map(|project| project.parse()).transpose()?,
        provider: request.provider,
        reason: request.reason,
        locked_by_name: caller.name,
    };
    let lock = app.services.locks.lock(&caller.actor, new).await?;
    Ok((StatusCode::CREATED, Json(lock.into())))
}
