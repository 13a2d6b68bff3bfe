//! The ports, bound to the caller of one request.

use crate::domain::{Actor, RequestContext};
use crate::service::ServiceError;
use crate::service::projects::{Project, ProjectRef};
use crate::web::App;
use crate::web::auth::{Caller, KnownCaller};
use crate::web::session::{Newcomer, device};
use app::contract::{ErrorCode, ProjectView, UiError};
use app::ports::Backend;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use std::sync::Arc;
use tower_sessions::Session;

/// What every port works with: the services, as the caller of this request.
#[derive(Clone)]
pub(super) struct Bound {
    pub(super) app: App,
    pub(super) caller: Caller,
    pub(super) session: Session,
    pub(super) request: RequestContext,
    pub(super) device: String,
}

impl Bound {
    /// The known caller.
    ///
    /// # Errors
    /// [`ErrorCode::SignedOut`], or [`ErrorCode::Unavailable`] when the server could not find out.
    pub(super) fn known(&self) -> Result<&KnownCaller, UiError> {
        self.caller.known().map_err(|error| super::error::from_caller(&error))
    }

    /// Whoever signs in by this request.
    pub(super) fn newcomer(&self) -> Newcomer {
        Newcomer {
            device: self.device.clone(),
            request: self.request,
            now: self.app.clock.now(),
        }
    }

    /// The known caller as an actor.
    ///
    /// # Errors
    /// As [`Bound::known`].
    pub(super) fn actor(&self) -> Result<&Actor, UiError> {
        self.known().map(|known| &known.actor)
    }
}

/// Puts a backend, bound to the caller, into the request.
pub(super) async fn provide(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let extensions = request.extensions();
    let context = extensions.get::<RequestContext>().copied();
    let session = extensions.get::<Session>().cloned();
    if let (Some(context), Some(session)) = (context, session) {
        let caller = extensions.get::<Caller>().cloned().unwrap_or(Caller::Anonymous);
        let device = device(request.headers());
        let bound = Arc::new(Bound {
            app,
            caller,
            session,
            request: context,
            device,
        });
        request.extensions_mut().insert(Backend {
            account: bound.clone(),
            projects: bound.clone(),
            keys: bound.clone(),
            import: bound.clone(),
            locks: bound.clone(),
            organization_profile: bound.clone(),
            tokens: bound.clone(),
            activity: bound.clone(),
            audit: bound.clone(),
            members: bound.clone(),
            invitations: bound.clone(),
            organizations: bound.clone(),
            jobs: bound.clone(),
            profile: bound.clone(),
            notifications: bound.clone(),
            webhooks: bound,
        });
    }
    next.run(request).await
}

/// Tells the audit trail of signed-in callers who were refused.
pub(super) async fn note_refusals(State(app): State<App>, request: Request, next: Next) -> Response {
    let caller = request.extensions().get::<Caller>().cloned();
    let function = request.uri().path().to_owned();
    let response = next.run(request).await;
    if let Some(Caller::Known(known)) = caller
        && response.status() == StatusCode::FORBIDDEN
    {
        app.services.refusals.note(&known.actor, &function);
    }
    response
}

/// A project as callers name it.
pub(super) fn project_ref(text: &str) -> Result<ProjectRef, UiError> {
    text.parse()
        .map_err(|error: ServiceError| super::error::from_service(&error))
}

/// A project as pages show it.
pub(super) fn project_view(project: &Project) -> ProjectView {
    ProjectView {
        id: project.id.to_string(),
        slug: project.slug.to_string(),
        name: project.name.clone(),
    }
}

/// Nobody may see this without being signed in.
pub(super) fn signed_out() -> UiError {
    UiError::new(ErrorCode::SignedOut, "You are signed out. Sign in and try again.")
}
