//! Who may make a call: a known caller with the operation's scope. Decided before anything is read or looked up.

use crate::domain::Scope;
use crate::service::ServiceError;
use crate::web::App;
use crate::web::auth::Caller;
use crate::web::problem::Problem;
use crate::web::rest::rate_limit;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// What stands before an operation.
#[derive(Clone, Copy)]
pub(super) struct Gate {
    /// The operation's name.
    pub(super) operation: &'static str,
    /// What the caller must hold.
    pub(super) scope: Option<Scope>,
    /// Whether it may use up some of the organization's probes.
    pub(super) probes: bool,
}

/// Lets a call pass that may be made, and tells the audit trail of one that may not. The service decides on the
/// scope once more, at its own door.
pub(super) async fn admit(State((app, gate)): State<(App, Gate)>, request: Request, next: Next) -> Response {
    let caller = request
        .extensions()
        .get::<Caller>()
        .cloned()
        .unwrap_or(Caller::Anonymous);
    let known = match caller.known() {
        Ok(known) => known,
        Err(error) => return Problem::from(&error).into_response(),
    };
    let mut response = match gate.scope.map_or(Ok(()), |scope| known.actor.require(scope)) {
        Ok(()) => next.run(request).await,
        Err(refusal) => Problem::from(ServiceError::from(refusal)).into_response(),
    };
    if response.status() == StatusCode::FORBIDDEN {
        app.services.refusals.note(&known.actor, gate.operation);
    }
    if gate.probes {
        rate_limit::tell(response.headers_mut(), app.services.keys.probe_share(&known.actor));
    }
    response
}
