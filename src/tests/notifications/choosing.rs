//! Choice per person and per organization, and ending mails by the link in one.

use super::{mailing, member, revoked, told, working};
use crate::harness::TestApp;
use crate::jobs::{QUICK, until};
use latchkey::domain::{Actor, NotificationKind, Role};
use latchkey::service::ServiceError;
use latchkey::service::notifications::{Wanted, Ways};
use sqlx::PgPool;

async fn ways(app: &TestApp, actor: &Actor, kind: NotificationKind) -> Ways {
    let choices = app.services.notifications.choices(actor).await.unwrap();
    choices.kinds.iter().find(|choice| choice.kind == kind).unwrap().own
}

const BOTH: Ways = Ways { bell: true, mail: true };
const BELL: Ways = Ways {
    bell: true,
    mail: false,
};
const NONE: Ways = Ways {
    bell: false,
    mail: false,
};
const KIND: NotificationKind = NotificationKind::KeyUnhealthy;

#[sqlx::test(migrations = false)]
async fn a_person_goes_before_the_organization_and_that_before_the_kind(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let notifications = &app.services.notifications;
    let owner = &app.own.owner;
    let viewer = member(&app, "vera@acme.example", Role::Viewer).await;
    assert_eq!(ways(&app, owner, KIND).await, BOTH);
    assert_eq!(
        ways(&app, &viewer, KIND).await,
        BELL,
        "only owners and admins are mailed unasked"
    );

    notifications
        .choose_for_organization(owner, &Wanted::default())
        .await
        .unwrap();
    assert_eq!(ways(&app, owner, KIND).await, NONE);
    let all = Wanted {
        bell: vec![KIND],
        mail: vec![KIND],
    };
    notifications.choose(&viewer, &all).await.unwrap();
    assert_eq!(ways(&app, &viewer, KIND).await, BOTH, "asked for");
    assert_eq!(ways(&app, owner, KIND).await, NONE);
    assert!(notifications.choices(&viewer).await.unwrap().has_own);
    notifications.forget_choices(&viewer).await.unwrap();
    assert_eq!(ways(&app, &viewer, KIND).await, NONE);
    assert!(!notifications.choices(&viewer).await.unwrap().has_own);

    let refused = notifications.choose_for_organization(&viewer, &all).await;
    assert!(matches!(refused, Err(ServiceError::Refused(_))), "{refused:?}");
    // A choice of the organization is on its trail; what somebody chose for themselves concerns nobody else.
    let events = app.services.audit.list(owner, 0, 100).await.unwrap();
    let chosen = events
        .iter()
        .filter(|event| event.event == "notifications.chosen")
        .count();
    assert_eq!(chosen, 1);
}

#[sqlx::test(migrations = false)]
async fn a_bell_shows_what_its_person_wants(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let owner = &app.own.owner;
    revoked(&app).await;
    assert_eq!(app.services.notifications.unread(owner).await.unwrap(), 1);
    app.services
        .notifications
        .choose(owner, &Wanted::default())
        .await
        .unwrap();
    assert_eq!(app.services.notifications.unread(owner).await.unwrap(), 0);
    assert!(told(&app, owner).await.is_empty());
}

#[sqlx::test(migrations = false)]
async fn who_wants_mail_gets_it_and_nobody_else(pool: PgPool) {
    let (app, server) = mailing(pool).await;
    let viewer = member(&app, "vera@acme.example", Role::Viewer).await;
    member(&app, "max@acme.example", Role::Admin).await;
    member(&app, "mia@acme.example", Role::Member).await;
    let wanted = Wanted {
        bell: Vec::new(),
        mail: vec![KIND],
    };
    app.services.notifications.choose(&viewer, &wanted).await.unwrap();
    let key = super::bring(&app, "openai", super::Behaviour::Valid).await;
    app.sandbox
        .revoke(&super::Sandbox::key("openai", super::Behaviour::Valid));
    // Found by a probe that nobody asked for: nobody did it themselves.
    sqlx::query("update provider_keys set probe_at = null")
        .execute(&app.database)
        .await
        .unwrap();
    let jobs = working(&app).await;
    app.services.keys.queue_due_probes().await.unwrap();
    let mut readers = Vec::new();
    for _ in 0..3 {
        readers.push(server.next().await.to);
    }
    readers.sort();
    assert_eq!(readers, ["max@acme.example", "owner@acme.example", "vera@acme.example"]);
    jobs.stop(QUICK.grace).await;
    assert!(server.is_empty().await);
    drop(key);
}

#[sqlx::test(migrations = false)]
async fn a_mail_says_how_it_is_ended_and_one_click_does_it(pool: PgPool) {
    let (app, server) = mailing(pool).await;
    let max = member(&app, "max@acme.example", Role::Admin).await;
    let jobs = working(&app).await;
    revoked(&app).await;
    let mail = server.next().await;
    // The owner tested the key themselves, and saw it on the spot.
    assert_eq!(mail.to, "max@acme.example");
    assert_eq!(mail.header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    let address = mail.unsubscribe_address();
    let path = address.strip_prefix("http://127.0.0.1:3000").unwrap();
    assert_eq!(ways(&app, &max, KIND).await, BOTH);

    let wrong = path.replace("link=", "link=A");
    assert_eq!(app.call("POST", &wrong).send().await.status, 404);
    let ended = app.call("POST", path).body("List-Unsubscribe=One-Click").send().await;
    assert_eq!(ended.status, 204, "{}", ended.text());
    assert_eq!(ways(&app, &max, KIND).await, BELL);
    let link = path.split_once("link=").unwrap().1;
    let state = app.services.notifications.unsubscribing(link).await.unwrap().unwrap();
    assert!(state.is_done && state.organization == "Acme", "{state:?}");
    // For another kind the link is good for nothing.
    let other = link.replace("key.unhealthy", "key.exhausted");
    assert_eq!(app.services.notifications.unsubscribing(&other).await.unwrap(), None);
    jobs.stop(QUICK.grace).await;
}

#[sqlx::test(migrations = false)]
async fn a_mail_that_waits_is_not_sent_to_who_left(pool: PgPool) {
    let (app, server) = mailing(pool).await;
    let max = member(&app, "max@acme.example", Role::Admin).await;
    server.set_full(true);
    let jobs = working(&app).await;
    revoked(&app).await;
    let failed = || async {
        let failed: i64 = sqlx::query_scalar(
            "select count(*) from graphile_worker._private_jobs j
             join graphile_worker._private_tasks t on t.id = j.task_id
             where t.identifier = 'send_notification_mail' and j.last_error is not null",
        )
        .fetch_one(&app.database)
        .await
        .unwrap();
        failed
    };
    until(failed, |failed| *failed == 1).await;
    app.services
        .members
        .remove(&app.own.owner, max.user().unwrap())
        .await
        .unwrap();
    server.set_full(false);
    sqlx::query("update graphile_worker._private_jobs set run_at = now()")
        .execute(&app.database)
        .await
        .unwrap();
    until(failed, |failed| *failed == 0).await;
    jobs.stop(QUICK.grace).await;
    assert!(server.is_empty().await);
}
