//! `POST …/byok-keys/{provider}/test`: probes the stored key and answers with it, whatever the verdict.

use super::KeyBody;
use crate::domain::Scope;
use crate::service::keys::{Depth, KeySelector};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields, OptionalJsonBody};
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;
use utoipa::ToSchema;

/// Latchkey's own; the Sonzai API sends no body.
#[derive(ToSchema)]
struct Request {
    /// Spend a token where a list of models proves too little.
    #[schema(required = false, default = false)]
    deep: bool,
}

impl FromFields for Request {
    const FIELDS: &'static [&'static str] = &["deep"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            deep: fields.flag("deep")?.unwrap_or(false),
        })
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "byok_keys.test",
        method: Method::POST,
        path: "/api/v1/projects/{project}/byok-keys/{provider}/test",
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::Sonzai, "Test a provider's default key")
            .may_take::<Request>()
            .answers::<KeyBody>(StatusCode::OK, "The key with the verdict, whatever it is.")
            .probes(),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts((project, provider)): PathParts<(String, String)>,
    OptionalJsonBody(request): OptionalJsonBody<Request>,
) -> Result<Json<KeyBody>, Problem> {
    let key = KeySelector::default_of(&provider)?;
    let depth = if request.deep { Depth::Deep } else { Depth::Listed };
    let tested = app
        .services
        .keys
        .test(&caller.actor, &project.parse()?, &key, depth)
        .await?;
    Ok(Json(tested.into()))
}
