//! From a credential to an actor: a token's text or a session's cookie.

use super::App;
use super::session::SignedInSession;
use crate::domain::{Actor, Principal, RequestContext};
use crate::service::ServiceError;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use secrecy::SecretString;
use std::sync::Arc;
use tower_sessions::Session;

/// Who calls. In every request's extensions.
#[derive(Clone, Debug)]
pub(super) enum Caller {
    /// Nobody known.
    Anonymous,
    /// Someone known.
    Known(KnownCaller),
    /// Who calls could not be found out: the database is away. Never taken for anonymous.
    Undecided(Arc<ServiceError>),
}

/// A known caller.
#[derive(Clone, Debug)]
pub(super) struct KnownCaller {
    /// Who acts, and what they may do.
    pub(super) actor: Actor,
    /// The person's address, or the token's name.
    pub(super) name: String,
    /// The organization's name and the role, where a person acts.
    pub(super) person: Option<Person>,
}

/// What a session knows of its person beyond the actor.
#[derive(Clone, Debug)]
pub(super) struct Person {
    /// The organization's name.
    pub(super) organization: String,
    /// `owner`, …
    pub(super) role: String,
}

impl Caller {
    /// The known caller.
    ///
    /// # Errors
    /// [`ServiceError::Unauthenticated`], or what kept the server from finding out.
    pub(super) fn known(&self) -> Result<&KnownCaller, CallerError> {
        match self {
            Caller::Known(known) => Ok(known),
            Caller::Anonymous => Err(CallerError::Unauthenticated),
            Caller::Undecided(error) => Err(CallerError::Undecided(error.clone())),
        }
    }
}

/// Why there is no known caller.
#[derive(Clone, Debug, thiserror::Error)]
pub(super) enum CallerError {
    /// Nobody is signed in, or the token is not valid.
    #[error("no valid credential was presented")]
    Unauthenticated,
    /// Who calls could not be found out.
    #[error("the caller could not be looked up")]
    Undecided(#[source] Arc<ServiceError>),
}

/// Finds out who calls, once for each request.
pub(super) async fn authenticate(
    State(app): State<App>,
    session: Session,
    mut request: Request,
    next: Next,
) -> Response {
    let context = request.extensions().get::<RequestContext>().copied();
    let caller = match context {
        None => Caller::Anonymous,
        Some(context) => match find_caller(&app, request.headers(), &session, context).await {
            Ok(Some(known)) => Caller::Known(known),
            Ok(None) | Err(ServiceError::Unauthenticated) => Caller::Anonymous,
            Err(error) => Caller::Undecided(Arc::new(error)),
        },
    };
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// A token wins over a session; an invalid token is never made good by a session.
async fn find_caller(
    app: &App,
    headers: &HeaderMap,
    session: &Session,
    context: RequestContext,
) -> Result<Option<KnownCaller>, ServiceError> {
    if headers.contains_key(AUTHORIZATION) {
        let token = bearer(headers).ok_or(ServiceError::Unauthenticated)?;
        let (actor, name) = app.services.tokens.authenticate(&token, context).await?;
        return Ok(Some(KnownCaller {
            actor,
            name,
            person: None,
        }));
    }
    let Some(signed_in) = SignedInSession::load(session).await? else {
        return Ok(None);
    };
    let membership = app.services.accounts.membership(signed_in).await?;
    SignedInSession::keep_alive(session, app.clock.now()).await?;
    let actor = Actor {
        org: membership.org,
        principal: Principal::User(signed_in.user),
        scopes: membership.role.scopes(),
        project: None,
        verified_at: signed_in.verified_at,
        request: context,
    };
    let person = Person {
        organization: membership.organization,
        role: membership.role.to_string(),
    };
    Ok(Some(KnownCaller {
        actor,
        name: membership.email,
        person: Some(person),
    }))
}

fn bearer(headers: &HeaderMap) -> Option<SecretString> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    if values.next().is_some() {
        return None;
    }
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| SecretString::from(token.trim()))
}

/// A handler's argument for "someone known calls".
impl<S: Send + Sync> FromRequestParts<S> for KnownCaller {
    type Rejection = super::problem::Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        let caller = parts.extensions.get::<Caller>().cloned().unwrap_or(Caller::Anonymous);
        caller
            .known()
            .cloned()
            .map_err(|error| super::problem::Problem::from(&error))
    }
}
