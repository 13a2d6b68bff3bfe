//! What is erased, when, and by whom.

use super::{add, default_key, is_missing, keys, names, owner, project, rotate, run, secret, told};
use crate::harness::{Setup, TestApp};
use crate::jobs::{QUICK, until};
use latchkey::domain::{KeyId, Overlap, ProviderKey};
use latchkey::jobs;
use latchkey::service::ServiceError;
use latchkey::service::keys::KeySelector;
use sqlx::PgPool;
use std::fmt::Write;
use std::time::Duration;

async fn delete(app: &TestApp, key: &ProviderKey) {
    keys(app)
        .delete(owner(app), &project(app), &KeySelector::Id(key.id))
        .await
        .unwrap();
}

/// As if it had been deleted so many days before it was.
async fn age(app: &TestApp, key: KeyId, days: u32) {
    let age = format!("update provider_keys set deleted_at = deleted_at - interval '{days} days' where id = '{key}'");
    assert_eq!(run(app, &age).await.unwrap(), 1);
}

/// Whether nothing is left in the row that was made from the secret.
async fn is_erased(app: &TestApp, key: KeyId) -> bool {
    sqlx::query_scalar(
        "select sealed is null and fingerprint is null and redacted = '' and health_message is null
                and deleted_at is not null and purged_at is not null and not is_default and not is_active
         from provider_keys where id = $1",
    )
    .bind(key.as_uuid())
    .fetch_one(&app.database)
    .await
    .unwrap()
}

#[sqlx::test(migrations = false)]
async fn a_key_deleted_long_ago_is_erased_and_leaves_its_history(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (old, young, live) = (
        add(&app, "Old", 1).await,
        add(&app, "Young", 2).await,
        add(&app, "Live", 3).await,
    );
    delete(&app, &old).await;
    delete(&app, &young).await;
    assert_eq!(keys(&app).purge_due().await.unwrap(), 0);
    age(&app, old.id, 90).await;
    age(&app, young.id, 89).await;
    assert_eq!(keys(&app).purge_due().await.unwrap(), 1);
    assert!(is_erased(&app, old.id).await);
    assert!(!is_erased(&app, young.id).await && !is_erased(&app, live.id).await);
    assert!(is_missing(
        &keys(&app).restore(owner(&app), &project(&app), old.id).await
    ));
    let listed = keys(&app).list(owner(&app), &project(&app)).await.unwrap().1;
    assert!(listed.iter().all(|key| key.id != old.id));
    let told = told(&app, "key.purged").await;
    assert_eq!((told.len(), &told[0]["name"]), (1, &"Old".into()));
    assert_eq!(keys(&app).purge_due().await.unwrap(), 0, "once");
    keys(&app).restore(owner(&app), &project(&app), young.id).await.unwrap();
}

#[sqlx::test(migrations = false)]
async fn a_clock_that_runs_ahead_erases_nothing(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let key = add(&app, "", 1).await;
    delete(&app, &key).await;
    app.pass(Duration::from_hours(24 * 365));
    assert_eq!(keys(&app).purge_due().await.unwrap(), 0);
    assert!(!is_erased(&app, key.id).await);
}

#[sqlx::test(migrations = false)]
async fn the_operator_says_how_long_keys_are_kept(pool: PgPool) {
    let setup = Setup {
        key_retention: time::Duration::days(7),
        ..Setup::default()
    };
    let app = TestApp::start_with(pool, setup).await;
    assert_eq!(keys(&app).retention(), time::Duration::days(7));
    let key = add(&app, "", 1).await;
    delete(&app, &key).await;
    age(&app, key.id, 7).await;
    assert!(is_missing(
        &keys(&app).restore(owner(&app), &project(&app), key.id).await
    ));
    assert_eq!(keys(&app).purge_due().await.unwrap(), 1);
}

#[sqlx::test(migrations = false)]
async fn an_owner_who_just_signed_in_erases_a_key_now(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (first, second) = (add(&app, "First", 1).await, add(&app, "Second", 2).await);
    let purge = async |actor, id| keys(&app).purge(actor, &project(&app), &KeySelector::Id(id)).await;
    let mut admin = owner(&app).clone();
    admin.scopes = latchkey::domain::Role::Admin.scopes();
    assert!(matches!(purge(&admin, first.id).await, Err(ServiceError::Refused(_))));
    let mut idle = owner(&app).clone();
    idle.verified_at = None;
    assert!(matches!(
        purge(&idle, first.id).await,
        Err(ServiceError::SignInAgain(_))
    ));
    assert!(is_missing(&purge(&app.foreign.owner, first.id).await));
    assert!(!is_erased(&app, first.id).await);

    purge(owner(&app), first.id).await.unwrap();
    assert!(is_erased(&app, first.id).await);
    assert_eq!(default_key(&app).await.unwrap().id, second.id, "as after a delete");
    assert_eq!(
        (
            told(&app, "key.deleted").await.len(),
            told(&app, "key.purged").await.len()
        ),
        (1, 1)
    );
    assert!(is_missing(&purge(owner(&app), first.id).await));
    delete(&app, &second).await;
    purge(owner(&app), second.id).await.unwrap();
    assert!(is_erased(&app, second.id).await);
    assert!(names(&app).await.is_empty());
    // The same secret can be brought anew.
    add(&app, "First", 1).await;
}

#[sqlx::test(migrations = false)]
async fn nothing_of_an_erased_key_stays_in_the_database(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let key = add(&app, "", 1).await;
    let sealed: Vec<u8> = sqlx::query_scalar("select sealed from provider_keys")
        .fetch_one(&app.database)
        .await
        .unwrap();
    keys(&app)
        .purge(owner(&app), &project(&app), &KeySelector::Id(key.id))
        .await
        .unwrap();
    let row: String = sqlx::query_scalar("select provider_keys::text from provider_keys")
        .fetch_one(&app.database)
        .await
        .unwrap();
    assert!(
        !row.contains(&hex(&sealed)[..32]) && !row.contains(&secret(1)[..16]),
        "{row}"
    );
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

#[sqlx::test(migrations = false)]
async fn the_queue_retires_and_erases(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let deleted = add(&app, "Deleted", 1).await;
    delete(&app, &deleted).await;
    age(&app, deleted.id, 91).await;
    let old = add(&app, "Old", 2).await;
    rotate(&app, &old, 3, Overlap::Hour).await.unwrap();
    app.pass(Duration::from_hours(2));
    let working = jobs::start(app.services.clone(), QUICK).await.unwrap();
    for task in ["retire_due_keys", "purge_deleted_keys"] {
        run(
            &app,
            &format!("select graphile_worker.add_job('{task}', payload := 'null'::json)"),
        )
        .await
        .unwrap();
    }
    until(|| is_erased(&app, deleted.id), |erased| *erased).await;
    until(|| names(&app), |names| *names == ["Old*"]).await;
    working.stop(QUICK.grace).await;
}
