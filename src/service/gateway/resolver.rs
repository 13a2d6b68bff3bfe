//! Looks up tokens and routes, each once for all who ask at the same time.

use super::fresh::{Asked, Fresh, Ticks};
use super::lease::Lease;
use super::limits::OpenCalls;
use super::platform::PlatformKeys;
use super::route::{ProjectKey, Route};
use super::{Foundation, GatewayError};
use crate::domain::{
    FallbackPolicy, HealthReason, KeySource, OrgId, ProjectId, ProviderSlug, RequestContext, Scopes, SealContext,
    TokenId,
};
use crate::providers::Provider;
use crate::providers::upstream::Upstreams;
use crate::service::ServiceError;
use crate::service::audit::Audit;
use crate::store::routes::{self, NamedKey, ProjectSelector, RouteKey, RouteRow};
use crate::store::{StoreError, tokens};
use crate::vault::{OpenError, Opener, Token, TokenKind};
use moka::future::Cache;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use time::OffsetDateTime;

/// Tokens and routes remembered, each.
const MOST_REMEMBERED: u64 = 100_000;

pub(super) type KnownToken = Fresh<TokenFacts>;
pub(super) type KnownRoute = Fresh<Arc<Route>>;

/// What is known of a token.
pub(super) struct TokenFacts {
    pub(super) org: OrgId,
    pub(super) id: TokenId,
    pub(super) scopes: Scopes,
    pub(super) project: Option<ProjectId>,
    pub(super) open_calls: Arc<AtomicUsize>,
    hash: Vec<u8>,
    expires_at: Option<OffsetDateTime>,
}

/// What a caller says of the route that a call should take.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'call> {
    /// The project's id or slug.
    pub project: Option<&'call str>,
    /// The key's id or name; without one the default serves.
    pub key: Option<&'call str>,
}

/// What a route is remembered under: its full identity.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct RouteId {
    pub(super) org: OrgId,
    pub(super) project: ProjectSelector,
    pub(super) provider: &'static str,
    pub(super) named: Option<NamedKey>,
}

/// Looks up, opens and remembers.
pub(super) struct Resolver {
    foundation: Arc<Foundation>,
    audit: Arc<Audit>,
    opener: Opener,
    upstreams: Upstreams,
    pub(super) platform: PlatformKeys,
    open_calls: OpenCalls,
    pub(super) ticks: Ticks,
    pub(super) tokens: Cache<String, Arc<KnownToken>>,
    pub(super) routes: Cache<RouteId, Arc<KnownRoute>>,
    /// Counts what the database said has changed.
    heard: AtomicU64,
}

impl Resolver {
    pub(super) fn new(
        foundation: Arc<Foundation>,
        audit: Arc<Audit>,
        opener: Opener,
        upstreams: Upstreams,
        platform: PlatformKeys,
    ) -> Self {
        Self {
            foundation,
            audit,
            opener,
            upstreams,
            platform,
            open_calls: OpenCalls::default(),
            ticks: Ticks::start(),
            tokens: Cache::new(MOST_REMEMBERED),
            routes: Cache::new(MOST_REMEMBERED),
            heard: AtomicU64::new(0),
        }
    }

    /// The token of this text: checksum first, then what is known, then a comparison in constant time.
    pub(super) async fn token(&self, text: &str) -> Result<Arc<KnownToken>, GatewayError> {
        let token = Token::parse(TokenKind::Api, text).map_err(|_| GatewayError::Unauthenticated)?;
        let known = self.known_token(token.public_id().as_str()).await?;
        let facts = &known.value;
        let now = self.foundation.clock.now();
        let genuine = token.matches(&self.foundation.roots.token, &facts.hash);
        if genuine && facts.expires_at.is_none_or(|end| end > now) {
            Ok(known)
        } else {
            Err(GatewayError::Unauthenticated)
        }
    }

    async fn known_token(&self, public_id: &str) -> Result<Arc<KnownToken>, GatewayError> {
        match self.tokens.get(public_id).await {
            Some(known) if self.serves(&known, known.value.org) => Ok(known),
            // Apart, so that what most calls need stays small: this alone takes 30 KB.
            _ => Box::pin(self.look_up_token(public_id)).await,
        }
    }

    async fn look_up_token(&self, public_id: &str) -> Result<Arc<KnownToken>, GatewayError> {
        loop {
            if let Some(known) = self.tokens.get(public_id).await {
                if self.serves(&known, known.value.org) {
                    return Ok(known);
                }
                self.tokens.invalidate(public_id).await;
            }
            let looked_up = self
                .tokens
                .try_get_with(public_id.to_owned(), self.load_token(public_id))
                .await;
            let known = looked_up.map_err(|error: Arc<GatewayError>| (*error).clone())?;
            if self.still_holds(&known) {
                return Ok(known);
            }
            self.tokens.invalidate(public_id).await;
        }
    }

    async fn load_token(&self, public_id: &str) -> Result<Arc<KnownToken>, GatewayError> {
        let (at, changes) = (self.ticks.now(), self.changes());
        let found = self.find_token(public_id).await.map_err(ServiceError::from)?;
        let found = found.filter(|token| token.revoked_at.is_none());
        let token = found.ok_or(GatewayError::Unauthenticated)?;
        // Only the answer says whose token it is. A change in the meantime shows in the total, too.
        let own_changes = self.own_changes(token.org);
        let asked = Asked {
            at,
            changes,
            own_changes,
        };
        let facts = TokenFacts {
            org: token.org,
            id: token.id,
            scopes: token.scopes,
            project: token.project,
            open_calls: self.open_calls.counter(token.id),
            hash: token.hash,
            expires_at: token.expires_at,
        };
        Ok(Arc::new(Fresh::new(facts, token.state, asked)))
    }

    async fn find_token(&self, public_id: &str) -> Result<Option<tokens::TokenCredentials>, StoreError> {
        let mut tx = self.foundation.store.system().await?;
        tokens::find_by_public_id(&mut tx, public_id).await
    }

    /// The route of a token's call. A token of one project may name that project or none.
    pub(super) async fn route(
        &self,
        token: &TokenFacts,
        wish: Wish<'_>,
        provider: &'static dyn Provider,
        request: RequestContext,
    ) -> Result<Arc<Route>, GatewayError> {
        let project = match (wish.project, token.project) {
            (Some(named), _) => selector(named).ok_or(GatewayError::NoProject)?,
            (None, Some(own)) => ProjectSelector::Id(own),
            (None, None) => return Err(GatewayError::ProjectNeeded),
        };
        let id = RouteId {
            org: token.org,
            project,
            provider: provider.slug(),
            named: wish.key.map(named_key),
        };
        let route = self.known_route(id, token, provider, request).await?;
        if token.project.is_none_or(|own| own == route.project) {
            Ok(route)
        } else {
            Err(GatewayError::NoProject)
        }
    }

    async fn known_route(
        &self,
        id: RouteId,
        token: &TokenFacts,
        provider: &'static dyn Provider,
        request: RequestContext,
    ) -> Result<Arc<Route>, GatewayError> {
        match self.routes.get(&id).await {
            Some(known) if self.serves(&known, id.org) => Ok(known.value.clone()),
            // Apart, as with tokens.
            _ => Box::pin(self.look_up_route(id, token, provider, request)).await,
        }
    }

    async fn look_up_route(
        &self,
        id: RouteId,
        token: &TokenFacts,
        provider: &'static dyn Provider,
        request: RequestContext,
    ) -> Result<Arc<Route>, GatewayError> {
        loop {
            if let Some(known) = self.routes.get(&id).await {
                if self.serves(&known, id.org) {
                    return Ok(known.value.clone());
                }
                self.routes.invalidate(&id).await;
            }
            let load = self.load_route(&id, token, provider, request);
            let looked_up = self.routes.try_get_with(id.clone(), load).await;
            let known = looked_up.map_err(|error: Arc<GatewayError>| (*error).clone())?;
            if self.still_holds(&known) {
                return Ok(known.value.clone());
            }
            self.routes.invalidate(&id).await;
        }
    }

    async fn load_route(
        &self,
        id: &RouteId,
        token: &TokenFacts,
        provider: &'static dyn Provider,
        request: RequestContext,
    ) -> Result<Arc<KnownRoute>, GatewayError> {
        let asked = Asked {
            at: self.ticks.now(),
            changes: self.changes(),
            own_changes: self.own_changes(id.org),
        };
        let slug: ProviderSlug = id.provider.parse().map_err(|_| GatewayError::Unavailable)?;
        let row = self.find_route(id, &slug).await.map_err(ServiceError::from)?;
        let mut row = row.ok_or(GatewayError::NoProject)?;
        let state = std::mem::take(&mut row.state);
        if id.named.is_some() && row.key.is_none() {
            return Err(GatewayError::NoNamedKey {
                provider: provider.name(),
                project: row.slug.to_string(),
            });
        }
        let key = self.open(token, &row, &slug, provider, request).await?;
        let policy = if id.named.is_some() {
            // Who names a key means that one and no other.
            FallbackPolicy::NONE
        } else {
            let key_choice = row.key.as_ref().map(|key| key.choice).unwrap_or_default();
            FallbackPolicy::of(row.allows_platform_keys, row.choice, key_choice)
        };
        let route = Route {
            org: id.org,
            project: row.project,
            slug: row.slug,
            provider,
            provider_slug: slug,
            named: id.named.clone(),
            lock: row.lock,
            opens_all_paths: row.opens_all_paths,
            adds_stream_usage: row.adds_stream_usage,
            fee: row.fee,
            policy,
            key,
            platform: self
                .platform
                .of(provider.slug())
                .filter(|_| row.allows_platform_keys)
                .cloned(),
        };
        Ok(Arc::new(Fresh::new(Arc::new(route), state, asked)))
    }

    async fn find_route(&self, id: &RouteId, provider: &ProviderSlug) -> Result<Option<RouteRow>, StoreError> {
        let mut tx = self.foundation.store.org(id.org).await?;
        routes::load(&mut tx, &id.project, provider, id.named.as_ref()).await
    }

    /// Opens the project's key, if it may serve.
    async fn open(
        &self,
        token: &TokenFacts,
        row: &RouteRow,
        slug: &ProviderSlug,
        provider: &'static dyn Provider,
        request: RequestContext,
    ) -> Result<ProjectKey, GatewayError> {
        let Some(key) = &row.key else {
            return Ok(ProjectKey::Missing);
        };
        let was_probed = key.health.checked_at.is_some();
        if !key.is_active || !was_probed {
            return Ok(ProjectKey::Disabled(key.id));
        }
        if matches!(key.health.reason, Some(HealthReason::Invalid | HealthReason::Blocked)) {
            let message = key.health.message.clone().unwrap_or_default();
            return Ok(ProjectKey::Rejected { key: key.id, message });
        }
        let context = self.seal_context(token.org, row.project, slug, key);
        let secret = match self.opener.open(&context, &key.sealed).await {
            Ok(secret) => secret,
            Err(OpenError::Unavailable(error)) => {
                tracing::error!(
                    error = &*error as &dyn std::error::Error,
                    "the master key cannot be used"
                );
                return Err(GatewayError::Unavailable);
            }
            Err(error) => {
                let actor = token.actor(request);
                self.audit.alarm_unreadable_key(&actor, key.id, slug, &error).await?;
                return Ok(ProjectKey::Unreadable(key.id));
            }
        };
        let identity = Some((key.id, key.secret_version));
        let leased = match self.upstreams.origin(provider, &key.endpoint) {
            Ok(origin) => {
                Lease::new(provider, KeySource::Byok, identity, secret, origin).map_err(|error| error.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        match leased {
            Ok(lease) => Ok(ProjectKey::Open {
                lease: Arc::new(lease),
                health: key.health.clone(),
            }),
            // It opened, and yet may be sent nowhere: what is allowed has changed since it was saved, or its row has.
            Err(error) => {
                let actor = token.actor(request);
                self.audit.alarm_unreadable_key(&actor, key.id, slug, &error).await?;
                Ok(ProjectKey::Unreadable(key.id))
            }
        }
    }

    fn seal_context(&self, org: OrgId, project: ProjectId, provider: &ProviderSlug, key: &RouteKey) -> SealContext {
        SealContext {
            deployment: self.foundation.roots.deployment,
            org,
            project,
            provider: provider.clone(),
            endpoint: key.endpoint.clone(),
            key: key.id,
            secret_version: key.secret_version,
        }
    }

    /// Whether what is remembered of an organization may be used.
    fn serves<T>(&self, known: &Fresh<T>, org: OrgId) -> bool {
        known.serves(self.ticks.now(), self.own_changes(org))
    }

    /// Whether nothing has changed since what was looked up was asked for.
    fn still_holds<T>(&self, known: &Fresh<T>) -> bool {
        known.asked.changes == self.changes()
    }

    /// How many changes are known of: heard of, and made here. Both only grow, so their sum tells of each.
    fn changes(&self) -> u64 {
        let made_here = self.foundation.store.own_changes().count();
        self.heard.load(Ordering::Acquire).wrapping_add(made_here)
    }

    fn own_changes(&self, org: OrgId) -> u64 {
        self.foundation.store.own_changes().of(org)
    }

    /// The database said that something has changed: whatever is being looked up now may be old already.
    pub(super) fn note_change(&self) {
        self.heard.fetch_add(1, Ordering::AcqRel);
    }
}

/// What has the form of an id is one: a key that is named so is had by its own id.
fn named_key(named: &str) -> NamedKey {
    named
        .parse()
        .map_or_else(|_| NamedKey::Name(named.to_lowercase()), NamedKey::Id)
}

/// What is neither an id nor a slug names no project.
fn selector(named: &str) -> Option<ProjectSelector> {
    let by_id = named.parse().ok().map(ProjectSelector::Id);
    by_id.or_else(|| named.parse().ok().map(ProjectSelector::Slug))
}
