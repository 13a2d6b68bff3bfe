//! What an operator sees of the queue, and may do about it.

use super::{QUICK, until};
use crate::harness::{Browser, TestApp};
use latchkey::domain::{Clock, SystemClock};
use latchkey::jobs;
use latchkey::service::job_queue::TaskState;
use serde_json::json;
use sqlx::PgPool;

/// What no job can read.
const UNREADABLE: &str = r#"{"key": 7}"#;

async fn add(app: &TestApp, task: &str, tries: i16, run_at: &str) {
    sqlx::query(
        "select graphile_worker.add_job($1, payload := $2::json, max_attempts := $3, run_at := now() + $4::interval)",
    )
    .bind(task)
    .bind(UNREADABLE)
    .bind(tries)
    .bind(run_at)
    .execute(&app.database)
    .await
    .unwrap();
}

async fn task(app: &TestApp, name: &str) -> TaskState {
    let state = app.services.job_queue.state().await.unwrap();
    let found = state.tasks.into_iter().find(|task| task.task == name);
    found.unwrap_or_else(|| panic!("the queue does not know {name}"))
}

/// Failing and given-up jobs of `reprobe`, one of each.
async fn fail(app: &TestApp) {
    add(app, "reprobe", 1, "0").await;
    add(app, "reprobe", 25, "0").await;
    let jobs = jobs::start(app.services.clone(), QUICK).await.unwrap();
    until(
        || task(app, "reprobe"),
        |task| (task.failing, task.given_up, task.running) == (1, 1, 0),
    )
    .await;
    jobs.stop(QUICK.grace).await;
}

#[sqlx::test(migrations = false)]
async fn failed_jobs_are_told_with_their_error(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let before = SystemClock.now() - time::Duration::SECOND;
    fail(&app).await;
    let found = task(&app, "reprobe").await;
    assert_eq!((found.queued, found.late), (1, 0), "{found:?}");
    let error = found.last_error.unwrap();
    assert!(error.message.contains("expected a formatted UUID"), "{error:?}");
    assert!(error.at > before && error.at < SystemClock.now(), "{error:?}");
    assert!(found.next_run.unwrap() > error.at, "it is tried again later");
    let other = task(&app, "purge_deleted_keys").await;
    assert_eq!((other.failing, other.given_up, other.last_error), (0, 0, None));
}

#[sqlx::test(migrations = false)]
async fn what_waits_is_told_apart_from_what_is_late(pool: PgPool) {
    let app = TestApp::start(pool).await;
    add(&app, "reprobe", 25, "1 hour").await;
    assert_eq!(task(&app, "reprobe").await.longest_due, None);
    add(&app, "reprobe", 25, "-30 seconds").await;
    add(&app, "reprobe", 25, "-5 minutes").await;
    let found = task(&app, "reprobe").await;
    assert_eq!((found.queued, found.late, found.running, found.failing), (3, 1, 0, 0));
    let due = found.longest_due.unwrap().as_secs();
    assert!((300..400).contains(&due), "{due}");
    assert!(app.services.job_queue.state().await.unwrap().servers.is_empty());
}

#[sqlx::test(migrations = false)]
async fn the_clocks_last_job_is_told(pool: PgPool) {
    let app = TestApp::start(pool).await;
    sqlx::query(
        "insert into graphile_worker._private_known_crontabs (identifier, known_since, last_execution)
         values ('purge_deleted_keys', now(), '2026-11-21 03:30:00Z')",
    )
    .execute(&app.database)
    .await
    .unwrap();
    add(&app, "purge_deleted_keys", 25, "1 hour").await;
    let last = task(&app, "purge_deleted_keys").await.last_scheduled.unwrap();
    assert_eq!(last, time::macros::datetime!(2026-11-21 03:30 UTC));
}

/// A job that dies with its server while another one takes its key is nobody's to mend.
#[sqlx::test(migrations = false)]
async fn a_job_that_was_replaced_is_not_given_up(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let add = "select graphile_worker.add_job('retire_due_keys', payload := 'null', job_key := 'retire_due_keys')";
    sqlx::query(add).execute(&app.database).await.unwrap();
    sqlx::query("update graphile_worker._private_jobs set locked_at = now(), locked_by = 'dead', attempts = 1")
        .execute(&app.database)
        .await
        .unwrap();
    sqlx::query(add).execute(&app.database).await.unwrap();
    let found = task(&app, "retire_due_keys").await;
    assert_eq!(
        (found.queued, found.running, found.failing, found.given_up),
        (1, 1, 0, 0)
    );
    sqlx::query("select graphile_worker.recover_dead_worker_jobs(array['dead'])")
        .execute(&app.database)
        .await
        .unwrap();
    let found = task(&app, "retire_due_keys").await;
    assert_eq!(
        (found.queued, found.running, found.failing, found.given_up),
        (1, 0, 0, 0)
    );
}

#[sqlx::test(migrations = false)]
async fn an_operator_has_failed_jobs_tried_again(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let operator = app.operator("Ops").await;
    fail(&app).await;
    let queue = &app.services.job_queue;
    assert_eq!(queue.try_again(&operator, "reprobe").await.unwrap(), 2);
    let found = task(&app, "reprobe").await;
    assert_eq!((found.queued, found.failing, found.given_up), (2, 0, 0));
    assert_eq!(found.last_error, None);
    let nothing = queue.try_again(&operator, "reprobe").await.unwrap_err();
    assert!(nothing.to_string().starts_with("There is no failed job"), "{nothing}");

    let jobs = jobs::start(app.services.clone(), QUICK).await.unwrap();
    until(
        || task(&app, "reprobe"),
        |task| (task.failing, task.given_up, task.running) == (1, 1, 0),
    )
    .await;
    jobs.stop(QUICK.grace).await;
}

#[sqlx::test(migrations = false)]
async fn nobody_else_sees_the_queue_or_touches_it(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.operator("Ops").await;
    fail(&app).await;
    let function = |name: &str| app.call("POST", &format!("/_fn/{name}"));
    let fields = [("task", "reprobe")];
    let mut owner = sign_in(&app, "owner@acme.example").await;
    for answer in [
        owner.post(function("jobs"), &[]).await,
        owner.post(function("try_jobs_again"), &fields).await,
    ] {
        let error = answer.expect(403);
        assert_eq!(error["code"], json!("insufficient_scope"), "{error}");
        assert!(!answer.text().contains("reprobe"), "{error}");
    }
    assert_eq!(task(&app, "reprobe").await.given_up, 1);

    let mut operator = sign_in(&app, "owner@ops.example").await;
    let seen = operator.post(function("jobs"), &[]).await.expect(200);
    let first = &seen["tasks"][0];
    assert_eq!(
        (&first["task"], &first["status"]),
        (&json!("reprobe"), &json!("given_up"))
    );
    let again = operator.post(function("try_jobs_again"), &fields).await;
    assert_eq!(again.expect(200), json!(2));
}

async fn sign_in(app: &TestApp, email: &str) -> Browser {
    let mut browser = Browser::default();
    let fields = [("email", email), ("password", "correct horse battery staple")];
    let answer = browser.post(app.call("POST", "/_fn/sign_in"), &fields).await;
    assert!(answer.status.is_success(), "{}", answer.text());
    browser
}
