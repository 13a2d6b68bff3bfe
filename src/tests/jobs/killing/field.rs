//! What work has to do with: the servers, the database, the mail server.

use super::dice::Dice;
use super::fleet::Addresses;
use crate::harness::{ReceivedMail, SmtpServer, TestApp};
use crate::jobs::bring;
use latchkey::domain::{Actor, ProviderKey};
use latchkey::sandbox::{Behaviour, Sandbox};
use latchkey::service::keys::AddKey;
use latchkey::service::projects::ProjectRef;
use reqwest::{Client, Method, Response};
use secrecy::SecretString;
use serde_json::Value;
use sqlx::AssertSqlSafe;
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::sleep;
use url::form_urlencoded;

/// What the clock has done now and then. Here it comes often.
const CLOCKS: [&str; 7] = [
    "look_for_due_probes",
    "retire_due_keys",
    "purge_deleted_keys",
    "roll_up_usage",
    "roll_up_late_usage",
    "forget_expired",
    "create_usage_partitions",
];

pub(super) struct Field {
    pub(super) app: TestApp,
    pub(super) dice: Dice,
    /// May do everything in the own organization.
    pub(super) token: String,
    mail_server: SmtpServer,
    mails: Mutex<Vec<ReceivedMail>>,
    addresses: Addresses,
    client: Client,
}

impl Field {
    pub(super) async fn prepare(app: TestApp, mail_server: SmtpServer, addresses: Addresses, dice: Dice) -> Self {
        for (provider, behaviour) in [
            ("openai", Behaviour::Valid),
            ("anthropic", Behaviour::Valid),
            ("groq", Behaviour::Slow),
            ("xai", Behaviour::Slow),
        ] {
            bring(&app, provider, behaviour).await;
        }
        let client = Client::builder().no_proxy().pool_max_idle_per_host(0);
        Self {
            token: app.token(&["*"]).await,
            client: client.timeout(Duration::from_secs(30)).build().unwrap(),
            app,
            dice,
            mail_server,
            mails: Mutex::default(),
            addresses,
        }
    }

    /// Asks any server; `None` when it died before it had answered. With JSON it is a call of the API, with the token.
    pub(super) async fn call(&self, method: &str, path: &str, body: Option<Value>) -> Option<(u16, Value)> {
        let answer = self.send(method, path, |call| {
            let call = call.bearer_auth(&self.token).header("if-match", "*");
            match &body {
                Some(body) => call.json(body),
                None => call,
            }
        });
        let answer = answer.await?;
        let status = answer.status().as_u16();
        let text = answer.text().await.ok()?;
        Some((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }

    /// Sends a form to a server function, as nobody who is known.
    pub(super) async fn submit(&self, function: &str, fields: &[(&str, &str)]) -> Option<u16> {
        let client = format!("10.0.{}.{}", self.dice.within(0..256), self.dice.within(0..256));
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let path = format!("/_fn/{function}");
        let answer = self.send("POST", &path, |call| {
            call.body(form.clone())
                .header("content-type", "application/x-www-form-urlencoded")
                .header("accept", "application/json")
                .header("x-forwarded-for", &client)
        });
        Some(answer.await?.status().as_u16())
    }

    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        fill: impl Fn(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Option<Response> {
        let method: Method = method.parse().unwrap();
        loop {
            let address = {
                let addresses = self.addresses.lock().unwrap();
                addresses[self.dice.index(addresses.len())]
            };
            let call = self.client.request(method.clone(), format!("http://{address}{path}"));
            match fill(call).send().await {
                Ok(answer) => return Some(answer),
                // Nobody is there yet, or any more: nothing was sent.
                Err(error) if error.is_connect() => sleep(Duration::from_millis(30)).await,
                Err(_) => return None,
            }
        }
    }

    /// Adds a key of the own project without any of the servers.
    pub(super) async fn add_key(&self, provider: &str, name: &str, secret: &str) -> ProviderKey {
        let new = AddKey {
            secret: SecretString::from(secret),
            name: name.to_owned(),
            endpoint: None,
            api_version: None,
            allow_unverified: false,
            is_default: false,
            added_by_name: "owner".to_owned(),
        };
        let added = self
            .app
            .services
            .keys
            .add(&self.system(), &self.project(), provider, new)
            .await;
        added.unwrap().key
    }

    /// Who may probe as often as they like.
    pub(super) fn system(&self) -> Actor {
        Actor::system(self.app.own.owner.org, self.app.own.owner.request)
    }

    pub(super) fn project(&self) -> ProjectRef {
        ProjectRef::Id(self.app.own.project.id)
    }

    /// A key that works, and that nothing else has.
    pub(super) fn secret(&self, provider: &str) -> String {
        let number = self.dice.within(0..u64::MAX);
        format!("{}-{number:020}", Sandbox::key(provider, Behaviour::Valid))
    }

    pub(super) async fn sql(&self, statement: &str) -> u64 {
        let done = sqlx::query(AssertSqlSafe(statement.to_owned())).execute(&self.app.database);
        done.await.unwrap().rows_affected()
    }

    /// The first column of what a query finds, as text.
    pub(super) async fn texts(&self, query: &str) -> Vec<String> {
        let found = sqlx::query_scalar(AssertSqlSafe(query.to_owned())).fetch_all(&self.app.database);
        found.await.unwrap()
    }

    /// How many events of that name there are about something.
    pub(super) async fn told(&self, event: &str, target: &str) -> usize {
        let told = self.app.database.clone();
        let found =
            sqlx::query_scalar::<_, i64>("select count(*) from audit_events where event = $1 and target_id = $2")
                .bind(event)
                .bind(target)
                .fetch_one(&told);
        usize::try_from(found.await.unwrap()).unwrap()
    }

    /// Every mail that has arrived.
    pub(super) async fn mails(&self) -> Vec<ReceivedMail> {
        let new = self.mail_server.received().await;
        let mut mails = self.mails.lock().unwrap();
        mails.extend(new);
        mails.clone()
    }

    /// How many mails have arrived, and how many of them had arrived before.
    pub(super) async fn numbers_of_mails(&self) -> (usize, usize) {
        let mails = self.mails().await;
        let ids: BTreeSet<_> = mails.iter().map(|mail| mail.header("Message-ID")).collect();
        (mails.len(), mails.len() - ids.len())
    }

    /// What the clock brings within a day: every probe is due, and so are all jobs of the clock.
    pub(super) async fn let_a_day_pass(&self) {
        // Not those that a server holds now: it locks several in an order of its own.
        let due = "update provider_keys set probe_at = null
                   where id in (select id from provider_keys where deleted_at is null for update skip locked)";
        self.sql(due).await;
        for task in CLOCKS {
            sqlx::query(
                "select graphile_worker.add_job($1, payload := 'null', queue_name := $1, job_key := $1,
                                                job_key_mode := 'preserve_run_at')",
            )
            .bind(task)
            .execute(&self.app.database)
            .await
            .unwrap();
        }
    }

    /// Jobs that wait for their time, or to be tried again, need wait no longer.
    pub(super) async fn hurry_jobs(&self) {
        self.sql("update graphile_worker._private_jobs set run_at = now() where is_available and run_at > now()")
            .await;
    }

    /// What is left in the queue, or was given up.
    pub(super) async fn faults_of_queue(&self) -> Vec<String> {
        let left = "select t.identifier || ': ' || to_jsonb(j)::text from graphile_worker._private_jobs j
                    join graphile_worker._private_tasks t on t.id = j.task_id
                    left join graphile_worker._private_job_retirements r on r.id = j.id
                    where r.id is null or j.locked_at is not null";
        self.texts(left).await
    }

    /// Every event of the own organization stands as it was written, behind the one before it.
    pub(super) async fn assert_trail_unbroken(&self) {
        let audit = &self.app.services.audit;
        let owner = &self.app.own.owner;
        let (mut last, mut mac) = (0, None);
        loop {
            let events = audit.list(owner, last, 1_000).await.unwrap();
            if events.is_empty() {
                break;
            }
            for event in events {
                assert_eq!(event.sequence, last + 1, "{event:?}");
                assert!(audit.is_intact(owner.org, &event), "{event:?}");
                assert!(mac.is_none_or(|mac| mac == event.previous_mac), "{event:?}");
                (last, mac) = (event.sequence, Some(event.mac));
            }
        }
        assert!(last > 100, "only {last} events: nothing was at work");
    }
}
