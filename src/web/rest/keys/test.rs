//! `POST …/keys/{key}/test`: probes a stored key and answers with it, whatever the verdict.

use super::{KeyBody, named};
use crate::domain::Scope;
use crate::service::keys::{Depth, KeySelector};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields, OptionalJsonBody};
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::path::PathParts;
use crate::web::rest::version::Versioned;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;
use utoipa::ToSchema;

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
        id: "keys.test",
        method: Method::POST,
        path: "/api/v1/projects/{project}/keys/{key}/test",
        scope: Some(Scope::WriteByok),
        docs: Docs::new(Tag::ProviderKeys, "Test a key")
            .may_take::<Request>()
            .answers::<KeyBody>(StatusCode::OK, "The key with the verdict, whatever it is.")
            .tells_version()
            .probes(),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts((project, key)): PathParts<(String, String)>,
    OptionalJsonBody(request): OptionalJsonBody<Request>,
) -> Result<Versioned<KeyBody>, Problem> {
    let key = KeySelector::Id(named(&key)?);
    let depth = if request.deep { Depth::Deep } else { Depth::Listed };
    let keys = &app.services.keys;
    let tested = keys.test(&caller.actor, &project.parse()?, &key, depth).await?;
    Ok(tested.into())
}
