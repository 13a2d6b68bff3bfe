//! `POST /api/v1/tokens`: makes a token. Its text is in this one answer and nowhere else.

use super::{COLLECTION, TokenBody};
use crate::domain::{Scope, Scopes};
use crate::service::tokens::{MintedToken, NewToken};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::api_keys::create::unknown_scope;
use crate::web::rest::body::{Fields, FromFields, JsonBody};
use crate::web::rest::docs::{Docs, Tag};
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;
use secrecy::ExposeSecret;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

#[derive(ToSchema)]
struct Request {
    /// What to call it.
    #[schema(required = false, max_length = 80, example = "nightly rotation")]
    name: String,
    /// What it may do.
    #[schema(value_type = Vec<String>, min_items = 1, example = json!(["read:byok", "write:byok"]))]
    scopes: Scopes,
    /// Its only project: id or slug. Without it, the token reaches every project of the organization.
    #[schema(example = "main")]
    project: Option<String>,
    /// In how many days it stops working; 0 for never.
    #[schema(required = false, maximum = 3650, default = 0, example = 90)]
    expires_days: u32,
}

impl FromFields for Request {
    const FIELDS: &'static [&'static str] = &["name", "scopes", "project", "expires_days"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        let scopes = fields.texts("scopes")?;
        if scopes.is_empty() {
            return Err(Problem::at_field(
                "scopes",
                "Name at least one scope; \"*\" is all of them.",
            ));
        }
        Ok(Self {
            name: fields.text("name")?.unwrap_or_default(),
            scopes: Scopes::parse(scopes).map_err(|_| unknown_scope())?,
            project: fields.text("project")?,
            expires_days: fields.count("expires_days")?.unwrap_or_default(),
        })
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = CreatedToken)]
pub(super) struct Response {
    /// The token itself; told in this answer only.
    #[schema(example = "lk_api_0123456789abcdef_FAKE")]
    text: String,
    token: TokenBody,
}

impl Response {
    pub(super) fn new(minted: MintedToken, now: OffsetDateTime) -> Self {
        Self {
            text: minted.text.expose_secret().to_owned(),
            token: TokenBody::new(minted.token, now),
        }
    }
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "tokens.create",
        method: Method::POST,
        path: COLLECTION,
        scope: Some(Scope::WriteTokens),
        docs: Docs::new(Tag::Tokens, "Make a token")
            .details("A token holds no more than its maker. The answer alone has its text.")
            .takes::<Request>()
            .answers::<Response>(StatusCode::CREATED, "The token and its text.")
            .may_miss(),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    JsonBody(request): JsonBody<Request>,
) -> Result<(StatusCode, Json<Response>), Problem> {
    let project = request.project.map(|project| project.parse()).transpose()?;
    let new = NewToken {
        name: request.name,
        scopes: request.scopes,
        expires_days: request.expires_days,
        whole_organization: project.is_none(),
        created_by_name: caller.name,
    };
    let minted = app.services.tokens.create(&caller.actor, project.as_ref(), new).await?;
    Ok((StatusCode::CREATED, Json(Response::new(minted, app.clock.now()))))
}
