//! One deployment for each test: its own database, its own sandbox, a clock that can be moved.

mod browser;
mod call;
mod clock;
mod instance;
mod program;
mod smtp;
mod socket;
mod wire;

pub(crate) use browser::Browser;
pub(crate) use call::{Answer, Call};
use clock::TestClock;
use instance::Shared;
pub(crate) use instance::{Instance, Server, Setup, platform_key};
pub(crate) use program::{Program, free_address};
pub(crate) use smtp::{PASSWORD as SMTP_PASSWORD, ReceivedMail, SmtpServer};
pub(crate) use socket::{Received, Socket};
pub(crate) use wire::Wire;

use latchkey::domain::{Actor, Clock, Principal, RequestContext, RequestId, Role, Scopes, SystemRandom};
use latchkey::sandbox::Sandbox;
use latchkey::service::accounts::NewMember;
use latchkey::service::projects::{Project, ProjectRef};
use latchkey::service::tokens::NewToken;
use latchkey::service::{Services, StartError};
use latchkey::store::{self, Store};
use latchkey::vault::{LocalKeyRing, MasterKey};
use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgPool};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::process::Command;

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
    instance: Instance,
    clock: Arc<TestClock>,
    keys: Arc<LocalKeyRing>,
    master_key: SecretString,
    options: PgConnectOptions,
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
        Self::start_with(pool, Setup::default()).await
    }

    /// The same, with a server that is set up so.
    pub(crate) async fn start_with(pool: PgPool, setup: Setup) -> Self {
        let options = (*pool.connect_options()).clone();
        Self::assemble(pool, options, setup).await
    }

    /// The same, with the server reaching the database by `options`.
    pub(crate) async fn start_over(database: PgPool, options: PgConnectOptions) -> Self {
        Self::assemble(database, options, Setup::default()).await
    }

    async fn assemble(database: PgPool, options: PgConnectOptions, setup: Setup) -> Self {
        store::migrate(&database.connect_options()).await.unwrap();
        let sandbox = Sandbox::start().await.unwrap();
        let clock = Arc::new(TestClock::default());
        let master_key = MasterKey::generate(&SystemRandom).to_base64();
        let keys = MasterKey::from_base64(&master_key).unwrap();
        let keys = Arc::new(LocalKeyRing::new(keys, None, Arc::new(SystemRandom)));
        let store = Store::connect(options.clone()).await.unwrap();
        let shared = Shared {
            sandbox: &sandbox,
            clock: &clock,
            keys: &keys,
        };
        let instance = Instance::start(store, &shared, setup).await.unwrap();
        let services = instance.services.clone();
        let own = tenant(&services, &*clock, "Acme").await;
        let foreign = tenant(&services, &*clock, "Rival").await;
        Self {
            services,
            sandbox,
            database,
            own,
            foreign,
            instance,
            clock,
            keys,
            master_key,
            options,
        }
    }

    /// Another server of the same deployment.
    pub(crate) async fn second_instance(&self) -> Instance {
        self.another(Setup::default()).await
    }

    /// The same, set up so.
    pub(crate) async fn another(&self, setup: Setup) -> Instance {
        let store = Store::connect(self.options.clone()).await.unwrap();
        self.instance_over(store, setup).await
    }

    /// The same, reaching the database by `options`.
    pub(crate) async fn another_over(&self, options: PgConnectOptions) -> Instance {
        let store = Store::connect(options).await.unwrap();
        self.instance_over(store, Setup::default()).await
    }

    /// The same deployment through a server whose store filters every query by `tenant`, whoever
    /// calls: row-level security is all that is left.
    pub(crate) async fn filtering_as(&self, tenant: &Tenant) -> Instance {
        let store = Store::connect(self.options.clone()).await.unwrap();
        self.instance_over(store.filtering_as(tenant.owner.org), Setup::default())
            .await
    }

    async fn instance_over(&self, store: Store, setup: Setup) -> Instance {
        let instance = Instance::start(store, &self.shared(&self.keys), setup).await;
        instance.unwrap()
    }

    /// The built program as one more server, with these variables besides.
    pub(crate) async fn program(&self, variables: impl IntoIterator<Item = (String, String)>) -> Program {
        let mut program = self.launch(variables).await;
        program.until_ready().await;
        program
    }

    /// The same, not waited for.
    pub(crate) async fn launch(&self, variables: impl IntoIterator<Item = (String, String)>) -> Program {
        let own = [
            ("DATABASE_URL", self.options.to_url_lossy().to_string()),
            ("LATCHKEY_MASTER_KEY", self.master_key.expose_secret().to_owned()),
        ];
        let own = own.map(|(name, value)| (name.to_owned(), value));
        Program::launch(own.into_iter().chain(variables)).await
    }

    /// The built program, to be run as a command at this deployment's own machine, with a data folder.
    pub(crate) fn command(&self, data_dir: &Path) -> Command {
        let mut command = self.command_without_database();
        command
            .env("DATABASE_URL", self.options.to_url_lossy().to_string())
            .env("LATCHKEY_DATA_DIR", data_dir);
        command
    }

    /// The built program, with the deployment's master key and nothing else.
    pub(crate) fn command_without_database(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_latchkey"));
        command
            .env_clear()
            .env("LATCHKEY_MASTER_KEY", self.master_key.expose_secret())
            .kill_on_drop(true);
        command
    }

    /// Starts another server on the same database, with another master key.
    pub(crate) async fn start_with_another_master_key(&self) -> Result<Services, StartError> {
        let store = Store::connect(self.options.clone()).await.unwrap();
        let keys = LocalKeyRing::new(MasterKey::generate(&SystemRandom), None, Arc::new(SystemRandom));
        let instance = Instance::start(store, &self.shared(&Arc::new(keys)), Setup::default()).await?;
        Ok(instance.services)
    }

    fn shared<'deployment>(&'deployment self, keys: &'deployment Arc<LocalKeyRing>) -> Shared<'deployment> {
        Shared {
            sandbox: &self.sandbox,
            clock: &self.clock,
            keys,
        }
    }

    /// Listens on a socket.
    pub(crate) async fn listen(&self) -> Server {
        self.instance.listen().await
    }

    /// Lets the own organization use the operator's keys.
    pub(crate) async fn allow_platform_keys(&self) {
        sqlx::query("update organizations set allows_platform_keys = true where org_id = $1")
            .bind(self.own.owner.org.as_uuid())
            .execute(&self.database)
            .await
            .unwrap();
    }

    /// Somebody new who operates the deployment, an owner of an organization of this name besides.
    pub(crate) async fn operator(&self, organization: &str) -> Actor {
        let request = self.own.owner.request;
        let member = owner_of(organization, true);
        let signed_in = self.services.accounts.create_member(member, request).await.unwrap();
        Actor {
            org: signed_in.org,
            principal: Principal::User(signed_in.user),
            ..self.own.owner.clone()
        }
    }

    /// A token of the whole own organization that may do everything for so many days.
    pub(crate) async fn expiring_token(&self, days: u32) -> String {
        self.own.token(&self.services, &["*"], true, days).await
    }

    /// A call to be made, with a token of the own organization's owner unless told otherwise.
    pub(crate) fn call(&self, method: &str, path: &str) -> Call {
        self.instance.call(method, path)
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
    /// A token of the organization that may do so much, for so many days.
    pub(crate) async fn token(
        &self,
        services: &Services,
        scopes: &[&str],
        whole_organization: bool,
        expires_days: u32,
    ) -> String {
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

/// Somebody new in an organization of this name.
fn owner_of(organization: &str, is_operator: bool) -> NewMember {
    NewMember {
        organization: organization.to_owned(),
        email: format!("owner@{}.example", organization.to_lowercase()),
        password: SecretString::from("correct horse battery staple"),
        role: Role::Owner,
        is_operator,
    }
}

async fn tenant(services: &Services, clock: &dyn Clock, name: &str) -> Tenant {
    let request = RequestContext {
        request_id: RequestId::new(clock, &SystemRandom),
        client: None,
    };
    let member = owner_of(name, false);
    let signed_in = services.accounts.create_member(member, request).await.unwrap();
    let owner = Actor {
        org: signed_in.org,
        principal: Principal::User(signed_in.user),
        scopes: Role::Owner.scopes(),
        project: None,
        verified_at: Some(clock.now()),
        request,
    };
    let project = services.projects.create(&owner, "Main").await.unwrap();
    Tenant { owner, project }
}
