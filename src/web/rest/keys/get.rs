//! `GET …/keys/{key}`: one key.

use super::{ITEM, KeyBody, named};
use crate::domain::Scope;
use crate::service::keys::KeySelector;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use crate::web::rest::version::Versioned;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::get;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "keys.get",
        method: Method::GET,
        path: ITEM,
        scope: Some(Scope::ReadByok),
        docs: Docs::new(Tag::ProviderKeys, "Look at a key")
            .answers::<KeyBody>(StatusCode::OK, "The key.")
            .tells_version(),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts((project, key)): PathParts<(String, String)>,
) -> Result<Versioned<KeyBody>, Problem> {
    let key = KeySelector::Id(named(&key)?);
    let key = app.services.keys.get(&caller.actor, &project.parse()?, &key).await?;
    Ok(key.into())
}
