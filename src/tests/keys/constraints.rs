//! What the database itself refuses, whatever the server does.

use super::{add, keys, owner, project, rotate, run};
use crate::harness::TestApp;
use latchkey::domain::Overlap;
use latchkey::service::keys::KeySelector;
use sqlx::{Acquire, PgPool};

/// That the database refuses a statement for this reason.
async fn refused(app: &TestApp, statement: &str, reason: &str) {
    let error = run(app, statement).await.unwrap_err().to_string();
    assert!(error.contains(reason), "{statement}: {error}");
}

#[sqlx::test(migrations = false)]
async fn of_a_provider_there_is_one_default_and_one_of_each_name(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (first, second) = (add(&app, "First", 1).await.id, add(&app, "Second", 2).await.id);
    let set = |what: &str| format!("update provider_keys set {what} where id = '{second}'");
    refused(&app, &set("is_default = true"), "provider_keys_one_default").await;
    refused(&app, &set("name = 'FIRST'"), "provider_keys_name_is_free").await;
    let deleted = "deleted_at = now(), is_active = false";
    refused(
        &app,
        &set(&format!("{deleted}, is_default = true")),
        "provider_keys_deleted_is_out_of_use",
    )
    .await;
    run(&app, &set(deleted)).await.unwrap();
    run(&app, &set("name = 'FIRST'")).await.unwrap();
    let first_retires = format!("update provider_keys set retires_at = now() where id = '{first}'");
    refused(&app, &first_retires, "provider_keys_default_never_retires").await;
}

#[sqlx::test(migrations = false)]
async fn a_key_belongs_to_a_project_of_its_organization(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let key = add(&app, "", 1).await.id;
    let foreign = app.foreign.project.id;
    let moved = format!("update provider_keys set project_id = '{foreign}' where id = '{key}'");
    refused(&app, &moved, "provider_keys_org_id_project_id_fkey").await;
}

#[sqlx::test(migrations = false)]
async fn a_key_is_superseded_by_a_sibling_and_retires_then(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let old = add(&app, "", 1).await;
    let new = rotate(&app, &old, 2, Overlap::Day).await.unwrap().key;
    let second = app.services.projects.create(owner(&app), "Second").await.unwrap();
    let set = |what: &str| format!("update provider_keys set {what} where id = '{}'", old.id);
    let sibling = "provider_keys_successor_is_a_sibling";
    refused(&app, &set(&format!("project_id = '{}'", second.id)), sibling).await;
    refused(&app, &set("provider = 'xai'"), sibling).await;
    refused(&app, &set("superseded_by = gen_random_uuid()"), sibling).await;
    refused(&app, &set("superseded_by = id"), "provider_keys_not_its_own_successor").await;
    refused(&app, &set("retires_at = null"), "provider_keys_superseded_retires").await;
    let gone = format!("delete from provider_keys where id = '{}'", new.id);
    refused(&app, &gone, sibling).await;
}

#[sqlx::test(migrations = false)]
async fn a_row_has_a_secret_until_it_is_purged_and_nothing_of_it_then(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let key = add(&app, "", 1).await.id;
    let set = |what: &str| format!("update provider_keys set {what} where id = '{key}'");
    refused(&app, &set("sealed = null"), "provider_keys_sealed_until_purged").await;
    let live = "purged_at = now(), sealed = null, redacted = '', fingerprint = null";
    refused(&app, &set(live), "provider_keys_purged_is_empty").await;
    keys(&app)
        .delete(owner(&app), &project(&app), &KeySelector::Id(key))
        .await
        .unwrap();
    refused(&app, &set("purged_at = now()"), "provider_keys_").await;
    for left in [
        "purged_at = now(), sealed = null, redacted = ''",
        "purged_at = now(), sealed = null, fingerprint = null",
        "purged_at = now(), sealed = null, redacted = '', fingerprint = null, health_reason = 'invalid', health_message = 'x'",
    ] {
        refused(&app, &set(left), "provider_keys_purged_is_empty").await;
    }
    refused(
        &app,
        &set("fingerprint = '\\x00'"),
        "provider_keys_fingerprint_is_whole",
    )
    .await;
    run(&app, &set(live)).await.unwrap();
    refused(&app, &set("deleted_at = null"), "provider_keys_purged_is_empty").await;
    refused(&app, &set("sealed = '\\x00'"), "provider_keys_sealed_until_purged").await;
}

#[sqlx::test(migrations = false)]
async fn the_server_removes_no_row(pool: PgPool) {
    let app = TestApp::start(pool).await;
    add(&app, "", 1).await;
    let mut connection = app.database.acquire().await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    sqlx::query("set local role latchkey_app")
        .execute(&mut *transaction)
        .await
        .unwrap();
    let refused = sqlx::query("delete from provider_keys")
        .execute(&mut *transaction)
        .await
        .unwrap_err();
    assert!(refused.to_string().contains("permission denied"), "{refused}");
}
