//! A server that dies over a job.

use super::{QUICK, asked, bring, jobs_about_keys, make_due, next_probe, until, until_done};
use crate::harness::TestApp;
use latchkey::domain::{Clock, SystemClock};
use latchkey::jobs;
use latchkey::sandbox::Behaviour;
use sqlx::PgPool;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// A second server on threads of its own, working jobs off until its runtime is taken away: then nothing of it runs
/// on, not even to say goodbye, as after `kill -9`.
fn doomed(app: &TestApp) -> Runtime {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    std::thread::scope(|scope| {
        let starting = scope.spawn(|| {
            runtime.block_on(async {
                let instance = app.second_instance().await;
                let jobs = jobs::start(instance.services.clone(), QUICK).await.unwrap();
                // Dropped, they would end in good order.
                std::mem::forget((instance, jobs));
            });
        });
        starting.join().unwrap();
    });
    runtime
}

async fn workers(app: &TestApp) -> i64 {
    sqlx::query_scalar("select count(*) from graphile_worker._private_workers")
        .fetch_one(&app.database)
        .await
        .unwrap()
}

#[sqlx::test(migrations = false)]
async fn a_job_whose_server_was_killed_is_done_by_another(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let key = bring(&app, "openai", Behaviour::Slow).await.id;
    make_due(&app).await;
    app.sandbox.clear_calls();
    let doomed = doomed(&app);
    until(|| workers(&app), |workers| *workers == 1).await;
    app.services.keys.queue_due_probes().await.unwrap();
    let asked = || async { asked(&app, "openai", Behaviour::Slow) };
    until(asked, |times| *times == 1).await;
    doomed.shutdown_background();

    assert_eq!(jobs_about_keys(&app).await, 1, "the dead server holds its job");
    let jobs = jobs::start(app.services.clone(), QUICK).await.unwrap();
    until(asked, |times| *times == 2).await;
    until_done(&app).await;
    assert!(
        next_probe(&app, key).await.at > SystemClock.now(),
        "what was found out is kept"
    );
    jobs.stop(QUICK.grace).await;
}

#[sqlx::test(migrations = false)]
async fn a_server_that_stops_finishes_its_jobs_or_hands_them_back(pool: PgPool) {
    let app = TestApp::start(pool).await;
    bring(&app, "openai", Behaviour::Slow).await;
    make_due(&app).await;
    app.sandbox.clear_calls();
    let hasty = jobs::Pace {
        grace: Duration::ZERO,
        ..QUICK
    };
    let jobs = jobs::start(app.services.clone(), hasty).await.unwrap();
    app.services.keys.queue_due_probes().await.unwrap();
    let asked = || async { asked(&app, "openai", Behaviour::Slow) };
    until(asked, |times| *times == 1).await;
    jobs.stop(Duration::from_secs(10)).await;
    assert_eq!(jobs_about_keys(&app).await, 1);
    assert_eq!(workers(&app).await, 0, "it said goodbye");

    let second = app.second_instance().await;
    let jobs = jobs::start(second.services.clone(), QUICK).await.unwrap();
    until_done(&app).await;
    assert_eq!(asked().await, 2);
    jobs.stop(QUICK.grace).await;
}

#[sqlx::test(migrations = false)]
async fn jobs_go_on_when_the_database_has_been_away(pool: PgPool) {
    let app = TestApp::start(pool).await;
    bring(&app, "openai", Behaviour::Valid).await;
    let jobs = jobs::start(app.services.clone(), QUICK).await.unwrap();
    until(|| workers(&app), |workers| *workers == 1).await;
    sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'latchkey jobs%' and datname = current_database()")
        .execute(&app.database)
        .await
        .unwrap();
    make_due(&app).await;
    app.sandbox.clear_calls();
    app.services.keys.queue_due_probes().await.unwrap();
    until_done(&app).await;
    assert_eq!(asked(&app, "openai", Behaviour::Valid), 1);
    jobs.stop(QUICK.grace).await;
}
