//! Storms are folded: what is alike and comes within a few minutes is one notification, told when it begins and once
//! more when it is over.

use super::{hook, mailing, member, titles, told, types, working};
use crate::harness::TestApp;
use crate::jobs::{QUICK, until};
use latchkey::domain::{ProviderKey, Role};
use latchkey::sandbox::{Behaviour, Sandbox};
use latchkey::service::keys::AddKey;
use latchkey::service::projects::ProjectRef;
use secrecy::SecretString;
use sqlx::PgPool;
use std::time::Duration;

/// One of many keys of OpenAI's.
pub(super) fn secret(number: usize) -> String {
    format!("{}-{number:04}", Sandbox::key("openai", Behaviour::Valid))
}

/// Brings it.
pub(super) async fn another_key(app: &TestApp, number: usize) -> ProviderKey {
    key_of(app, &app.own.project, number).await
}

async fn key_of(app: &TestApp, project: &latchkey::service::projects::Project, number: usize) -> ProviderKey {
    let add = AddKey {
        secret: SecretString::from(secret(number)),
        name: format!("Number {number}"),
        endpoint: None,
        api_version: None,
        allow_unverified: false,
        is_default: false,
        added_by_name: "owner".to_owned(),
    };
    let project = ProjectRef::Id(project.id);
    let added = app.services.keys.add(&app.own.owner, &project, "openai", add).await;
    added.unwrap().key
}

#[sqlx::test(migrations = false)]
async fn a_storm_is_one_notification_and_two_mails(pool: PgPool) {
    let (app, server) = mailing(pool).await;
    // The owner, who looks at all those keys, is not mailed what they see.
    member(&app, "max@acme.example", Role::Admin).await;
    hook(&app, "storm").await;
    let mut projects = vec![app.own.project.clone()];
    for name in ["Chat", "Search"] {
        projects.push(app.services.projects.create(&app.own.owner, name).await.unwrap());
    }
    let mut keys = Vec::new();
    for number in 0..14 {
        keys.push(key_of(&app, &projects[number % 3], number).await);
    }
    let jobs = working(&app).await;
    for (number, key) in keys.iter().enumerate() {
        app.sandbox.revoke(&secret(number));
        super::look(&app, key).await;
    }
    let told = "14 keys of 3 projects refused by OpenAI within a minute";
    assert_eq!(titles(&app).await[0], told);

    // Told at once, to one person by mail and to one address; the rest waits until nothing joins any more.
    let first = server.next().await;
    assert!(first.header("Subject").contains("OpenAI"), "{}", first.raw);
    until(|| async { app.sandbox.inbox("storm").len() }, |count| *count == 1).await;
    assert!(server.is_empty().await);
    let waiting: i64 = sqlx::query_scalar(
        "select count(*) from graphile_worker._private_jobs where key like 'announce:%:closing' and run_at > now() - interval '1 hour'",
    )
    .fetch_one(&app.database)
    .await
    .unwrap();
    assert_eq!(waiting, 1, "one job, however many join");

    sqlx::query("update graphile_worker._private_jobs set run_at = now() where key like 'announce:%:closing'")
        .execute(&app.database)
        .await
        .unwrap();
    let last = server.next().await;
    assert_eq!(last.header("Subject"), told);
    assert_ne!(first.header("Message-ID"), last.header("Message-ID"));
    let messages = until(|| async { app.sandbox.inbox("storm") }, |messages| messages.len() == 2).await;
    assert_eq!(types(&messages), ["key.unhealthy", "key.unhealthy"]);
    let ids: Vec<_> = messages
        .iter()
        .map(|message| message.headers["webhook-id"].clone())
        .collect();
    assert!(ids[0].ends_with("_opening") && ids[1].ends_with("_closing"), "{ids:?}");
    let payload: serde_json::Value = serde_json::from_str(&messages[1].body).unwrap();
    assert_eq!(payload["data"]["count"], 14);
    assert_eq!(payload["data"]["projects"].as_array().unwrap().len(), 3);
    jobs.stop(QUICK.grace).await;
    assert!(server.is_empty().await);
}

#[sqlx::test(migrations = false)]
async fn what_comes_later_is_a_notification_of_its_own(pool: PgPool) {
    let app = TestApp::start(pool).await;
    for (number, pause) in [(0, 0), (1, 299), (2, 2)] {
        let key = another_key(&app, number).await;
        app.pass(Duration::from_secs(pause));
        app.sandbox.revoke(&secret(number));
        super::look(&app, &key).await;
    }
    let all = told(&app, &app.own.owner).await;
    let counts: Vec<_> = all.iter().map(|told| told.notification.items).collect();
    assert_eq!(counts, [1, 2], "{all:?}");
}

#[sqlx::test(migrations = false)]
async fn a_job_that_is_done_twice_tells_nothing_twice(pool: PgPool) {
    let (app, server) = mailing(pool).await;
    member(&app, "max@acme.example", Role::Admin).await;
    hook(&app, "twice").await;
    super::revoked(&app).await;
    let payloads: Vec<serde_json::Value> = sqlx::query_scalar(
        "select payload from graphile_worker._private_jobs j
             join notifications n on n.id = (j.payload ->> 'notification')::uuid where n.kind = 'key.unhealthy'",
    )
    .fetch_all(&app.database)
    .await
    .unwrap();
    assert_eq!(payloads.len(), 1);
    for _ in 0..3 {
        let job = serde_json::from_value(payloads[0].clone()).unwrap();
        app.services.notifications.announce(job).await.unwrap();
    }
    let count = |table: &str| format!("select count(*) from {table}");
    for table in ["notification_mails", "webhook_deliveries"] {
        let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(count(table)))
            .fetch_one(&app.database)
            .await
            .unwrap();
        assert_eq!(rows, 1, "{table}");
    }
    let jobs = working(&app).await;
    server.next().await;
    until(|| async { app.sandbox.inbox("twice").len() }, |count| *count == 1).await;
    jobs.stop(QUICK.grace).await;
    assert!(server.is_empty().await);
    assert_eq!(app.sandbox.inbox("twice").len(), 1);
}
