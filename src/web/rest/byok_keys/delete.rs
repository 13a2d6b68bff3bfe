//! `DELETE …/byok-keys/{provider}`: takes the key out of use; the dashboard can restore it for 90 days.

use super::ITEM;
use crate::domain::Scope;
use crate::service::keys::KeySelector;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::delete;

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "byok_keys.delete",
        method: Method::DELETE,
        path: ITEM,
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::Sonzai, "Delete a provider's default key")
            .details("It is out of use at once, and can be restored for a while."),
        route: delete(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts((project, provider)): PathParts<(String, String)>,
) -> Result<StatusCode, Problem> {
    let key = KeySelector::default_of(&provider)?;
    app.services.keys.delete(&caller.actor, &project.parse()?, &key).await?;
    Ok(StatusCode::NO_CONTENT)
}
