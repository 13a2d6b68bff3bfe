//! `PATCH …/byok-keys/{provider}`: switches the key on, after a probe, or off.

use super::{ITEM, KeyBody};
use crate::domain::Scope;
use crate::service::keys::KeySelector;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields, JsonBody};
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::patch;
use utoipa::ToSchema;

#[derive(ToSchema)]
struct Request {
    /// Whether calls may use it.
    is_active: bool,
}

impl FromFields for Request {
    const FIELDS: &'static [&'static str] = &["is_active"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            is_active: fields.required_flag("is_active")?,
        })
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "byok_keys.patch",
        method: Method::PATCH,
        path: ITEM,
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::Sonzai, "Switch a provider's default key on or off")
            .details("It is probed before it is switched on.")
            .takes::<Request>()
            .answers::<KeyBody>(StatusCode::OK, "The key.")
            .probes(),
        route: patch(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts((project, provider)): PathParts<(String, String)>,
    JsonBody(request): JsonBody<Request>,
) -> Result<Json<KeyBody>, Problem> {
    let key = KeySelector::default_of(&provider)?;
    let changed = app
        .services
        .keys
        .set_active(&caller.actor, &project.parse()?, &key, request.is_active)
        .await?;
    Ok(Json(changed.into()))
}
