//! A database that the first release filled goes forward to this one, and everything in it goes on working.

use crate::harness::{Browser, Instance, TestApp};
use crate::usage::{event, record};
use latchkey::sandbox::{Behaviour, Sandbox};
use latchkey::store;
use serde_json::{Value, json};
use sqlx::migrate::Migrator;
use sqlx::postgres::PgPoolOptions;
use sqlx::{AssertSqlSafe, PgPool};
use std::borrow::Cow;

/// The first release's last migration.
const FIRST_RELEASE: i64 = 2;

static MIGRATOR: Migrator = sqlx::migrate!();

/// A database of its own beside the test's, gone with the server that it is on.
async fn first_release(beside: &PgPool) -> PgPool {
    let name: String = sqlx::query_scalar("select 'first_' || right(current_database()::text, 40)")
        .fetch_one(beside)
        .await
        .unwrap();
    let create = AssertSqlSafe(format!("create database \"{name}\""));
    sqlx::query(create).execute(beside).await.unwrap();
    let options = (*beside.connect_options()).clone().database(&name);
    let pool = PgPoolOptions::new()
        .max_connections(2)
        .connect_with(options)
        .await
        .unwrap();
    let mut migrator = Migrator::DEFAULT;
    let then = MIGRATOR.iter().filter(|migration| migration.version <= FIRST_RELEASE);
    migrator.migrations = Cow::Owned(then.cloned().collect());
    migrator.run(&pool).await.unwrap();
    pool
}

/// The first release's tables.
async fn tables(of: &PgPool) -> Vec<String> {
    let names = "select c.relname::text from pg_class c
                 where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
                   and c.relname <> '_sqlx_migrations' order by 1";
    sqlx::query_scalar(names).fetch_all(of).await.unwrap()
}

/// Copies what the first release would have stored: the rows of its tables, in its columns, and nothing newer.
async fn copy(from: &PgPool, to: &PgPool) {
    for table in tables(to).await {
        let read = AssertSqlSafe(format!("select to_jsonb(row) from {table} row"));
        let rows: Vec<Value> = sqlx::query_scalar(read).fetch_all(from).await.unwrap();
        assert!(!rows.is_empty(), "nothing is in {table}");
        let mut tx = to.begin().await.unwrap();
        // In any order, and telling nobody.
        sqlx::query("set local session_replication_role = replica")
            .execute(&mut *tx)
            .await
            .unwrap();
        for row in rows {
            let write = format!("insert into {table} select * from jsonb_populate_record(null::{table}, $1)");
            sqlx::query(AssertSqlSafe(write))
                .bind(row)
                .execute(&mut *tx)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
    }
}

/// How many rows each table has.
async fn counts(of: &PgPool, tables: &[String]) -> Vec<(String, i64)> {
    let mut counts = Vec::new();
    for table in tables {
        let count = AssertSqlSafe(format!("select count(*) from {table}"));
        counts.push((table.clone(), sqlx::query_scalar(count).fetch_one(of).await.unwrap()));
    }
    counts
}

async fn call_model(instance: &Instance, token: &str, provider: &str) -> (u16, String) {
    let call = instance.call("POST", &format!("/gateway/{provider}/v1/chat/completions"));
    let body = json!({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Name one colour."}]});
    let answer = call.bearer(token).json(body).send().await;
    (
        answer.status.as_u16(),
        answer.header("x-latchkey-key-source").to_owned(),
    )
}

#[sqlx::test(migrations = false)]
async fn what_the_first_release_stored_goes_on_working(pool: PgPool) {
    let app = TestApp::start(pool.clone()).await;
    app.allow_platform_keys().await;
    let token = app
        .project_token(&["use:gateway", "read:byok", "write:byok", "read:usage"])
        .await;
    let whole = app.token(&["*"]).await;
    let secret = |end: &str| format!("{}-{end}", Sandbox::key("openai", Behaviour::Valid));
    let put = async |provider: &str, secret: String| {
        let call = app.call("PUT", &format!("/api/v1/projects/main/byok-keys/{provider}"));
        let call = call
            .bearer(&token)
            .header("idempotency-key", &format!("put-{provider}"));
        call.json(json!({"api_key": secret})).send().await.expect(200)
    };
    put("openai", secret("1111")).await;
    put("mistral", Sandbox::key("mistral", Behaviour::Valid)).await;
    let deleted = app
        .call("DELETE", "/api/v1/projects/main/byok-keys/mistral")
        .bearer(&token);
    assert_eq!(deleted.send().await.status.as_u16(), 204);
    let mut browser = Browser::default();
    let form = [
        ("email", "owner@acme.example"),
        ("password", "correct horse battery staple"),
    ];
    browser.post(app.call("POST", "/_fn/sign_in"), &form).await;
    record(&app.services, [event(&app.own)]).await;
    app.services.maintenance.roll_up_usage().await.unwrap();
    // It is gone as soon as somebody has used it.
    sqlx::query("insert into setup_links (hash, expires_at) values (decode(repeat('00', 32), 'hex'), now())")
        .execute(&pool)
        .await
        .unwrap();

    let old = first_release(&pool).await;
    copy(&pool, &old).await;
    let known = tables(&old).await;
    let before = counts(&old, &known).await;
    store::migrate(&old.connect_options()).await.unwrap();
    assert_eq!(counts(&old, &known).await, before, "every row is still there");

    let instance = app.another_over((*old.connect_options()).clone()).await;
    assert_eq!(instance.call("GET", "/readyz").send().await.status.as_u16(), 200);
    assert_eq!(call_model(&instance, &token, "openai").await, (200, "byok".to_owned()));
    assert_eq!(app.sandbox.calls().pop().unwrap().key, secret("1111"), "the key opens");
    assert_eq!(
        call_model(&instance, &token, "mistral").await,
        (200, "platform".to_owned())
    );

    let call = |method: &str, path: &str| instance.call(method, path).bearer(&token).header("if-match", "*");
    let keys = call("GET", "/api/v1/projects/main/keys").send().await.expect(200);
    let [key] = keys["keys"].as_array().unwrap().as_slice() else {
        panic!("{keys}")
    };
    assert_eq!((&key["is_default"], &key["position"]), (&json!(true), &json!(1)));
    let dead = call("GET", "/api/v1/projects/main/keys?deleted=true")
        .send()
        .await
        .expect(200);
    let restore = format!(
        "/api/v1/projects/main/keys/{}/restore",
        dead["keys"][0]["id"].as_str().unwrap()
    );
    call("POST", &restore).send().await.expect(200);
    assert_eq!(call_model(&instance, &token, "mistral").await, (200, "byok".to_owned()));
    // What is new works with what is old.
    let rotate = format!("/api/v1/projects/main/keys/{}/rotate", key["id"].as_str().unwrap());
    call("POST", &rotate)
        .json(json!({"secret": secret("2222")}))
        .send()
        .await
        .expect(201);
    assert_eq!(call_model(&instance, &token, "openai").await, (200, "byok".to_owned()));
    assert_eq!(app.sandbox.calls().pop().unwrap().key, secret("2222"));

    let usage = call("GET", "/api/v1/projects/main/calls").send().await.expect(200);
    assert!(!usage["calls"].as_array().unwrap().is_empty());
    let events = instance.call("GET", "/api/v1/audit-events").bearer(&whole).send().await;
    assert!(events.expect(200)["events"].as_array().unwrap().len() > 3);
    // Who was signed in still is.
    let session = browser.post(instance.call("POST", "/_fn/session"), &[]).await;
    assert_eq!(session.status.as_u16(), 200, "{}", session.text());
}
