//! Events stand in the order in which they happened, whoever wrote them.

use super::{Scene, project};
use crate::harness::TestApp;
use futures::future::join_all;
use sqlx::PgPool;
use std::time::Duration;

#[sqlx::test(migrations = false)]
async fn an_event_is_never_before_the_one_before_it(pool: PgPool) {
    let scene = Scene::start(pool).await;
    // This server's clock goes ahead; the command's does not.
    scene.app.pass(Duration::from_hours(1));
    scene.work(1).await;
    let (code, said) = scene
        .run(&[
            "token",
            "create",
            "--organization",
            "Acme",
            "--scope",
            "read:byok",
            "--name",
            "late",
        ])
        .await;
    assert_eq!(code, 0, "{said}");
    let events = scene.events().await;
    let [.., before, last] = &events[..] else {
        panic!("too few events")
    };
    assert_eq!(
        (before.event.as_str(), last.event.as_str()),
        ("project.created", "token.created")
    );
    assert_eq!(last.actor_kind, "command_line");
    assert_eq!(last.occurred_at, before.occurred_at);
    assert!(events.is_sorted_by_key(|event| event.occurred_at));
    assert_eq!(scene.flaw().await, None);
}

/// Though whoever appends to the chain does not wait for the disk while others wait for the chain.
#[sqlx::test(migrations = false)]
async fn what_is_told_to_be_done_is_on_the_disk(pool: PgPool) {
    let options = (*pool.connect_options())
        .clone()
        .options([("synchronous_commit", "on")]);
    let app = TestApp::start_over(pool, options).await;
    let place = |function: &'static str| {
        let question = format!("select ({function}() - '0/0'::pg_lsn)::bigint");
        let database = app.database.clone();
        async move {
            let question = sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(question));
            question.fetch_one(&database).await.unwrap()
        }
    };
    for number in 0..20 {
        let before = place("pg_current_wal_insert_lsn").await;
        let name = format!("Project {number}");
        app.services.projects.create(&app.own.owner, &name).await.unwrap();
        let written = place("pg_current_wal_flush_lsn").await;
        assert!(written > before, "{number}: nothing reached the disk");
    }
}

#[sqlx::test(migrations = false)]
async fn two_servers_write_one_chain(pool: PgPool) {
    let scene = Scene::start(pool).await;
    let other = scene.app.second_instance().await;
    let token = scene.app.token(&["*"]).await;
    let before = scene.verify().await.events;
    let calls = (0..40).map(|number| {
        let call = if number % 2 == 0 {
            scene.app.call("POST", "/api/v1/projects")
        } else {
            other.call("POST", "/api/v1/projects")
        };
        call.bearer(&token).json(project(&format!("At once {number}"))).send()
    });
    for created in join_all(calls).await {
        created.expect(201);
    }
    let verified = scene.verify().await;
    assert_eq!((verified.events, verified.finding), (before + 40, None));
    assert!(scene.events().await.is_sorted_by_key(|event| event.occurred_at));
}
