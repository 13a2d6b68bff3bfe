//! `GET …/api-keys`: the tokens that reach the project, those of the whole organization among them.

use super::{COLLECTION, TokenBody};
use crate::domain::Scope;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::moment::Moment;
use crate::web::rest::path::PathParts;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
#[schema(as = SonzaiTokens)]
struct Response {
    keys: Vec<ListedToken>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = SonzaiListedToken)]
struct ListedToken {
    #[serde(flatten)]
    token: TokenBody,
    last_used_at: Option<Moment>,
    /// Whether somebody outside the organization made it; nobody can.
    is_admin_managed: bool,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "api_keys.list",
        method: Method::GET,
        path: COLLECTION,
        scope: Some(Scope::WriteTokens),
        docs: Docs::new(Tag::Sonzai, "List the tokens that reach a project").answers::<Response>(
            StatusCode::OK,
            "The project's tokens and those of the whole organization.",
        ),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(project): PathParts<String>,
) -> Result<Json<Response>, Problem> {
    let actor = &caller.actor;
    let (_, tokens) = app.services.tokens.list(actor, &project.parse()?).await?;
    let now = app.clock.now();
    let listed = tokens.into_iter().map(|token| ListedToken {
        last_used_at: token.last_used_at.map(Moment::from),
        is_admin_managed: false,
        token: TokenBody::new(token, actor.org, now),
    });
    Ok(Json(Response { keys: listed.collect() }))
}
