//! What the database itself holds to, whatever the server does.

mod watching;

use crate::harness::TestApp;
use latchkey::sandbox::{Behaviour, Sandbox};
use latchkey::service::StartError;
use latchkey::vault::RootsError;
use serde_json::{Value, json};
use sqlx::postgres::PgListener;
use sqlx::{Acquire, PgPool, Row};
use std::time::Duration;

const TENANT_TABLES: &[&str] = &[
    "organizations",
    "memberships",
    "invitations",
    "projects",
    "provider_keys",
    "tokens",
    "audit_events",
    "call_locks",
    "idempotent_requests",
    "usage_events",
    "usage_hours",
    "notifications",
    "notification_items",
    "notification_reads",
    "notification_choices",
    "organization_notification_choices",
    "notification_mails",
    "webhooks",
    "webhook_deliveries",
    "webhook_attempts",
    "fallback_episodes",
];

#[sqlx::test(migrations = false)]
async fn every_table_with_an_organization_is_behind_row_level_security(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let found: Vec<(String, bool)> = sqlx::query_as(
        "select c.relname::text, c.relrowsecurity and c.relforcerowsecurity
         from pg_class c join pg_attribute a on a.attrelid = c.oid
         where c.relkind in ('r', 'p') and a.attname = 'org_id' order by 1",
    )
    .fetch_all(&app.database)
    .await
    .unwrap();
    let open: Vec<_> = found.iter().filter(|(_, closed)| !closed).collect();
    assert!(open.is_empty(), "{open:?}");
    let (partitions, tables): (Vec<_>, Vec<_>) = found
        .iter()
        .map(|(table, _)| table.as_str())
        .partition(|table| table.starts_with("usage_events_"));
    let mut expected = TENANT_TABLES.to_vec();
    expected.sort_unstable();
    assert_eq!(tables, expected);
    assert_eq!(partitions.len(), 5, "{partitions:?}");
}

#[sqlx::test(migrations = false)]
async fn outside_of_an_organization_nothing_is_seen(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.token(&["*"]).await;
    let mut connection = app.database.acquire().await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    sqlx::query("set local role latchkey_app")
        .execute(&mut *transaction)
        .await
        .unwrap();
    for table in TENANT_TABLES {
        let query = sqlx::AssertSqlSafe(format!("select count(*) from {table}"));
        let seen: i64 = sqlx::query_scalar(query).fetch_one(&mut *transaction).await.unwrap();
        assert_eq!(seen, 0, "{table}");
    }
}

#[sqlx::test(migrations = false)]
async fn the_audit_trail_can_only_be_added_to(pool: PgPool) {
    let app = TestApp::start(pool).await;
    for change in [
        "update audit_events set event = 'x'",
        "delete from audit_events",
        "truncate audit_events",
    ] {
        let mut connection = app.database.acquire().await.unwrap();
        let mut transaction = connection.begin().await.unwrap();
        sqlx::query("set local role latchkey_app")
            .execute(&mut *transaction)
            .await
            .unwrap();
        let refused = sqlx::query(change).execute(&mut *transaction).await.unwrap_err();
        assert!(refused.to_string().contains("permission denied"), "{change}: {refused}");
    }
}

#[sqlx::test(migrations = false)]
async fn two_defaults_and_a_key_in_a_foreign_project_are_refused(pool: PgPool) {
    let app = TestApp::start(pool).await;
    bring(&app, Behaviour::Valid).await;
    let copy = "insert into provider_keys select (jsonb_populate_record(k, jsonb_build_object('id', gen_random_uuid()) || $1)).* from provider_keys k";
    let second = sqlx::query(copy)
        .bind(json!({}))
        .execute(&app.database)
        .await
        .unwrap_err();
    assert!(second.to_string().contains("provider_keys_one_default"), "{second}");
    let foreign = json!({ "project_id": app.foreign.project.id, "is_default": false });
    let foreign = sqlx::query(copy)
        .bind(foreign)
        .execute(&app.database)
        .await
        .unwrap_err();
    assert!(foreign.to_string().contains("foreign key"), "{foreign}");
}

#[sqlx::test(migrations = false)]
async fn the_audit_chain_has_no_gap_and_shows_what_was_altered(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["*"]).await;
    let many = (0..20).map(|number| {
        let body = json!({ "name": format!("Project {number}") });
        app.call("POST", "/api/v1/projects").bearer(&token).json(body).send()
    });
    for created in futures::future::join_all(many).await {
        created.expect(201);
    }
    let events = app.services.audit.list(&app.own.owner, 0, 1000).await.unwrap();
    assert!(events.len() >= 23);
    for (place, event) in (1..).zip(&events) {
        assert_eq!(event.sequence, place);
        assert!(app.services.audit.is_intact(app.own.owner.org, event), "{event:?}");
    }
    for pair in events.windows(2) {
        assert_eq!(pair[1].previous_mac, pair[0].mac);
    }
    sqlx::query(
        "update audit_events set details = details || '{\"name\": \"Innocent\"}' where org_id = $1 and sequence = 5",
    )
    .bind(app.own.owner.org.as_uuid())
    .execute(&app.database)
    .await
    .unwrap();
    let events = app.services.audit.list(&app.own.owner, 0, 1000).await.unwrap();
    let altered: Vec<_> = events
        .iter()
        .filter(|event| !app.services.audit.is_intact(app.own.owner.org, event))
        .collect();
    assert_eq!(altered.iter().map(|event| event.sequence).collect::<Vec<_>>(), [5]);
}

#[sqlx::test(migrations = false)]
async fn a_change_is_told_in_ids_only_and_use_is_not_told(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut listener = PgListener::connect_with(&app.database).await.unwrap();
    listener.listen("latchkey_changed").await.unwrap();
    bring(&app, Behaviour::Valid).await;
    let told = loop {
        let told: Value = serde_json::from_str(listener.recv().await.unwrap().payload()).unwrap();
        if told["table"] == "provider_keys" {
            break told;
        }
    };
    let mut names: Vec<_> = told.as_object().unwrap().keys().cloned().collect();
    names.sort_unstable();
    assert_eq!(names, ["id", "org_id", "project_id", "table"]);
    assert_eq!(told["project_id"], app.own.project.id.to_string());
    sqlx::query("update provider_keys set last_used_at = now()")
        .execute(&app.database)
        .await
        .unwrap();
    let silence = tokio::time::timeout(Duration::from_millis(300), listener.recv()).await;
    assert!(silence.is_err(), "use was told: {silence:?}");
}

#[sqlx::test(migrations = false)]
async fn the_servers_role_is_bound_by_row_level_security(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let role = sqlx::query("select rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname = 'latchkey_app'")
        .fetch_one(&app.database)
        .await
        .unwrap();
    for column in 0..3 {
        assert!(!role.get::<bool, _>(column));
    }
}

#[sqlx::test(migrations = false)]
async fn a_wrong_master_key_stops_the_server_and_changes_nothing(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let kept = "select string_agg(encode(sealed, 'hex'), ' ' order by purpose) from deployment_secrets";
    let before: String = sqlx::query_scalar(kept).fetch_one(&app.database).await.unwrap();
    let refused = app.start_with_another_master_key().await.err().unwrap();
    assert!(
        matches!(refused, StartError::Roots(RootsError::WrongMasterKey(_))),
        "{refused:?}"
    );
    let after: String = sqlx::query_scalar(kept).fetch_one(&app.database).await.unwrap();
    assert_eq!(before, after);
}

async fn bring(app: &TestApp, behaviour: Behaviour) {
    let token = app.token(&["*"]).await;
    let body = json!({ "api_key": Sandbox::key("openai", behaviour) });
    app.call("PUT", "/api/v1/projects/main/byok-keys/openai")
        .bearer(&token)
        .json(body)
        .send()
        .await
        .expect(200);
}
