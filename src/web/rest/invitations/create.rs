//! `POST /api/v1/invitations`: invites somebody. The link is in this one answer and nowhere else.

use super::{COLLECTION, InvitationBody, Role};
use crate::domain::Scope;
use crate::service::invitations::NewInvitation;
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use crate::web::rest::Operation;
use crate::web::rest::body::{Fields, FromFields, JsonBody};
use crate::web::rest::docs::{Docs, Tag};
use crate::web::rest::members;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::post;
use secrecy::ExposeSecret;
use serde::Serialize;
use utoipa::ToSchema;

#[derive(ToSchema)]
struct Request {
    /// The only address that may accept it.
    #[schema(max_length = 254, example = "grace@example.com")]
    email: String,
    /// The role that they get.
    #[schema(value_type = Role)]
    role: String,
}

impl FromFields for Request {
    const FIELDS: &'static [&'static str] = &["email", "role"];

    fn from_fields(fields: &mut Fields) -> Result<Self, Problem> {
        Ok(Self {
            email: fields.required_text("email")?,
            role: fields.required_text("role")?,
        })
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = CreatedInvitation)]
struct Response {
    /// Where the invited person accepts; told in this answer only. Null when it was mailed to them.
    #[schema(example = "https://latchkey.example.com/invitations/lk_invitation_0123456789abcdef_FAKE")]
    link: Option<String>,
    invitation: InvitationBody,
}

pub(in crate::web::rest) fn operation() -> Operation {
    Operation {
        id: "invitations.create",
        method: Method::POST,
        path: COLLECTION,
        scope: Some(Scope::WriteMembers),
        docs: Docs::new(Tag::People, "Invite somebody")
            .details(
                "The link works once, within a week, for the person with this address. An earlier link to the same \
                 address works no longer. It is mailed where the deployment has a mail server; else the answer alone \
                 has it.",
            )
            .takes::<Request>()
            .answers::<Response>(StatusCode::CREATED, "The invitation and its link.")
            .throttled()
            .conflicts("They belong to the organization already."),
        route: post(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    JsonBody(request): JsonBody<Request>,
) -> Result<(StatusCode, Json<Response>), Problem> {
    let new = NewInvitation {
        email: request.email,
        role: members::role(&request.role)?,
        invited_by_name: caller.name,
    };
    let minted = app.services.invitations.create(&caller.actor, new).await?;
    let response = Response {
        link: minted.link.map(|link| link.expose_secret().to_owned()),
        invitation: InvitationBody::new(minted.invitation, app.clock.now()),
    };
    Ok((StatusCode::CREATED, Json(response)))
}
