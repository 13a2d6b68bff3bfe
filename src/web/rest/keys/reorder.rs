//! `PUT …/keys/order`: puts a provider's keys into another order.

use super::{KeyBody, named};
use crate::domain::Scope;
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
use axum::routing::put;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(ToSchema)]
struct Request {
    /// The provider's slug.
    #[schema(example = "openai")]
    provider: String,
    /// The ids of all of the provider's keys that are not deleted, in the new order.
    #[schema(value_type = Vec<uuid::Uuid>)]
    keys: Vec<String>,
}

impl FromFields for Request {
    const FIELDS: &'static [&'static str] = &["provider", "keys"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            provider: fields.required_text("provider")?,
            keys: fields.texts("keys")?,
        })
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = OrderedProviderKeys)]
struct Response {
    keys: Vec<KeyBody>,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "keys.reorder",
        method: Method::PUT,
        path: "/api/v1/projects/{project}/keys/order",
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::ProviderKeys, "Order the keys of a provider")
            .details("The order is for people; calls use the default key, or the one that they name.")
            .takes::<Request>()
            .answers::<Response>(StatusCode::OK, "The provider's keys in the new order.")
            .conflicts("These are not the keys that there are."),
        route: put(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(project): PathParts<String>,
    JsonBody(request): JsonBody<Request>,
) -> Result<Json<Response>, Problem> {
    let order = request.keys.iter().map(|id| named(id)).collect::<Result<Vec<_>, _>>()?;
    let keys = &app.services.keys;
    let ordered = keys
        .reorder(&caller.actor, &project.parse()?, &request.provider, &order)
        .await?;
    Ok(Json(Response {
        keys: ordered.into_iter().map(KeyBody::from).collect(),
    }))
}
