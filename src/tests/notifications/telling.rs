//! Which events people are told of, in which words, and who has seen them.

use super::{look, member, revoked, titles, told};
use crate::harness::TestApp;
use crate::jobs::bring;
use latchkey::domain::{NotificationKind, Role, Urgency};
use latchkey::sandbox::{Behaviour, Sandbox};
use latchkey::service::ServiceError;
use latchkey::service::locks::NewLock;
use sqlx::PgPool;

#[sqlx::test(migrations = false)]
async fn a_key_that_stops_working_and_works_again_is_told(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let key = revoked(&app).await;
    let all = told(&app, &app.own.owner).await;
    assert_eq!(all.len(), 1, "{all:?}");
    let first = &all[0];
    assert_eq!(first.notification.kind, NotificationKind::KeyUnhealthy);
    assert_eq!(first.words.urgency, Urgency::Alarm);
    assert_eq!(
        first.words.title,
        format!("OpenAI refuses the key {} of Main", key.redacted)
    );
    assert!(first.words.text.starts_with("OpenAI said: "), "{}", first.words.text);
    assert_eq!(first.words.path, "/projects/main/keys#provider-openai");
    // Found again to be refused is no news.
    look(&app, &key).await;
    assert_eq!(titles(&app).await.len(), 1);

    app.sandbox.restore(&Sandbox::key("openai", Behaviour::Valid));
    look(&app, &key).await;
    let again = format!("OpenAI accepts the key {} of Main again", key.redacted);
    assert_eq!(titles(&app).await[0], again);
}

#[sqlx::test(migrations = false)]
async fn a_spent_quota_is_told_as_such(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let key = bring(&app, "openai", Behaviour::Valid).await;
    sqlx::query("update provider_keys set health_reason = null")
        .execute(&app.database)
        .await
        .unwrap();
    let exhausted = bring(&app, "openai", Behaviour::Exhausted).await;
    assert_eq!(exhausted.id, key.id);
    let tested = look(&app, &exhausted).await;
    assert_eq!(
        tested.health.reason.map(latchkey::domain::HealthReason::as_str),
        Some("exhausted")
    );
    // It was brought so: nobody has to be told what they were told on the spot.
    assert!(titles(&app).await.is_empty());
    sqlx::query("update provider_keys set health_reason = null, health_message = null")
        .execute(&app.database)
        .await
        .unwrap();
    look(&app, &exhausted).await;
    let all = told(&app, &app.own.owner).await;
    assert_eq!(all[0].notification.kind, NotificationKind::KeyExhausted);
}

#[sqlx::test(migrations = false)]
async fn the_panic_switch_is_told_each_time(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let new = NewLock {
        project: None,
        provider: Some("openai".to_owned()),
        reason: "found in a log".to_owned(),
        locked_by_name: "owner".to_owned(),
    };
    let lock = app.services.locks.lock(&app.own.owner, new).await.unwrap();
    app.services
        .locks
        .unlock(&app.own.owner, lock.id, "replaced")
        .await
        .unwrap();
    let all = told(&app, &app.own.owner).await;
    let said: Vec<_> = all
        .iter()
        .map(|one| (one.words.urgency, one.words.title.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            (Urgency::Info, "Calls to OpenAI in every project pass again"),
            (Urgency::Alarm, "Calls to OpenAI in every project are locked")
        ]
    );
}

#[sqlx::test(migrations = false)]
async fn nobody_is_told_what_they_may_not_know(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let viewer = member(&app, "vera@acme.example", Role::Viewer).await;
    revoked(&app).await;
    let kinds = |told: Vec<latchkey::service::notifications::Told>| -> Vec<_> {
        told.into_iter().map(|told| told.notification.kind).collect()
    };
    assert_eq!(
        kinds(told(&app, &app.own.owner).await),
        [NotificationKind::KeyUnhealthy, NotificationKind::MembersChanged]
    );
    assert_eq!(kinds(told(&app, &viewer).await), [NotificationKind::KeyUnhealthy]);
    assert!(
        told(&app, &app.foreign.owner).await.is_empty(),
        "another organization's"
    );
    let of_project = app.project_token(&["*"]).await;
    let answer = app
        .call("GET", "/api/v1/notifications")
        .bearer(&of_project)
        .send()
        .await;
    assert_eq!(answer.status, 403);
    let whole = app.token(&["read:byok"]).await;
    let list = app
        .call("GET", "/api/v1/notifications")
        .bearer(&whole)
        .send()
        .await
        .expect(200);
    assert_eq!(list["notifications"][0]["kind"], "key.unhealthy");
    assert_eq!(list["notifications"].as_array().unwrap().len(), 1, "{list}");
}

#[sqlx::test(migrations = false)]
async fn what_was_seen_is_not_new_until_it_grows(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let notifications = &app.services.notifications;
    let (owner, viewer) = (&app.own.owner, member(&app, "vera@acme.example", Role::Viewer).await);
    notifications
        .mark_read(owner, told(&app, owner).await[0].notification.last_at)
        .await
        .unwrap();
    revoked(&app).await;
    assert_eq!(notifications.unread(owner).await.unwrap(), 1);
    assert_eq!(notifications.unread(&viewer).await.unwrap(), 1);
    let newest = told(&app, owner).await.remove(0);
    assert!(newest.is_new);
    notifications
        .mark_read(owner, newest.notification.last_at)
        .await
        .unwrap();
    assert_eq!(notifications.unread(owner).await.unwrap(), 0);
    assert_eq!(notifications.unread(&viewer).await.unwrap(), 1, "hers is hers");
    // Another key of the same provider joins the notification, which is new again.
    app.sandbox.revoke(&Sandbox::key("mistral", Behaviour::Valid));
    let second = super::folding::another_key(&app, 2).await;
    app.sandbox.revoke(&super::folding::secret(2));
    look(&app, &second).await;
    let all = told(&app, owner).await;
    assert!(
        all[0].is_new && all[0].notification.id == newest.notification.id,
        "{all:?}"
    );
    assert_eq!(notifications.unread(owner).await.unwrap(), 1);
    let token = app.token(&["*"]).await;
    let answer = app
        .call("POST", "/_fn/unread_notifications")
        .bearer(&token)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("")
        .send()
        .await;
    assert_eq!(answer.status, 403, "only people have seen something");
    let actor = latchkey::domain::Actor {
        scopes: latchkey::domain::Scopes::default(),
        ..owner.clone()
    };
    assert!(matches!(
        notifications.unread(&actor).await,
        Err(ServiceError::Refused(_))
    ));
}
