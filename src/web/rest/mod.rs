//! REST under `/api/v1`, and under `/v1` what LaunchGate has there: one operation a file, all of them in one list.

mod api_keys;
mod audit;
mod body;
mod byok_keys;
mod calls;
mod default_project;
mod depth;
pub(in crate::web) mod docs;
mod gate;
mod health;
mod idempotency;
mod invitations;
mod keys;
mod launchgate;
mod levain;
mod locks;
mod members;
mod moment;
mod notifications;
mod organization;
mod overlap;
mod paging;
mod path;
mod projects;
mod providers;
mod query;
mod rate_limit;
mod tokens;
mod version;
mod webhooks;

use super::App;
use super::problem::Problem;
use crate::domain::Scope;
use axum::Router;
use axum::http::{Method, StatusCode};
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, any};
use docs::Docs;
use gate::Gate;

/// One call of the API.
pub struct Operation {
    /// Its name, as the audit trail has it: `byok_keys.put`.
    pub id: &'static str,
    /// Its method.
    pub method: Method,
    /// Its path: `/api/v1/projects/{project}/byok-keys`.
    pub path: &'static str,
    /// What the caller must hold; with `None` it is enough to be known.
    pub scope: Option<Scope>,
    /// What it says of itself.
    pub(in crate::web) docs: Docs,
    route: MethodRouter<App>,
}

impl std::fmt::Debug for Operation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}: {} {}", self.id, self.method, self.path)
    }
}

/// Every call of the API; the router is made from this list and nothing else.
#[must_use]
pub fn operations() -> Vec<Operation> {
    vec![
        organization::get::operation(),
        organization::patch::operation(),
        providers::operation(),
        projects::list::operation(),
        projects::create::operation(),
        projects::get::operation(),
        projects::rename::operation(),
        projects::settings::get::operation(),
        projects::settings::patch::operation(),
        keys::list::operation(),
        keys::add::operation(),
        keys::reorder::operation(),
        keys::import::preview::operation(),
        keys::import::run::operation(),
        keys::get::operation(),
        keys::replace::operation(),
        keys::patch::operation(),
        keys::delete::operation(),
        keys::test::operation(),
        keys::restore::operation(),
        keys::rotate::operation(),
        keys::end_overlap::operation(),
        keys::dependents::operation(),
        tokens::list::operation(),
        tokens::create::operation(),
        tokens::get::operation(),
        tokens::revoke::operation(),
        tokens::rotate::operation(),
        tokens::end_overlap::operation(),
        members::list::operation(),
        members::set_role::operation(),
        members::remove::operation(),
        invitations::list::operation(),
        invitations::create::operation(),
        invitations::revoke::operation(),
        locks::list::operation(),
        locks::lock::operation(),
        locks::unlock::operation(),
        calls::list::operation(),
        calls::get::operation(),
        calls::export::operation(),
        audit::list::operation(),
        audit::get::operation(),
        audit::head::operation(),
        audit::export::operation(),
        audit::verify::operation(),
        notifications::operation(),
        webhooks::list::operation(),
        webhooks::create::operation(),
        webhooks::get::operation(),
        webhooks::patch::operation(),
        webhooks::delete::operation(),
        webhooks::rotate_secret::operation(),
        webhooks::test::operation(),
        webhooks::deliveries::operation(),
        webhooks::resend::operation(),
        byok_keys::list::operation(),
        byok_keys::get::operation(),
        byok_keys::put::operation(),
        byok_keys::patch::operation(),
        byok_keys::delete::operation(),
        byok_keys::test::operation(),
        api_keys::list::operation(),
        api_keys::create::operation(),
        api_keys::revoke::operation(),
        levain::add::operation(),
        levain::list::operation(),
        levain::revoke::operation(),
        launchgate::add::operation(),
        launchgate::list::operation(),
        launchgate::test::operation(),
        launchgate::revoke::operation(),
    ]
}

impl Operation {
    /// The route behind its gate: first who may, then whether it was done already, then the handler.
    fn guarded(self, app: &App) -> MethodRouter<App> {
        let gate = Gate {
            operation: self.id,
            scope: self.scope,
            probes: self.docs.probes,
        };
        let route = if self.method.is_safe() {
            self.route
        } else {
            self.route
                .route_layer(from_fn_with_state(app.clone(), idempotency::once))
        };
        route.route_layer(from_fn_with_state((app.clone(), gate), gate::admit))
    }
}

pub(super) fn router(app: &App) -> Router {
    operations()
        .into_iter()
        .fold(Router::new(), |router, operation| {
            router.route(operation.path, operation.guarded(app))
        })
        .method_not_allowed_fallback(wrong_method)
        .route("/api", any(nothing_here))
        .route("/api/", any(nothing_here))
        .route("/api/{*path}", any(nothing_here))
        .with_state(app.clone())
}

async fn wrong_method() -> Problem {
    let detail = "This address does not know that method; the Allow header has those it knows.";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}

async fn nothing_here() -> Problem {
    path::nothing_here()
}
