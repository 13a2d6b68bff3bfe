//! What nobody does and people should know of: told once.

use super::{titles, told};
use crate::harness::TestApp;
use crate::jobs::bring;
use latchkey::domain::NotificationKind;
use latchkey::sandbox::Behaviour;
use sqlx::{AssertSqlSafe, PgPool};
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

#[sqlx::test(migrations = false)]
async fn a_token_that_ends_soon_is_told_once(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.expiring_token(90).await;
    app.expiring_token(4).await;
    let notifications = &app.services.notifications;
    assert_eq!(notifications.tell_of_expiring_tokens().await.unwrap(), 0);
    app.pass(DAY * 3 + Duration::from_mins(1));
    // The short one is in the last quarter of its life.
    assert_eq!(notifications.tell_of_expiring_tokens().await.unwrap(), 1);
    assert!(
        titles(&app).await[0].starts_with("The token “*” ends on "),
        "{:?}",
        titles(&app).await
    );
    assert_eq!(notifications.tell_of_expiring_tokens().await.unwrap(), 0);
    app.pass(DAY * 80);
    assert_eq!(notifications.tell_of_expiring_tokens().await.unwrap(), 1);
    app.pass(DAY * 3);
    assert_eq!(notifications.tell_of_expiring_tokens().await.unwrap(), 0);
    let all = told(&app, &app.own.owner).await;
    assert_eq!(all.len(), 2);
    assert!(
        all.iter()
            .all(|told| told.notification.kind == NotificationKind::TokenExpiring)
    );
}

#[sqlx::test(migrations = false)]
async fn what_is_wrong_with_one_organization_holds_up_no_other(pool: PgPool) {
    let app = TestApp::start(pool).await;
    for (broken, sound) in [(&app.own, &app.foreign), (&app.foreign, &app.own)] {
        for tenant in [broken, sound] {
            tenant.token(&app.services, &["*"], true, 4).await;
        }
        app.pass(DAY * 3 + Duration::from_mins(1));
        let refuse = format!(
            "create function refuse() returns trigger language plpgsql as $$ begin raise 'broken'; end $$;
             create trigger refuse before insert on audit_events for each row when (new.org_id = '{}')
                 execute function refuse()",
            broken.owner.org
        );
        sqlx::raw_sql(AssertSqlSafe(refuse))
            .execute(&app.database)
            .await
            .unwrap();
        app.services.notifications.tell_of_expiring_tokens().await.unwrap_err();
        assert_eq!(told(&app, &sound.owner).await.len(), 1);
        sqlx::raw_sql("drop function refuse cascade")
            .execute(&app.database)
            .await
            .unwrap();
        assert_eq!(app.services.notifications.tell_of_expiring_tokens().await.unwrap(), 1);
        app.pass(DAY * 2);
        sqlx::query("delete from notifications")
            .execute(&app.database)
            .await
            .unwrap();
    }
}

#[sqlx::test(migrations = false)]
async fn a_key_that_nobody_uses_is_told_once_in_that_time(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let key = bring(&app, "openai", Behaviour::Valid).await;
    let unprobed = bring(&app, "mistral", Behaviour::Valid).await;
    let notifications = &app.services.notifications;
    let probed = || async {
        let database = &app.database;
        sqlx::query("update provider_keys set checked_at = $1 where id = $2")
            .bind(now(&app).await)
            .bind(key.id.as_uuid())
            .execute(database)
            .await
            .unwrap();
    };
    assert_eq!(notifications.tell_of_neglected_keys().await.unwrap(), 0);
    app.pass(DAY * 8);
    probed().await;
    assert_eq!(notifications.tell_of_neglected_keys().await.unwrap(), 1);
    assert_eq!(
        titles(&app).await,
        [format!(
            "Mistral: the key {} of Main could not be checked for a week",
            unprobed.redacted
        )]
    );
    app.pass(DAY * 83);
    probed().await;
    assert_eq!(notifications.tell_of_neglected_keys().await.unwrap(), 1);
    assert_eq!(
        titles(&app).await[0],
        format!("OpenAI: no call has used the key {} of Main for 90 days", key.redacted)
    );
    assert_eq!(notifications.tell_of_neglected_keys().await.unwrap(), 0);
}

#[sqlx::test(migrations = false)]
async fn what_is_old_is_forgotten(pool: PgPool) {
    let app = TestApp::start(pool).await;
    super::hook(&app, "mine").await;
    super::revoked(&app).await;
    let jobs = super::working(&app).await;
    crate::jobs::until(|| async { app.sandbox.inbox("mine").len() }, |count| *count == 1).await;
    jobs.stop(crate::jobs::QUICK.grace).await;
    app.services.notifications.forget_old().await.unwrap();
    assert_eq!(titles(&app).await.len(), 1);
    app.pass(DAY * 91);
    app.services.notifications.forget_old().await.unwrap();
    assert!(titles(&app).await.is_empty());
    for table in [
        "notification_items",
        "notification_mails",
        "webhook_deliveries",
        "webhook_attempts",
    ] {
        let query = format!("select count(*) from {table}");
        let left: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .fetch_one(&app.database)
            .await
            .unwrap();
        assert_eq!(left, 0, "{table}");
    }
}

/// The deployment's present.
async fn now(app: &TestApp) -> time::OffsetDateTime {
    let token = app.token(&["read:byok"]).await;
    let tokens = app.services.tokens.all(&app.own.owner).await.unwrap();
    let made = tokens.into_iter().find(|made| token.contains(&made.public_id)).unwrap();
    made.created_at
}
