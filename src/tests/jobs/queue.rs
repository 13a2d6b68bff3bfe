//! The queue in the database.

use super::{QUICK, until};
use crate::harness::TestApp;
use latchkey::jobs;
use latchkey::store::{self, MigrationState, Store};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Acquire, AssertSqlSafe, PgPool};

#[sqlx::test(migrations = false)]
async fn the_clocks_jobs_are_known(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let jobs = jobs::start(app.services.clone(), QUICK).await.unwrap();
    let known = || async {
        sqlx::query_scalar::<_, String>("select identifier from graphile_worker._private_known_crontabs order by 1")
            .fetch_all(&app.database)
            .await
            .unwrap()
    };
    let known = until(known, |known| !known.is_empty()).await;
    let expected = [
        "create_usage_partitions",
        "forget_expired",
        "forget_old_notifications",
        "look_for_due_probes",
        "purge_deleted_keys",
        "retire_due_keys",
        "roll_up_late_usage",
        "roll_up_usage",
        "tell_of_expiring_tokens",
        "tell_of_neglected_keys",
        "tidy_queue",
    ];
    assert_eq!(known, expected);
    jobs.stop(QUICK.grace).await;
}

#[sqlx::test(migrations = false)]
async fn every_job_of_the_clock_succeeds(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let jobs = jobs::start(app.services.clone(), QUICK).await.unwrap();
    for task in [
        "create_usage_partitions",
        "forget_expired",
        "forget_old_notifications",
        "look_for_due_probes",
        "purge_deleted_keys",
        "retire_due_keys",
        "roll_up_late_usage",
        "roll_up_usage",
        "tell_of_expiring_tokens",
        "tell_of_neglected_keys",
        "tidy_queue",
    ] {
        sqlx::query("select graphile_worker.add_job($1, payload := 'null', max_attempts := 1)")
            .bind(task)
            .execute(&app.database)
            .await
            .unwrap();
    }
    let left = || async {
        sqlx::query_as::<_, (String, Option<String>, bool)>(
            "select task_identifier, last_error, locked_at is null and attempts = 0 from graphile_worker.jobs",
        )
        .fetch_all(&app.database)
        .await
        .unwrap()
    };
    until(left, |left| {
        let failed: Vec<_> = left.iter().filter(|(_, error, _)| error.is_some()).collect();
        assert!(failed.is_empty(), "{failed:?}");
        left.is_empty()
    })
    .await;
    let state = app.services.job_queue.state().await.unwrap();
    assert!(
        state.tasks.iter().all(|task| task.late + task.given_up == 0),
        "{state:?}"
    );
    assert_eq!(state.servers.len(), 1);
    jobs.stop(QUICK.grace).await;
}

#[sqlx::test(migrations = false)]
async fn a_job_that_only_an_earlier_release_could_do_is_removed_after_an_upgrade(pool: PgPool) {
    let app = TestApp::start(pool).await;
    for age in ["59 minutes", "61 minutes"] {
        for task in ["tell_owner_of_undone_rotation", "send_mail"] {
            sqlx::query("select graphile_worker.add_job($1, payload := '{}', run_at := now() - $2::text::interval)")
                .bind(task)
                .bind(age)
                .execute(&app.database)
                .await
                .unwrap();
        }
    }
    app.services.maintenance.remove_abandoned_jobs().await.unwrap();
    let left: Vec<String> = sqlx::query_scalar("select task_identifier from graphile_worker.jobs order by 1")
        .fetch_all(&app.database)
        .await
        .unwrap();
    assert_eq!(left, ["send_mail", "send_mail", "tell_owner_of_undone_rotation"]);
}

#[sqlx::test(migrations = false)]
async fn the_servers_role_works_the_queue_and_cannot_change_its_shape(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut connection = app.database.acquire().await.unwrap();
    for refused in [
        "insert into graphile_worker.migrations (id) values (99)",
        "create table graphile_worker.more ()",
        "drop table graphile_worker._private_jobs",
        "create table usage_partitions.more ()",
        "insert into usage_events select * from usage_events",
        "delete from usage_hours",
        "select * from usage_partitions.usage_events_2000_01",
    ] {
        let mut transaction = connection.begin().await.unwrap();
        sqlx::query("set local role latchkey_app")
            .execute(&mut *transaction)
            .await
            .unwrap();
        let error = sqlx::query(refused)
            .execute(&mut *transaction)
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("permission denied") || error.contains("must be owner"),
            "{refused}: {error}"
        );
    }
}

#[sqlx::test(migrations = false)]
async fn a_login_that_is_no_superuser_migrates_and_another_serves(pool: PgPool) {
    let options = (*pool.connect_options()).clone();
    let database = options.get_database().unwrap().to_owned();
    // Roles belong to the whole server: the names must be this test's own, and go with it.
    let own = database
        .trim_start_matches("_sqlx_test_")
        .chars()
        .take(20)
        .collect::<String>()
        .to_lowercase();
    let (migrator, server) = (format!("m_{own}"), format!("s_{own}"));
    let database = format!("\"{database}\"");
    for statement in [
        format!("create role \"{migrator}\" login createrole"),
        format!("create role \"{server}\" login"),
        format!("alter database {database} owner to \"{migrator}\""),
        format!("grant latchkey_app, latchkey_system to \"{migrator}\" with admin option"),
    ] {
        // The two roles exist already where another test has migrated.
        let done = sqlx::query(AssertSqlSafe(statement.clone())).execute(&pool).await;
        assert!(done.is_ok() || statement.starts_with("grant"), "{statement}: {done:?}");
    }
    let as_login = |login: &str| -> PgConnectOptions { options.clone().username(login) };
    store::migrate(&as_login(&migrator)).await.unwrap();
    store::migrate(&as_login(&migrator)).await.unwrap();
    let member = format!("grant latchkey_app to \"{server}\"");
    sqlx::query(AssertSqlSafe(member)).execute(&pool).await.unwrap();
    let store = Store::connect(as_login(&server)).await.unwrap();
    assert_eq!(store.migration_state().await.unwrap(), MigrationState::Current);
    let worker = graphile_worker::WorkerOptions::default().pg_pool(store.queue_pool().await.unwrap());
    worker.init().await.unwrap();
    store.close().await;
    for statement in [
        format!("alter database {database} owner to current_user"),
        format!("reassign owned by \"{migrator}\" to current_user"),
        format!("drop owned by \"{migrator}\", \"{server}\""),
        format!("drop role \"{migrator}\", \"{server}\""),
    ] {
        sqlx::query(AssertSqlSafe(statement)).execute(&pool).await.unwrap();
    }
}
