//! Token → project → key, for calls through the gateway.
//!
//! What the database said is remembered for as long as it is known to hold: [`resolver`] looks up, once for
//! all who ask at the same time; [`freshness`] confirms what is in use every 2.5 s and forgets what the
//! database says has changed; [`route`] decides whose key serves.

mod error;
mod fresh;
mod freshness;
mod lease;
mod limits;
mod platform;
mod resolver;
mod route;
mod tally;
#[cfg(test)]
mod tests;

pub use error::GatewayError;
pub use freshness::Keeping;
pub use lease::Lease;
pub use limits::OpenCall;
pub use platform::PlatformKeyError;
pub use route::{Choice, Route};
pub use tally::CallOutcome;

use super::Foundation;
use super::audit::Audit;
use super::ledger::Ledger;
use super::live_health::{LiveHealth, Sighting};
use crate::domain::{
    Actor, GatewayLimits, OrgId, Principal, ProviderSlug, RequestContext, Scope, TokenId, UsageEvent, Verdict,
};
use crate::providers::Provider;
use crate::providers::upstream::Upstreams;
use crate::vault::Opener;
use limits::PlatformCalls;
use platform::PlatformKeys;
pub use resolver::Wish;
use resolver::{KnownToken, Resolver};
use secrecy::SecretString;
use std::collections::BTreeMap;
use std::sync::Arc;
use tally::Tally;

/// What the gateway is made from.
pub(crate) struct GatewayParts {
    pub(crate) opener: Opener,
    pub(crate) upstreams: Upstreams,
    pub(crate) platform_keys: BTreeMap<ProviderSlug, SecretString>,
    pub(crate) limits: GatewayLimits,
}

/// Decides with which key a call is made, and records what became of it.
pub struct Gateway {
    foundation: Arc<Foundation>,
    resolver: Arc<Resolver>,
    platform_calls: PlatformCalls,
    limits: GatewayLimits,
    ledger: Arc<Ledger>,
    live_health: Arc<LiveHealth>,
    tally: Tally,
}

/// A token that may call, and one of its places.
pub struct Caller {
    known: Arc<KnownToken>,
    open: OpenCall,
}

/// A call that may be made.
pub struct Admission {
    /// The token that calls.
    pub token: TokenId,
    /// The project and its key.
    pub route: Arc<Route>,
    /// The token's place among its open calls.
    pub open: OpenCall,
    known: Arc<KnownToken>,
}

impl Gateway {
    pub(crate) fn new(
        foundation: Arc<Foundation>,
        audit: Arc<Audit>,
        ledger: Arc<Ledger>,
        live_health: Arc<LiveHealth>,
        parts: GatewayParts,
    ) -> Result<Self, PlatformKeyError> {
        let platform = PlatformKeys::new(parts.platform_keys, &parts.upstreams)?;
        let resolver = Resolver::new(foundation.clone(), audit, parts.opener, parts.upstreams, platform);
        Ok(Self {
            foundation,
            resolver: Arc::new(resolver),
            platform_calls: PlatformCalls::new(parts.limits.platform_calls_per_minute),
            limits: parts.limits,
            ledger,
            live_health,
            tally: Tally::default(),
        })
    }

    /// The limits that hold.
    #[must_use]
    pub const fn limits(&self) -> &GatewayLimits {
        &self.limits
    }

    /// Whether the operator has a key of their own for a provider.
    #[must_use]
    pub fn has_platform_key(&self, provider: &str) -> bool {
        self.resolver.platform.of(provider).is_some()
    }

    /// Whether a token may call at all; takes one of its places.
    ///
    /// # Errors
    /// [`GatewayError`], the same for tokens that are malformed, unknown, wrong, expired and revoked.
    pub async fn recognise(&self, token: &str) -> Result<Caller, GatewayError> {
        let known = self.resolver.token(token).await?;
        if !known.value.scopes.permit(Scope::UseGateway) {
            return Err(GatewayError::InsufficientScope(Scope::UseGateway));
        }
        let open = OpenCall::begin(&known.value.open_calls, self.limits.calls_per_token)?;
        Ok(Caller { known, open })
    }

    /// Lets a caller make a call to `provider` as it wishes.
    ///
    /// # Errors
    /// [`GatewayError`].
    pub async fn admit(
        &self,
        Caller { known, open }: Caller,
        wish: Wish<'_>,
        provider: &'static dyn Provider,
        request: RequestContext,
    ) -> Result<Admission, GatewayError> {
        let route = self.resolver.route(&known.value, wish, provider, request).await?;
        Ok(Admission {
            token: known.value.id,
            route,
            open,
            known,
        })
    }

    /// Counts a call with a platform key.
    ///
    /// # Errors
    /// [`GatewayError::LimitReached`].
    pub fn take_platform_call(&self, org: OrgId) -> Result<(), GatewayError> {
        self.platform_calls.take(org)
    }

    /// Takes down what became of a call. Never waits.
    pub fn record(&self, route: &Route, event: UsageEvent) {
        self.tally.count(route.provider, &event);
        self.ledger.record(event, route.fee);
    }

    /// Counts a call that came to nothing before it was known whose it is; such calls are not recorded.
    pub fn turn_away(&self) {
        self.tally.turn_away();
    }

    /// How many of those there were since the start.
    #[must_use]
    pub fn turned_away(&self) -> u64 {
        self.tally.turned_away()
    }

    /// How many calls came to what since the start, by provider.
    #[must_use]
    pub fn calls(&self) -> Vec<(&'static str, CallOutcome, u64)> {
        self.tally.calls()
    }

    /// Tells what a provider said of the project's key in live traffic. Never waits.
    pub fn observe(
        &self,
        admission: &Admission,
        lease: &Lease,
        verdict: Verdict,
        needs_second_opinion: bool,
        request: RequestContext,
    ) {
        let Some(key) = lease.key else { return };
        let route = &admission.route;
        self.live_health.observe(Sighting {
            actor: admission.known.value.actor(request),
            project: route.project,
            key,
            secret_version: lease.secret_version,
            provider: route.provider,
            verdict,
            needs_second_opinion,
        });
    }

    /// Keeps what is remembered fresh until stopped.
    #[must_use]
    pub fn keep_fresh(&self) -> Keeping {
        Keeping::start(self.foundation.store.clone(), self.resolver.clone())
    }

    /// Forgets limits of callers that are gone; cheap, now and then.
    pub fn sweep(&self) {
        self.platform_calls.sweep();
    }
}

impl resolver::TokenFacts {
    fn actor(&self, request: RequestContext) -> Actor {
        Actor {
            org: self.org,
            principal: Principal::Token(self.id),
            scopes: self.scopes.clone(),
            project: self.project,
            verified_at: None,
            request,
        }
    }
}
