//! `POST …/api-keys`: makes a token of the project. Its text is in this one answer and nowhere else.

use super::{COLLECTION, TokenBody};
use crate::domain::{Scope, Scopes};
use crate::service::tokens::NewToken;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields, JsonBody};
use crate::web::rest::path::PathParts;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;
use secrecy::ExposeSecret;
use serde::Serialize;

struct Request {
    name: String,
    /// None means everything, for a caller who holds everything.
    scopes: Scopes,
    /// 0 for never.
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

fn unknown_scope() -> Problem {
    let scopes = Scope::EVERY
        .iter()
        .map(|scope| scope.as_str())
        .collect::<Vec<_>>()
        .join(", ");
    Problem::at_field("scopes", format!("One of these is no scope. Scopes are {scopes}."))
}

#[derive(Serialize)]
struct Response {
    /// The token itself.
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
