//! One deployment for each test: its own database, its own sandbox, a clock that can be moved.

mod call;
mod clock;
mod wire;

pub(crate) use call::{Answer, Call};
use clock::TestClock;
pub(crate) use wire::Wire;

use axum::Router;
use latchkey::domain::{
    Actor, Clock, EndpointPolicy, Principal, Random, RequestContext, RequestId, Role, Scopes, SystemRandom,
};
use latchkey::providers::{Prober, ProberSettings};
use latchkey::sandbox::Sandbox;
use latchkey::service::accounts::NewMember;
use latchkey::service::projects::{Project, ProjectRef};
use latchkey::service::tokens::NewToken;
use latchkey::service::{Parts, Services, StartError};
use latchkey::store::{self, Store};
use latchkey::vault::{LocalKeyRing, MasterKey, Vault};
use latchkey::web::{self, App, TrustedProxies, WebSettings};
use leptos::config::LeptosOptions;
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;
use sqlx::postgres::PgConnectOptions;
use std::sync::Arc;
use std::time::Duration;

/// How long a probe may take in tests: longer than the sandbox's slow keys, so that only hanging ones run out.
pub(crate) const PROBE_LIMIT: Duration = Duration::from_millis(2500);

/// A running deployment with two organizations, each with one project called `main`.
pub(crate) struct TestApp {
    /// The use cases, for what a test needs to know or prepare besides HTTP.
    pub(crate) services: Services,
    /// The providers.
    pub(crate) sandbox: Sandbox,
    /// The database as its superuser, past row-level security.
    pub(crate) database: PgPool,
    /// The organization that tests act in.
    pub(crate) own: Tenant,
    /// Another organization.
    pub(crate) foreign: Tenant,
    router: Router,
    clock: Arc<TestClock>,
    keys: Arc<LocalKeyRing>,
    options: PgConnectOptions,
}

/// The same deployment, met through a server whose tenant filters are aimed elsewhere.
pub(crate) struct Misaimed(Router);

impl Misaimed {
    /// A call to be made.
    pub(crate) fn call(&self, method: &str, path: &str) -> Call {
        Call::new(self.0.clone(), method, path)
    }
}

/// An organization.
pub(crate) struct Tenant {
    /// Its owner.
    pub(crate) owner: Actor,
    /// Its project.
    pub(crate) project: Project,
}

impl TestApp {
    /// Starts on the empty database behind `pool`.
    pub(crate) async fn start(pool: PgPool) -> Self {
        let options = (*pool.connect_options()).clone();
        Self::start_over(pool, options).await
    }

    /// The same, with the server reaching the database by `options`.
    pub(crate) async fn start_over(database: PgPool, options: PgConnectOptions) -> Self {
        store::migrate(&database.connect_options()).await.unwrap();
        let sandbox = Sandbox::start().await.unwrap();
        let clock = Arc::new(TestClock::default());
        let keys = MasterKey::generate(&SystemRandom);
        let keys = Arc::new(LocalKeyRing::new(keys, None, Arc::new(SystemRandom)));
        let store = Store::connect(options.clone()).await.unwrap();
        let services = start_services(store, &sandbox, clock.clone(), keys.clone())
            .await
            .unwrap();
        let own = tenant(&services, &*clock, "Acme").await;
        let foreign = tenant(&services, &*clock, "Rival").await;
        let router = router(&services, &clock);
        Self {
            services,
            sandbox,
            database,
            own,
            foreign,
            router,
            clock,
            keys,
            options,
        }
    }

    /// The same deployment through a server whose store filters every query by `tenant`, whoever
    /// calls: row-level security is all that is left.
    pub(crate) async fn filtering_as(&self, tenant: &Tenant) -> Misaimed {
        let store = Store::connect(self.options.clone()).await.unwrap();
        let store = store.filtering_as(tenant.owner.org);
        let services = start_services(store, &self.sandbox, self.clock.clone(), self.keys.clone())
            .await
            .unwrap();
        Misaimed(router(&services, &self.clock))
    }

    /// Starts another server on the same database, with another master key.
    pub(crate) async fn start_with_another_master_key(&self) -> Result<Services, StartError> {
        let store = Store::connect(self.options.clone()).await.unwrap();
        let keys = LocalKeyRing::new(MasterKey::generate(&SystemRandom), None, Arc::new(SystemRandom));
        start_services(store, &self.sandbox, self.clock.clone(), Arc::new(keys)).await
    }

    /// A token of the whole own organization that may do everything for so many days.
    pub(crate) async fn expiring_token(&self, days: u32) -> String {
        self.own.token(&self.services, &["*"], true, days).await
    }

    /// A call to be made, with a token of the own organization's owner unless told otherwise.
    pub(crate) fn call(&self, method: &str, path: &str) -> Call {
        Call::new(self.router.clone(), method, path)
    }

    /// A token of the whole own organization.
    pub(crate) async fn token(&self, scopes: &[&str]) -> String {
        self.own.token(&self.services, scopes, true, 0).await
    }

    /// A token of the own organization's project.
    pub(crate) async fn project_token(&self, scopes: &[&str]) -> String {
        self.own.token(&self.services, scopes, false, 0).await
    }

    /// A token of the other organization that may do everything there.
    pub(crate) async fn foreign_token(&self) -> String {
        self.foreign.token(&self.services, &["*"], true, 0).await
    }

    /// Moves the clock forward.
    pub(crate) fn pass(&self, time: Duration) {
        self.clock.pass(time);
    }
}

impl Tenant {
    async fn token(&self, services: &Services, scopes: &[&str], whole_organization: bool, expires_days: u32) -> String {
        let new = NewToken {
            name: scopes.join(" "),
            scopes: Scopes::parse(scopes).unwrap(),
            expires_days,
            whole_organization,
            created_by_name: "owner".to_owned(),
        };
        let project = ProjectRef::Id(self.project.id);
        let minted = services.tokens.create(&self.owner, Some(&project), new).await.unwrap();
        minted.text.expose_secret().to_owned()
    }
}

fn router(services: &Services, clock: &Arc<TestClock>) -> Router {
    web::router(App {
        services: services.clone(),
        settings: Arc::new(WebSettings {
            public_url: "http://127.0.0.1:3000".parse().unwrap(),
            trusted_proxies: TrustedProxies::default(),
            site: LeptosOptions::builder().output_name("latchkey").build(),
        }),
        clock: clock.clone(),
        random: Arc::new(SystemRandom),
    })
}

async fn start_services(
    store: Store,
    sandbox: &Sandbox,
    clock: Arc<TestClock>,
    keys: Arc<LocalKeyRing>,
) -> Result<Services, StartError> {
    let policy = EndpointPolicy::with_sandbox(sandbox.address());
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let settings = ProberSettings {
        transports: sandbox.transports(),
        policy,
        limit: PROBE_LIMIT,
    };
    let parts = Parts {
        store,
        vault: Vault::new(keys, random.clone()),
        prober: Prober::new(settings).unwrap(),
        endpoints: policy,
        clock,
        random,
        allows_platform_keys: false,
    };
    Services::start(parts).await
}

async fn tenant(services: &Services, clock: &dyn Clock, name: &str) -> Tenant {
    let request = RequestContext {
        request_id: RequestId::new(clock, &SystemRandom),
        client: None,
    };
    let member = NewMember {
        organization: name.to_owned(),
        email: format!("owner@{}.example", name.to_lowercase()),
        password: SecretString::from("correct horse battery staple"),
        role: Role::Owner,
        is_operator: false,
    };
    let signed_in = services.accounts.create_member(member, request).await.unwrap();
    let owner = Actor {
        org: signed_in.org,
        principal: Principal::User(signed_in.user),
        scopes: Role::Owner.scopes(),
        project: None,
        request,
    };
    let project = services.projects.create(&owner, "Main").await.unwrap();
    Tenant { owner, project }
}
