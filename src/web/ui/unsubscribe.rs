//! `POST /unsubscribe?link=…`: ends mails by one click in a mail program, as its `List-Unsubscribe-Post` header offers
//! (RFC 8058). People who open the address get the page.

use crate::web::App;
use crate::web::problem::Problem;
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::post;
use serde::Deserialize;

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    link: String,
}

pub(super) fn router() -> Router<App> {
    Router::new().route("/unsubscribe", post(handle))
}

async fn handle(State(app): State<App>, Query(asked): Query<Asked>) -> Result<StatusCode, Problem> {
    match app.services.notifications.unsubscribe(&asked.link).await? {
        Some(_) => Ok(StatusCode::NO_CONTENT),
        None => Err(Problem::not_found("This link does not work (any more).")),
    }
}
