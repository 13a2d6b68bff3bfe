//! `PATCH …/settings`: changes how calls are answered in a project.

#![expect(clippy::option_option, reason = "left out is another thing than undecided")]

use super::{FallbackSetting, ITEM, SettingsBody, UNDECIDED};
use crate::domain::{Fallback, Scope};
use crate::service::projects::GatewaySettingsPatch;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields, JsonBody};
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use crate::web::rest::version::{Seen, Versioned};
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing;
use utoipa::ToSchema;

#[derive(ToSchema)]
struct Request {
    /// Whose key serves where the project has none.
    #[schema(value_type = Option<FallbackSetting>)]
    on_missing: Option<Option<Fallback>>,
    /// Whose key serves where the project's own fails.
    #[schema(value_type = Option<FallbackSetting>)]
    on_failure: Option<Option<Fallback>>,
    /// Whether more than the inference paths is open.
    opens_all_paths: Option<bool>,
    /// Whether usage is asked for in streams where the caller did not.
    adds_stream_usage: Option<bool>,
}

impl FromFields for Request {
    const FIELDS: &'static [&'static str] = &["on_missing", "on_failure", "opens_all_paths", "adds_stream_usage"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            on_missing: decided(fields, "on_missing")?,
            on_failure: decided(fields, "on_failure")?,
            opens_all_paths: fields.flag("opens_all_paths")?,
            adds_stream_usage: fields.flag("adds_stream_usage")?,
        })
    }
}

/// What was decided anew, if anything: one of them, or nobody's decision.
fn decided(fields: &mut Fields, field: &'static str) -> Result<Option<Option<Fallback>>, Problem> {
    let unknown = |()| Problem::at_field(field, "Send platform, fail or default.");
    let read = |word: String| match word.as_str() {
        UNDECIDED => Ok(None),
        word => word.parse().map(Some).map_err(unknown),
    };
    fields.text(field)?.map(read).transpose()
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "projects.settings.patch",
        method: Method::PATCH,
        path: ITEM,
        scope: Some(Scope::WriteSettings),
        docs: Docs::new(Tag::Projects, "Change a project's settings")
            .details("What is left out stays as it is.")
            .takes::<Request>()
            .answers::<SettingsBody>(StatusCode::OK, "The settings, as they are now.")
            .tells_version()
            .needs_version(),
        route: routing::patch(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(project): PathParts<String>,
    seen: Seen,
    JsonBody(request): JsonBody<Request>,
) -> Result<Versioned<SettingsBody>, Problem> {
    let patch = GatewaySettingsPatch {
        on_missing: request.on_missing,
        on_failure: request.on_failure,
        opens_all_paths: request.opens_all_paths,
        adds_stream_usage: request.adds_stream_usage,
    };
    let changed = app
        .services
        .projects
        .patch_gateway_settings(&caller.actor, &project.parse()?, patch, seen.row_version())
        .await;
    changed.map(Into::into).map_err(|error| seen.refused(error))
}
