//! From a key that is revoked at its provider until everybody knows, with two servers. What is asserted is that they all
//! do; `--nocapture` shows how many seconds it took.

use super::{hook, mailing, member};
use crate::harness::Setup;
use crate::jobs::{QUICK, bring, until};
use latchkey::domain::Role;
use latchkey::jobs::{self, Pace};
use latchkey::sandbox::{Behaviour, Sandbox};
use latchkey::service::keys::KeySelector;
use latchkey::service::projects::ProjectRef;
use serde_json::json;
use sqlx::PgPool;
use tokio::time::Instant;

#[sqlx::test(migrations = false)]
async fn a_key_revoked_at_its_provider_is_known_everywhere(pool: PgPool) {
    let (app, server) = mailing(pool).await;
    let setup = Setup {
        smtp: Some(server.url()),
        ..Setup::default()
    };
    let second = app.another(setup).await;
    let admin = member(&app, "max@acme.example", Role::Admin).await;
    let key = bring(&app, "openai", Behaviour::Valid).await;
    hook(&app, "pager").await;
    let token = app.project_token(&["use:gateway"]).await;
    // At the pace of production.
    let first_jobs = jobs::start(app.services.clone(), Pace::default()).await.unwrap();
    let second_jobs = jobs::start(second.services.clone(), Pace::default()).await.unwrap();
    app.services
        .notifications
        .mark_read(&admin, latchkey::domain::Clock::now(&latchkey::domain::SystemClock))
        .await
        .unwrap();

    app.sandbox.revoke(&Sandbox::key("openai", Behaviour::Valid));
    let revoked = Instant::now();
    let body = json!({ "model": "gpt-4o-mini", "messages": [{ "role": "user", "content": "Hello" }] });
    let call = app.call("POST", "/gateway/openai/v1/chat/completions").bearer(&token);
    assert!(!call.json(body).send().await.status.is_success());

    // Card and bell as the other server shows them.
    let project = ProjectRef::Id(app.own.project.id);
    let selector = KeySelector::Id(key.id);
    let card = async {
        let shown = || async { second.services.keys.get(&admin, &project, &selector).await.unwrap() };
        until(shown, |key| key.health.reason.is_some()).await;
        revoked.elapsed()
    };
    let bell = async {
        let unread = || async { second.services.notifications.unread(&admin).await.unwrap() };
        until(unread, |unread| *unread == 1).await;
        revoked.elapsed()
    };
    let mail = async {
        // Owner and admin, in either order.
        let first = server.next().await;
        let second = server.next().await;
        assert_ne!(first.to, second.to);
        revoked.elapsed()
    };
    let webhook = async {
        until(|| async { app.sandbox.inbox("pager") }, |messages| !messages.is_empty()).await;
        revoked.elapsed()
    };
    let (card, bell, mail, webhook) = tokio::join!(card, bell, mail, webhook);
    println!("seconds after the key was revoked: card {card:?}, bell {bell:?}, mail {mail:?}, webhook {webhook:?}");
    first_jobs.stop(QUICK.grace).await;
    second_jobs.stop(QUICK.grace).await;
    assert!(server.is_empty().await, "two servers, one mail each");
    assert_eq!(app.sandbox.inbox("pager").len(), 1);
}
