//! The audit trail: how many audited changes one organization makes, and how soon the first page of a long trail is read.
//! On a private Postgres as `latchkey serve` runs it, which waits for the disk at every commit.

use crate::Failure;
use latchkey::domain::{
    Actor, Clock, EndpointPolicy, GatewayLimits, OrgId, Principal, Random, RequestContext, RequestId, Role,
    SystemClock, SystemRandom, UserId,
};
use latchkey::providers::prices::Prices;
use latchkey::providers::upstream::{UpstreamSettings, Upstreams};
use latchkey::providers::{Prober, ProberSettings};
use latchkey::service::accounts::NewMember;
use latchkey::service::audit::{AuditFilter, Place};
use latchkey::service::projects::ProjectRef;
use latchkey::service::{Parts, Services};
use latchkey::store::cluster::PrivateCluster;
use latchkey::store::{self, Store};
use latchkey::vault::{LocalKeyRing, MasterKey, Vault};
use secrecy::SecretString;
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

const CALLERS: u32 = 16;
const EACH: Duration = Duration::from_secs(8);
const EVENTS: u32 = 1_000_000;
/// So often each page is read.
const READS: usize = 50;

pub(crate) async fn run() -> Result<(), Failure> {
    let folder = std::env::temp_dir().join(format!("lk-bench-audit-{}", std::process::id()));
    let cluster = PrivateCluster::open(&folder).await?;
    let measured = measure(&cluster, &folder).await;
    cluster.close().await?;
    tokio::fs::remove_dir_all(&folder).await?;
    measured
}

async fn measure(cluster: &PrivateCluster, folder: &Path) -> Result<(), Failure> {
    let options = cluster.connect_options();
    store::migrate(&options).await?;
    let services = services(Store::connect(options.clone()).await?, folder).await?;
    let database = PgPoolOptions::new()
        .max_connections(CALLERS)
        .connect_with(options)
        .await?;
    println!("\naudited changes of one organization, {CALLERS} callers at once                per s");
    let owner = owner(&services).await?;
    let mut projects = Vec::new();
    for caller in 0..CALLERS {
        projects.push(services.projects.create(&owner, &format!("Project {caller}")).await?.id);
    }
    let bare = rate(&projects, |id, number| {
        update(database.clone(), owner.org, id.as_uuid(), number)
    })
    .await?;
    println!("  reference: the same without audit                             {bare:>8.0}");
    let alone = rate(&projects[..1], |id, number| {
        update(database.clone(), owner.org, id.as_uuid(), number)
    })
    .await?;
    println!("  reference: the same, one caller, each behind the one before   {alone:>8.0}");
    let audited = rate(&projects, |id, number| {
        let (services, owner) = (services.clone(), owner.clone());
        async move {
            let project = ProjectRef::Id(id);
            services
                .projects
                .rename(&owner, &project, &format!("Name {number}"), None)
                .await?;
            Ok(())
        }
    })
    .await?;
    println!("  audited, chained one behind the other                         {audited:>8.0}   aim 500");
    let begun = Instant::now();
    let verified = services.audit.verify(&owner).await?;
    if let Some(finding) = verified.finding {
        return Err(format!("the chain is broken: {finding}").into());
    }
    println!(
        "  events verified                                               {:>8.0}",
        f64::from(u32::try_from(verified.events)?) / begun.elapsed().as_secs_f64()
    );
    pages(&services, &owner, &database).await
}

/// How often per second these are done by as many callers at once.
async fn rate<Id, Done>(callers: &[Id], change: impl Fn(Id, u32) -> Done) -> Result<f64, Failure>
where
    Id: Copy,
    Done: Future<Output = Result<(), Failure>>,
{
    let begun = Instant::now();
    let work = callers.iter().map(|id| async {
        let mut times = 0;
        while begun.elapsed() < EACH {
            change(*id, times).await?;
            times += 1;
        }
        Ok::<u32, Failure>(times)
    });
    let times = futures::future::try_join_all(work).await?;
    Ok(times.into_iter().map(f64::from).sum::<f64>() / begun.elapsed().as_secs_f64())
}

/// What renaming a project does, but for the audit.
async fn update(database: PgPool, org: OrgId, project: Uuid, number: u32) -> Result<(), Failure> {
    let mut tx = database.begin().await?;
    sqlx::query("select set_config('latchkey.org_id', $1, true)")
        .bind(org.to_string())
        .execute(&mut *tx)
        .await?;
    sqlx::query("select id, name from projects where org_id = $1 and id = $2")
        .bind(org.as_uuid())
        .bind(project)
        .fetch_one(&mut *tx)
        .await?;
    sqlx::query("update projects set name = $3, row_version = row_version + 1 where org_id = $1 and id = $2")
        .bind(org.as_uuid())
        .bind(project)
        .bind(format!("Name {number}"))
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}

/// The first page of a trail of a million events, which nobody wrote: no code of theirs is looked at.
async fn pages(services: &Services, owner: &Actor, database: &PgPool) -> Result<(), Failure> {
    sqlx::query("delete from audit_events").execute(database).await?;
    sqlx::query(
        "insert into audit_events
         select $1, n, gen_random_uuid(), now() - make_interval(secs => 2 * ($2 - n)),
                case when n % 1000 = 0 then 'key.replaced' else 'key.tested' end, 'user',
                case when n % 500 = 0 then md5('rare')::uuid else md5((n % 20)::text)::uuid end, '192.0.2.7',
                gen_random_uuid(), 'provider_key', md5((n % 5000)::text)::uuid::text,
                '{\"provider\": \"openai\", \"secret_version\": 7}', sha256(n::text::bytea), sha256(n::text::bytea)
         from generate_series(1, $2) n",
    )
    .bind(owner.org.as_uuid())
    .bind(i32::try_from(EVENTS)?)
    .execute(database)
    .await?;
    sqlx::query("analyze audit_events").execute(database).await?;
    let long_ago = SystemClock.now() - time::Duration::seconds(2 * i64::from(EVENTS) - 200_000);
    let uuid_of = |text: &'static str| async move {
        sqlx::query_scalar::<_, Uuid>("select md5($1)::uuid")
            .bind(text)
            .fetch_one(database)
            .await
    };
    let any = AuditFilter::default;
    let filters = [
        ("all", any()),
        (
            "an event, 1 of 1,000",
            AuditFilter {
                event: Some("key.replaced".to_owned()),
                ..any()
            },
        ),
        (
            "an event that never was",
            AuditFilter {
                event: Some("key.purged".to_owned()),
                ..any()
            },
        ),
        (
            "an actor, 1 of 500",
            AuditFilter {
                actor: Some(uuid_of("rare").await?),
                ..any()
            },
        ),
        (
            "a target, 1 of 5,000",
            AuditFilter {
                target: Some(uuid_of("77").await?.to_string()),
                ..any()
            },
        ),
        (
            "a day, three weeks ago",
            AuditFilter {
                from: Some(long_ago),
                to: Some(long_ago + time::Duration::DAY),
                ..any()
            },
        ),
        (
            "an event of that day",
            AuditFilter {
                event: Some("key.replaced".to_owned()),
                from: Some(long_ago),
                to: Some(long_ago + time::Duration::DAY),
                ..any()
            },
        ),
    ];
    println!("\nfirst page of {EVENTS} events, on the server                 p50 ms    worst   aim 50");
    for (name, filter) in filters {
        let mut times = Vec::with_capacity(READS);
        for _ in 0..READS {
            let begun = Instant::now();
            let events = services.audit.page(owner, &filter, Place::Newest, 51).await?;
            services.audit.names(owner, &events).await?;
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        let (middle, worst) = (times[READS / 2], times[READS - 1]);
        println!("  {name:<50}{middle:>12.1}{worst:>9.1}");
    }
    Ok(())
}

async fn owner(services: &Services) -> Result<Actor, Failure> {
    let request = RequestContext {
        request_id: RequestId::new(&SystemClock, &SystemRandom),
        client: None,
    };
    let member = NewMember {
        organization: "Bench".to_owned(),
        email: "owner@bench.example".to_owned(),
        password: SecretString::from("violet anchor mosaic tundra"),
        role: Role::Owner,
        is_operator: false,
    };
    let made = services.accounts.create_member(member, request).await?;
    let user: UserId = made.user;
    Ok(Actor {
        org: made.org,
        principal: Principal::User(user),
        scopes: Role::Owner.scopes(),
        project: None,
        verified_at: Some(SystemClock.now()),
        request,
    })
}

async fn services(store: Store, folder: &Path) -> Result<Services, Failure> {
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let keys = LocalKeyRing::new(MasterKey::generate(&*random), None, random.clone());
    let (policy, limits) = (EndpointPolicy::default(), GatewayLimits::default());
    let services = Services::start(Parts {
        store,
        vault: Vault::new(Arc::new(keys), random.clone()),
        prober: Prober::new(ProberSettings {
            transports: HashMap::new(),
            policy,
            limit: EACH,
        })?,
        endpoints: policy,
        clock: Arc::new(SystemClock),
        random,
        allows_platform_keys: false,
        upstreams: Upstreams::new(UpstreamSettings {
            transports: HashMap::new(),
            policy,
            connect: limits.connect,
        })?,
        platform_keys: BTreeMap::new(),
        limits,
        key_retention: time::Duration::days(90),
        prices: Prices::load(None)?,
        mailer: None,
        public_url: "http://127.0.0.1:3000".parse()?,
        audit_heads: folder.join("audit-heads.jsonl"),
    });
    Ok(services.await?)
}
