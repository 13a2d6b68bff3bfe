//! `GET …/calls`: the project's calls under a filter, the newest first.

use super::filter::{self, Filter};
use super::{COLLECTION, CallBody};
use crate::domain::{CallId, Scope};
use crate::service::usage::{Call, CallCursor};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields};
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::paging::Page;
use crate::web::rest::path::PathParts;
use crate::web::rest::query::Query;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

/// Which calls, and which part of them.
struct Asked {
    filter: Filter,
    page: Page,
}

impl FromFields for Asked {
    const FIELDS: &'static [&'static str] = &{
        let [from, to, provider, model, source, status, token, session, label] = filter::FIELDS;
        [
            from, to, provider, model, source, status, token, session, label, "limit", "cursor",
        ]
    };

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            filter: Filter::from_fields(fields)?,
            page: Page::from_fields(fields)?,
        })
    }
}

impl IntoParams for Asked {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        [Filter::into_params(&place), Page::into_params(&place)].concat()
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Calls)]
struct Response {
    calls: Vec<CallBody>,
    /// Where the next page begins; null after the last.
    next_cursor: Option<String>,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "calls.list",
        method: Method::GET,
        path: COLLECTION,
        scope: Some(Scope::ReadUsage),
        docs: Docs::new(Tag::Usage, "List a project's calls")
            .asks::<Asked>()
            .answers::<Response>(StatusCode::OK, "The calls, the newest first."),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(project): PathParts<String>,
    Query(Asked { filter, page }): Query<Asked>,
) -> Result<Json<Response>, Problem> {
    let cursor = page.place()?.map(read_place).transpose()?;
    let (_, calls) = app
        .services
        .usage
        .list(&caller.actor, &project.parse()?, &filter.0, cursor, page.limit + 1)
        .await?;
    let part = page.of_next(calls, place);
    Ok(Json(Response {
        calls: part.things.into_iter().map(CallBody::from).collect(),
        next_cursor: part.next_cursor,
    }))
}

/// The place behind a call: the microsecond that it came in, and its id.
fn place(call: &Call) -> (i64, CallId) {
    let microseconds = call.occurred_at.unix_timestamp_nanos() / 1_000;
    (i64::try_from(microseconds).unwrap_or(i64::MAX), call.id)
}

fn read_place((microseconds, id): (i64, CallId)) -> Result<CallCursor, Problem> {
    let occurred_at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(microseconds) * 1_000);
    let occurred_at = occurred_at
        .map_err(|_| Problem::at_field("cursor", "Take the cursor from the page before, as it stands there."))?;
    Ok(CallCursor { occurred_at, id })
}
