//! Forms where no script runs: the server function answers as ever, the browser is led back, and
//! what came of it waits in the session, sealed and read once. A URL carries at most a code.

use crate::service::ServiceError;
use crate::web::App;
use crate::web::problem::Problem;
use crate::web::session::unreadable;
use app::contract::{ErrorCode, Flash, FlashOutcome, UiError};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, LOCATION, REFERER};
use axum::http::{HeaderMap, HeaderValue, StatusCode, request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use tower_sessions::Session;
use url::{Url, form_urlencoded};

const FLASH: &str = "flash";
const MOST: usize = 64 * 1024;
/// Fields that hold no secret, so that nothing has to be typed twice.
const KEPT_FIELDS: &[&str] = &[
    "project",
    "provider",
    "key_id",
    "token_id",
    "name",
    "email",
    "organization",
    "organization_id",
    "member_id",
    "invitation_id",
    "session_id",
    "role",
    "endpoint",
    "api_version",
    "expires_days",
    "expires_on",
    "whole_organization",
    "is_active",
    "is_default",
    "overlap",
    "default_project",
    "lock_id",
    "reason",
    "task",
    "scopes[]",
    "webhook_id",
    "delivery_id",
    "url",
    "description",
    "kinds[]",
];

/// Functions with nothing to answer whose pages say all the same that it was done.
const TOLD: &[&str] = &[
    "revoke_token",
    "end_token_overlap",
    "set_member_role",
    "remove_member",
    "revoke_invitation",
    "change_password",
    "end_session",
    "disable_second_factor",
    "purge_key",
    "reorder_keys",
    "unlock_calls",
    "discard_import",
    "change_webhook",
    "set_webhook_active",
    "resend_delivery",
];

/// Between a browser that wants a page and a server function that answers JSON.
pub(super) async fn bridge(State(app): State<App>, request: Request, next: Next) -> Response {
    if !wants_html(request.headers()) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MOST).await else {
        let message = "That form is too large.";
        return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", message).into_response();
    };
    parts
        .headers
        .insert(ACCEPT, HeaderValue::from_static("application/json"));
    let form = Form::read(&parts, &body);
    let response = next.run(Request::from_parts(parts, Body::from(body))).await;
    match form.follow(&app, response).await {
        Ok(response) => response,
        Err(error) => Problem::from(&error).into_response(),
    }
}

/// What the last form came to, once.
pub(super) async fn take(app: &App, session: &Session) -> Result<Option<Flash>, ServiceError> {
    super::import::forget_old(session, app.clock.now()).await?;
    let Some(sealed) = session.remove::<String>(FLASH).await.map_err(unreadable)? else {
        return Ok(None);
    };
    let opened = app.services.sessions.open(FLASH, &sealed).await?;
    Ok(serde_json::from_slice(&opened).ok())
}

struct Form {
    function: String,
    fields: Vec<(String, String)>,
    back: String,
    session: Option<Session>,
}

impl Form {
    fn read(parts: &request::Parts, body: &Bytes) -> Self {
        let kept = |(name, value): (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)| {
            KEPT_FIELDS
                .contains(&&*name)
                .then(|| (name.into_owned(), value.into_owned()))
        };
        Self {
            function: parts.uri.path().rsplit('/').next().unwrap_or_default().to_owned(),
            fields: form_urlencoded::parse(body).filter_map(kept).collect(),
            back: referring_page(&parts.headers),
            session: parts.extensions.get::<Session>().cloned(),
        }
    }

    /// Keeps the outcome and leads the browser on.
    async fn follow(self, app: &App, response: Response) -> Result<Response, ServiceError> {
        let onward = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
        let onward = onward.map(str::to_owned);
        let succeeded = response.status().is_success();
        let body = to_bytes(response.into_body(), MOST).await.unwrap_or_default();
        let mut to = onward.unwrap_or_else(|| self.back.clone());
        let outcome = if succeeded {
            FlashOutcome::Done(String::from_utf8_lossy(&body).into_owned())
        } else {
            let error = serde_json::from_slice(&body)
                .unwrap_or_else(|_| UiError::new(ErrorCode::Internal, "Something went wrong here. Try again."));
            if error.code == ErrorCode::SignInAgain {
                return Ok(Redirect::to(&asking_who(&self.back)).into_response());
            }
            to = with_code(&self.back, error.code);
            FlashOutcome::Refused(error)
        };
        self.keep(app, outcome).await?;
        Ok(Redirect::to(&to).into_response())
    }

    async fn keep(self, app: &App, outcome: FlashOutcome) -> Result<(), ServiceError> {
        let Some(session) = self.session else { return Ok(()) };
        // Nothing to tell, such as after signing in.
        if outcome == FlashOutcome::Done("null".to_owned()) && !TOLD.contains(&&*self.function) {
            return Ok(());
        }
        let flash = Flash {
            function: self.function,
            fields: self.fields,
            outcome,
        };
        let bytes = serde_json::to_vec(&flash).unwrap_or_default();
        let sealed = app.services.sessions.seal(FLASH, &bytes).await?;
        session.insert(FLASH, sealed).await.map_err(unreadable)
    }
}

fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

/// The page that the form stood on, as a path of ours: whatever host a `Referer` names, nobody is
/// led away from here.
fn referring_page(headers: &HeaderMap) -> String {
    let referer = headers.get(REFERER).and_then(|referer| referer.to_str().ok());
    let Some(url) = referer.and_then(|referer| Url::parse(referer).ok()) else {
        return "/".to_owned();
    };
    let kept: Vec<_> = url.query_pairs().filter(|(name, _)| name != "error").collect();
    let path = format!("/{}", url.path().trim_start_matches('/'));
    if kept.is_empty() {
        return path;
    }
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .finish();
    format!("{path}?{query}")
}

fn with_code(page: &str, code: ErrorCode) -> String {
    let separator = if page.contains('?') { '&' } else { '?' };
    format!("{page}{separator}error={}", code.as_str())
}

/// The page that asks who is there, and leads back to this one.
fn asking_who(page: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("next", page)
        .finish();
    format!("/confirm?{query}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back(referer: &'static str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(REFERER, HeaderValue::from_static(referer));
        referring_page(&headers)
    }

    #[test]
    fn nobody_is_led_away() {
        assert_eq!(back("https://evil.example/projects/a/keys"), "/projects/a/keys");
        assert_eq!(back("https://evil.example//evil.example/x"), "/evil.example/x");
        assert_eq!(back("nonsense"), "/");
        assert_eq!(referring_page(&HeaderMap::new()), "/");
    }

    #[test]
    fn an_old_code_does_not_stay_in_the_url() {
        let page = back("http://127.0.0.1:3000/setup?link=lk_setup_fake&error=conflict");
        assert_eq!(page, "/setup?link=lk_setup_fake");
        assert_eq!(
            with_code(&page, ErrorCode::InvalidInput),
            "/setup?link=lk_setup_fake&error=invalid_input"
        );
    }

    #[test]
    fn whoever_is_asked_again_comes_back() {
        assert_eq!(
            asking_who("/members?role=owner"),
            "/confirm?next=%2Fmembers%3Frole%3Downer"
        );
    }
}
