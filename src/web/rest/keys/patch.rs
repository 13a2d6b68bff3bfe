//! `PATCH …/keys/{key}`: changes one thing about a key: its name, its part, or whether it is used.

#![expect(clippy::option_option, reason = "left out is another thing than undecided")]

use super::{ITEM, KeyBody, KeyFallbackSetting, UNDECIDED, named};
use crate::domain::{Fallback, FallbackChoice, ProviderKey, Scope};
use crate::service::ServiceError;
use crate::service::keys::{KeySelector, Keys};
use crate::service::projects::ProjectRef;
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
use axum::routing::patch;
use utoipa::ToSchema;

/// What is described; what is read is a [`Change`].
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes what is read into a change")]
struct Request {
    /// What to call it; empty for nothing.
    #[schema(max_length = 80, example = "Production")]
    name: Option<String>,
    /// Whether it is switched on; it is probed before.
    is_active: Option<bool>,
    /// True makes it the default; to make another one the default, say so there.
    is_default: Option<bool>,
    /// Whose key serves where this one is switched off. Goes with `on_failure`.
    on_missing: Option<KeyFallbackSetting>,
    /// Whose key serves where this one fails. Goes with `on_missing`.
    on_failure: Option<KeyFallbackSetting>,
}

/// The one thing to change.
enum Change {
    Name(String),
    Active(bool),
    Default,
    Fallback(FallbackChoice),
}

impl FromFields for Change {
    const FIELDS: &'static [&'static str] = &["name", "is_active", "is_default", "on_missing", "on_failure"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        let name = fields.text("name")?.map(Change::Name);
        let active = fields.flag("is_active")?.map(Change::Active);
        let default = match fields.flag("is_default")? {
            None => None,
            Some(true) => Some(Change::Default),
            Some(false) => {
                let message = "Make another key the default instead.";
                return Err(Problem::at_field("is_default", message));
            }
        };
        let fallback = match (decided(fields, "on_missing")?, decided(fields, "on_failure")?) {
            (Some(on_missing), Some(on_failure)) => Some(Change::Fallback(FallbackChoice { on_missing, on_failure })),
            (None, None) => None,
            (Some(_), None) => return Err(Problem::at_field("on_failure", "It goes with on_missing.")),
            (None, Some(_)) => return Err(Problem::at_field("on_missing", "It goes with on_failure.")),
        };
        let mut changes = [name, active, default, fallback].into_iter().flatten();
        if let (Some(change), None) = (changes.next(), changes.next()) {
            return Ok(change);
        }
        let detail = "Change one thing at a time: name, is_active, is_default, or on_missing with on_failure.";
        Err(Problem::new(StatusCode::BAD_REQUEST, "invalid_input", detail))
    }
}

/// What was decided, if anything: one of them, or to leave it to the project.
fn decided(fields: &mut Fields, field: &'static str) -> Result<Option<Option<Fallback>>, Problem> {
    let unknown = |()| Problem::at_field(field, "Send platform, fail or project.");
    let read = |word: String| match word.as_str() {
        UNDECIDED => Ok(None),
        word => word.parse().map(Some).map_err(unknown),
    };
    fields.text(field)?.map(read).transpose()
}

impl Change {
    async fn make(
        self,
        keys: &Keys,
        caller: &KnownCaller,
        project: &ProjectRef,
        key: &KeySelector,
    ) -> Result<ProviderKey, ServiceError> {
        let actor = &caller.actor;
        match self {
            Change::Name(name) => keys.rename(actor, project, key, &name).await,
            Change::Active(is_active) => keys.set_active(actor, project, key, is_active).await,
            Change::Default => keys.make_default(actor, project, key).await,
            Change::Fallback(choice) => keys.set_fallback(actor, project, key, choice).await,
        }
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "keys.patch",
        method: Method::PATCH,
        path: ITEM,
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::ProviderKeys, "Change a key")
            .details(
                "One thing at a time, so that a call is done or not done: name, is_active, is_default, or fallback.",
            )
            .takes_described::<Change, Request>()
            .answers::<KeyBody>(StatusCode::OK, "The key, as it is now.")
            .tells_version()
            .needs_version()
            .probes()
            .conflicts("A key that cannot serve does not become the default."),
        route: patch(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts((project, key)): PathParts<(String, String)>,
    seen: Seen,
    JsonBody(change): JsonBody<Change>,
) -> Result<Versioned<KeyBody>, Problem> {
    let key = KeySelector::seen(named(&key)?, seen.row_version());
    let changed = change.make(&app.services.keys, &caller, &project.parse()?, &key).await;
    changed.map(Into::into).map_err(|error| seen.refused(error))
}
