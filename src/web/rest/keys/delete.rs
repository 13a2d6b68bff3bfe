//! `DELETE …/keys/{key}`: takes a key out of use, recoverably or, with `?purge=true`, for ever.

use super::{ITEM, named};
use crate::domain::Scope;
use crate::service::keys::KeySelector;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields};
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use crate::web::rest::query::Query;
use crate::web::rest::version::Seen;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::delete;
use utoipa::IntoParams;

#[derive(IntoParams)]
struct Asked {
    /// Erase its secret at once and for ever, whether the key was deleted before or not. For owners only.
    #[param(value_type = Option<bool>, default = false)]
    purge: bool,
}

impl FromFields for Asked {
    const FIELDS: &'static [&'static str] = &["purge"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            purge: fields.flag("purge")?.unwrap_or(false),
        })
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "keys.delete",
        method: Method::DELETE,
        path: ITEM,
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::ProviderKeys, "Delete a key")
            .details(
                "It is out of use at once, and can be restored for a while. If it was the default, the newest usable \
                 key of the provider takes its part.",
            )
            .asks::<Asked>()
            .needs_version(),
        route: delete(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts((project, key)): PathParts<(String, String)>,
    Query(Asked { purge }): Query<Asked>,
    seen: Seen,
) -> Result<StatusCode, Problem> {
    let (keys, project) = (&app.services.keys, project.parse()?);
    let key = KeySelector::seen(named(&key)?, seen.row_version());
    let done = if purge {
        keys.purge(&caller.actor, &project, &key).await
    } else {
        keys.delete(&caller.actor, &project, &key).await.map(drop)
    };
    done.map(|()| StatusCode::NO_CONTENT)
        .map_err(|error| seen.refused(error))
}
