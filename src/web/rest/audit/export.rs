//! `GET /api/v1/audit-events/export`: all events under a filter, as a file.

use super::filter::Filter;
use crate::domain::Scope;
use crate::service::audit::AuditFilter;
use crate::web::App;
use crate::web::audit_file::{self, Format};
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields};
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::query::Query;
use axum::extract::State;
use axum::http::Method;
use axum::response::Response;
use axum::routing::get;
use utoipa::IntoParams;
use utoipa::openapi::path::{Parameter, ParameterIn};

/// As what kind of file.
#[derive(IntoParams)]
#[expect(dead_code, reason = "describes what is read into the format")]
struct FormatDocs {
    /// `csv` for spreadsheets, or `jsonl`: one event a line, with all that verifying it takes.
    #[param(example = "jsonl")]
    format: Option<String>,
}

/// Which events, and as what.
struct Asked {
    filter: AuditFilter,
    format: Format,
}

impl FromFields for Asked {
    const FIELDS: &'static [&'static str] = &["event", "actor", "target", "from", "to", "format"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        let Filter(filter) = Filter::from_fields(fields)?;
        let format = fields.text("format")?.unwrap_or_else(|| "csv".to_owned());
        let unknown = |()| Problem::at_field("format", "Send csv or jsonl.");
        let format = format.parse().map_err(unknown)?;
        Ok(Self { filter, format })
    }
}

impl IntoParams for Asked {
    fn into_params(place: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        [Filter::into_params(&place), FormatDocs::into_params(&place)].concat()
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "audit_events.export",
        method: Method::GET,
        path: "/api/v1/audit-events/export",
        scope: Some(Scope::ReadAudit),
        docs: Docs::new(Tag::Audit, "Export the trail")
            .details(
                "As `jsonl`, `latchkey audit verify --export` verifies it with the exported heads and the master key \
                 alone. It takes a token of the whole organization.",
            )
            .asks::<Asked>()
            .answers_csv_or_json_lines("The events, the oldest first; the first line of `csv` names the columns."),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    Query(Asked { filter, format }): Query<Asked>,
) -> Result<Response, Problem> {
    let exported = app.services.audit.export(&caller.actor, filter).await?;
    Ok(audit_file::answer(format, exported))
}
