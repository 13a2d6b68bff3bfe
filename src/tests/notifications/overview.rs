//! What needs attention: how things are, with what to do and where.

use super::{hook, look, member, revoked};
use crate::harness::TestApp;
use latchkey::domain::{Actor, Role, Urgency};
use latchkey::sandbox::{Behaviour, Sandbox};
use latchkey::service::locks::NewLock;
use latchkey::service::overview::Attention;
use sqlx::PgPool;
use std::time::Duration;

async fn attention(app: &TestApp, actor: &Actor) -> Vec<Attention> {
    app.services.overview.attention(actor).await.unwrap()
}

#[sqlx::test(migrations = false)]
async fn what_is_wrong_stands_there_until_it_is_mended(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let owner = &app.own.owner;
    assert!(attention(&app, owner).await.is_empty());
    let key = revoked(&app).await;
    let new = NewLock {
        project: None,
        provider: Some("mistral".to_owned()),
        reason: "found in a log".to_owned(),
        locked_by_name: "owner".to_owned(),
    };
    let lock = app.services.locks.lock(owner, new).await.unwrap();
    app.expiring_token(1).await;
    app.pass(Duration::from_hours(20));
    let all = attention(&app, owner).await;
    let seen: Vec<_> = all
        .iter()
        .map(|one| (one.urgency, one.action, one.path.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            (Urgency::Alarm, "See the lock", "/organization"),
            (Urgency::Alarm, "Replace the key", "/projects/main/keys#provider-openai"),
            (Urgency::Warning, "Rotate the token", "/projects/main/tokens"),
        ]
    );
    assert!(
        all[1].title.contains(&key.redacted) && all[1].text.contains("Replace the key"),
        "{all:?}"
    );
    let viewer = member(&app, "vera@acme.example", Role::Viewer).await;
    assert_eq!(attention(&app, &viewer).await.len(), 2, "she may not see to tokens");
    assert!(attention(&app, &app.foreign.owner).await.is_empty());

    app.services.locks.unlock(owner, lock.id, "replaced").await.unwrap();
    app.sandbox.restore(&Sandbox::key("openai", Behaviour::Valid));
    look(&app, &key).await;
    app.pass(Duration::from_hours(5));
    assert!(attention(&app, owner).await.is_empty());
}

#[sqlx::test(migrations = false)]
async fn a_webhook_that_was_given_up_stands_there_too(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let made = hook(&app, "mine").await;
    sqlx::query(
        "insert into webhook_deliveries (org_id, id, webhook_id, message_id, kind, payload, created_at, status,
                                         last_attempt_at)
         values ($1, gen_random_uuid(), $2, 'msg_1', 'webhook.test', '{}', now(), 'given_up', now())",
    )
    .bind(app.own.owner.org.as_uuid())
    .bind(made.webhook.id.as_uuid())
    .execute(&app.database)
    .await
    .unwrap();
    let all = attention(&app, &app.own.owner).await;
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(all[0].path, format!("/webhooks/{}", made.webhook.id));
}

#[sqlx::test(migrations = false)]
async fn the_first_call_is_the_organizations_and_of_a_project_that_has_a_key(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut browser = crate::tokens::browser(&app).await;
    let mut first_call =
        async || browser.post(app.call("POST", "/_fn/overview"), &[]).await.expect(200)["first_call"].take();
    app.services.projects.create(&app.own.owner, "Another").await.unwrap();
    assert_eq!(first_call().await["project"], "another", "the first by name");
    super::bring(&app, "openai", Behaviour::Valid).await;
    let start = first_call().await;
    assert_eq!(start["project"], app.own.project.slug.as_str());
    assert_eq!(start["steps"]["has_key"], true);
    crate::usage::record(&app.services, [crate::usage::event(&app.own)]).await;
    assert!(first_call().await.is_null(), "the other project has made none");
}

#[sqlx::test(migrations = false)]
async fn the_last_day_is_told_by_project(pool: PgPool) {
    let app = TestApp::start(pool).await;
    super::bring(&app, "openai", Behaviour::Valid).await;
    let token = app.project_token(&["use:gateway"]).await;
    for path in [
        "/gateway/openai/v1/chat/completions",
        "/gateway/mistral/v1/chat/completions",
    ] {
        let body = serde_json::json!({ "model": "gpt-4o-mini", "messages": [{ "role": "user", "content": "Hello" }] });
        app.call("POST", path).bearer(&token).json(body).send().await;
    }
    crate::jobs::until(|| async { app.services.ledger.written() }, |written| *written == 2).await;
    app.services.maintenance.roll_up_usage().await.unwrap();
    let days = app.services.overview.last_day(&app.own.owner).await.unwrap();
    let day = days[0].day.unwrap();
    assert_eq!((days[0].keys, day.calls, day.failed, day.on_platform_key), (1, 2, 1, 0));
    assert!(day.cost.0 > 0);
}
