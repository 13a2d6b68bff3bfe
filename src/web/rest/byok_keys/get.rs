//! `GET …/byok-keys/{provider}`: one key.

use super::{ITEM, KeyBody};
use crate::domain::Scope;
use crate::service::keys::KeySelector;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::get;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "byok_keys.get",
        method: Method::GET,
        path: ITEM,
        scope: Some(Scope::ReadByok),
        docs: Docs::new(Tag::Sonzai, "Look at a provider's default key").answers::<KeyBody>(StatusCode::OK, "The key."),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts((project, provider)): PathParts<(String, String)>,
) -> Result<Json<KeyBody>, Problem> {
    let key = KeySelector::default_of(&provider)?;
    let key = app.services.keys.get(&caller.actor, &project.parse()?, &key).await?;
    Ok(Json(key.into()))
}
