//! `POST …/api-keys`: makes a token of the project. Its text is in this one answer and nowhere else.

use super::{COLLECTION, TokenBody};
use crate::domain::{Scope, Scopes};
use crate::service::tokens::NewToken;
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
use axum::routing::post;
use secrecy::ExposeSecret;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(ToSchema)]
struct Request {
    /// What to call it.
    #[schema(required = false, max_length = 80, example = "nightly rotation")]
    name: String,
    /// None means everything, for a caller who holds everything.
    #[schema(value_type = Vec<String>, required = false, example = json!(["read:byok", "write:byok"]))]
    scopes: Scopes,
    /// In how many days it stops working; 0 for never.
    #[schema(required = false, maximum = 3650, default = 0, example = 90)]
    expires_days: u32,
}

impl FromFields for Request {
    const FIELDS: &'static [&'static str] = &["name", "scopes", "expires_days"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            name: fields.text("name")?.unwrap_or_default(),
            scopes: Scopes::parse(fields.texts("scopes")?).map_err(|_| unknown_scope())?,
            expires_days: fields.count("expires_days")?.unwrap_or_default(),
        })
    }
}

pub(in crate::web::rest) fn unknown_scope() -> Problem {
    let scopes = Scope::EVERY
        .iter()
        .map(|scope| scope.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    Problem::at_field("scopes", format!("One of these is no scope. Scopes are {scopes}."))
}

#[derive(Serialize, ToSchema)]
#[schema(as = SonzaiCreatedToken)]
struct Response {
    /// The token itself; told in this answer only.
    #[schema(example = "lk_api_0123456789abcdef_FAKE")]
    key: String,
    #[serde(flatten)]
    token: TokenBody,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "api_keys.create",
        method: Method::POST,
        path: COLLECTION,
        scope: Some(Scope::WriteTokens),
        docs: Docs::new(Tag::Sonzai, "Make a token of a project")
            .details("A token holds no more than its maker. The answer alone has its text.")
            .takes::<Request>()
            .answers::<Response>(StatusCode::CREATED, "The token and its text."),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(project): PathParts<String>,
    JsonBody(request): JsonBody<Request>,
) -> Result<(StatusCode, Json<Response>), Problem> {
    let new = NewToken {
        name: request.name,
        scopes: request.scopes,
        expires_days: request.expires_days,
        whole_organization: false,
        created_by_name: caller.name,
    };
    let minted = app
        .services
        .tokens
        .create(&caller.actor, Some(&project.parse()?), new)
        .await?;
    let response = Response {
        key: minted.text.expose_secret().to_owned(),
        token: TokenBody::new(minted.token, minted.org, app.clock.now()),
    };
    Ok((StatusCode::CREATED, Json(response)))
}
