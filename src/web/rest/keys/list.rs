//! `GET …/keys`: the keys of a project.

use super::{COLLECTION, KeyBody};
use crate::domain::Scope;
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
use utoipa::openapi::path::{Parameter, ParameterIn};
use utoipa::{IntoParams, ToSchema};

/// Which keys to look for; what is left out looks for any.
#[derive(IntoParams)]
struct Filter {
    /// Of the provider of this slug.
    #[param(example = "openai")]
    provider: Option<String>,
    /// Those that were deleted and can be restored, in place of those that were not.
    #[param(value_type = Option<bool>, default = false)]
    deleted: bool,
}

/// Which keys, and which part of them.
struct Asked {
    filter: Filter,
    page: Page,
}

impl FromFields for Asked {
    const FIELDS: &'static [&'static str] = &["provider", "deleted", "limit", "cursor"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            filter: Filter {
                provider: fields.text("provider")?,
                deleted: fields.flag("deleted")?.unwrap_or(false),
            },
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
#[schema(as = ProviderKeys)]
struct Response {
    keys: Vec<KeyBody>,
    /// Where the next page begins; null after the last.
    next_cursor: Option<String>,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "keys.list",
        method: Method::GET,
        path: COLLECTION,
        scope: Some(Scope::ReadByok),
        docs: Docs::new(Tag::ProviderKeys, "List the keys of a project")
            .asks::<Asked>()
            .answers::<Response>(StatusCode::OK, "The keys, by provider and place."),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(project): PathParts<String>,
    Query(Asked { filter, page }): Query<Asked>,
) -> Result<Json<Response>, Problem> {
    let (_, mut keys) = app.services.keys.list(&caller.actor, &project.parse()?).await?;
    keys.retain(|key| {
        let is_asked_for = filter
            .provider
            .as_ref()
            .is_none_or(|slug| slug == key.provider.as_str());
        is_asked_for && key.deleted_at.is_some() == filter.deleted
    });
    let part = page.of_all(keys, |key| (key.provider.to_string(), key.position, key.id))?;
    Ok(Json(Response {
        keys: part.things.into_iter().map(KeyBody::from).collect(),
        next_cursor: part.next_cursor,
    }))
}
