//! `POST /api/v1/tokens/{token}/rotate`: makes a token that takes over, while the old one still works for a while.

use super::create::Response;
use super::named;
use crate::domain::{Overlap, Scope};
use crate::service::tokens::RotateToken;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields, OptionalJsonBody};
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::overlap::{self, OverlapName};
use crate::web::rest::path::PathParts;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;
use utoipa::ToSchema;

#[derive(ToSchema)]
struct Request {
    /// How long the old token still works.
    #[schema(value_type = Option<OverlapName>, default = "24h")]
    overlap: Overlap,
}

impl FromFields for Request {
    const FIELDS: &'static [&'static str] = &["overlap"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            overlap: overlap::of(fields)?,
        })
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "tokens.rotate",
        method: Method::POST,
        path: "/api/v1/tokens/{token}/rotate",
        scope: Some(Scope::WriteTokens),
        docs: Docs::new(Tag::Tokens, "Rotate a token")
            .details(
                "The new token has the old one's name, scopes, reach and length of life; whoever rotates must hold its \
                 scopes. The old one works until the overlap ends. The answer alone has the new one's text.",
            )
            .may_take::<Request>()
            .answers::<Response>(StatusCode::CREATED, "The new token and its text.")
            .conflicts("The token was rotated out already, or works no longer."),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    PathParts(token): PathParts<String>,
    OptionalJsonBody(request): OptionalJsonBody<Request>,
) -> Result<(StatusCode, Json<Response>), Problem> {
    let rotate = RotateToken {
        overlap: request.overlap,
        rotated_by_name: caller.name,
    };
    let tokens = &app.services.tokens;
    let rotated = tokens.rotate(&caller.actor, None, named(&token)?, rotate).await?;
    let response = Response::new(rotated.minted, app.clock.now());
    Ok((StatusCode::CREATED, Json(response)))
}
