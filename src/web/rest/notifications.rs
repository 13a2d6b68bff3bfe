//! `GET /api/v1/notifications`: what people are told of, the newest first.

use super::Operation;
use super::docs::{Docs, Tag};
use super::moment::Moment;
use super::paging::Page;
use super::query::Query;
use crate::domain::{ProjectId, Scope};
use crate::service::notifications::{NotificationCursor, Told};
use crate::web::App;
use crate::web::auth::KnownCaller;
use crate::web::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::routing::get;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Serialize, ToSchema)]
#[schema(as = Notifications)]
struct Response {
    notifications: Vec<NotificationBody>,
    /// Where the next page begins; null after the last.
    next_cursor: Option<String>,
}

/// One thing that happened, or many alike within a few minutes.
#[derive(Serialize, ToSchema)]
#[schema(as = Notification)]
struct NotificationBody {
    id: Uuid,
    #[schema(example = "key.unhealthy")]
    kind: String,
    /// `alarm`, `warning`, `info`
    #[schema(example = "alarm")]
    urgency: &'static str,
    #[schema(example = "14 keys of 3 projects refused by OpenAI within 5 minutes")]
    title: String,
    /// What it means, and what to do; may be empty.
    text: String,
    /// The dashboard's page about it.
    #[schema(example = "/projects/main/keys#provider-openai")]
    path: String,
    /// How many events it tells of.
    count: i64,
    projects: Vec<Uuid>,
    began_at: Moment,
    last_at: Moment,
}

impl From<Told> for NotificationBody {
    fn from(told: Told) -> Self {
        let Told {
            notification, words, ..
        } = told;
        Self {
            id: notification.id.as_uuid(),
            kind: notification.kind.to_string(),
            urgency: words.urgency.as_str(),
            title: words.title,
            text: words.text,
            path: words.path,
            count: notification.items,
            projects: notification.projects.iter().map(ProjectId::as_uuid).collect(),
            began_at: notification.opened_at.into(),
            last_at: notification.last_at.into(),
        }
    }
}

pub(super) fn operation() -> Operation {
    Operation {
        id: "notifications.list",
        method: Method::GET,
        path: "/api/v1/notifications",
        scope: Some(Scope::ReadByok),
        docs: Docs::new(Tag::Notifications, "List what people are told of")
            .details(
                "It takes a token of the whole organization. Of some kinds only those are told who may see to them: \
                 `token.expiring` takes `write:tokens`, `members.changed` `write:members`, `webhook.failing` \
                 `write:settings`.",
            )
            .asks::<Page>()
            .answers::<Response>(StatusCode::OK, "The notifications, those first that grew last."),
        route: get(handle),
    }
}

async fn handle(
    State(app): State<App>,
    caller: KnownCaller,
    Query(page): Query<Page>,
) -> Result<Json<Response>, Problem> {
    let before = page.place::<NotificationCursor>()?;
    let found = app
        .services
        .notifications
        .list(&caller.actor, before, page.limit + 1)
        .await?;
    let part = page.of_next(found, |told| (told.notification.last_at, told.notification.id));
    Ok(Json(Response {
        notifications: part.things.into_iter().map(NotificationBody::from).collect(),
        next_cursor: part.next_cursor,
    }))
}
