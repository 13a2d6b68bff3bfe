//! How a server learns that what it remembers is no longer so.

use crate::harness::TestApp;
use crate::jobs::bring;
use latchkey::domain::{Fallback, FallbackChoice, ProjectId, ProviderSlug, TokenId};
use latchkey::sandbox::Behaviour;
use latchkey::store::routes::{self, ProjectSelector};
use latchkey::store::{ChangedTable, Heard, Listener, Store};
use sqlx::{AssertSqlSafe, PgPool};
use std::time::Duration;

async fn store(app: &TestApp) -> Store {
    Store::connect((*app.database.connect_options()).clone()).await.unwrap()
}

async fn run(app: &TestApp, statement: &str) {
    sqlx::query(AssertSqlSafe(statement.to_owned()))
        .execute(&app.database)
        .await
        .unwrap();
}

fn openai() -> ProviderSlug {
    "openai".parse().unwrap()
}

async fn route_state(store: &Store, project: ProjectId) -> Option<String> {
    let mut tx = store.system().await.unwrap();
    let routes = [(project, openai(), None)];
    routes::route_states(&mut tx, &routes).await.unwrap().remove(0)
}

#[sqlx::test(migrations = false)]
async fn a_route_is_loaded_by_id_and_slug_with_the_state_that_confirms_it(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let store = store(&app).await;
    let project = &app.own.project;
    let (id, slug) = (
        ProjectSelector::Id(project.id),
        ProjectSelector::Slug(project.slug.clone()),
    );
    let mut tx = store.org(app.own.owner.org).await.unwrap();
    let bare = routes::load(&mut tx, &id, &openai(), None).await.unwrap().unwrap();
    assert!(bare.key.is_none());
    let key = bring(&app, "openai", Behaviour::Valid).await;
    for selector in [&id, &slug] {
        let route = routes::load(&mut tx, selector, &openai(), None).await.unwrap().unwrap();
        assert_eq!((route.project, &route.slug), (project.id, &project.slug));
        assert_eq!(route_state(&store, project.id).await, Some(route.state));
        let found = route.key.unwrap();
        assert_eq!((found.id, found.secret_version), (key.id, 1));
        assert_eq!((found.endpoint, found.health.reason), (key.endpoint.clone(), None));
    }
    let foreign = ProjectSelector::Id(app.foreign.project.id);
    assert!(
        routes::load(&mut tx, &foreign, &openai(), None)
            .await
            .unwrap()
            .is_none()
    );
}

#[sqlx::test(migrations = false)]
async fn whatever_resolution_reads_changes_the_state_and_nothing_else_does(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let store = store(&app).await;
    let project = app.own.project.id;
    let mut before = route_state(&store, project).await.unwrap();
    bring(&app, "openai", Behaviour::Valid).await;
    for change in [
        "update provider_keys set row_version = row_version + 1",
        "update provider_keys set secret_version = secret_version + 1",
        "update provider_keys set is_active = false",
        "update provider_keys set health_reason = 'invalid', health_message = 'No.'",
        "update provider_keys set retry_at = now()",
        "update projects set on_missing = 'fail'",
        "update projects set on_missing = null, on_failure = 'fail'",
        "update projects set opens_all_paths = true",
        "update projects set adds_stream_usage = false",
        "update projects set slug = 'other-' || slug",
        "update organizations set allows_platform_keys = true",
        "update organizations set fee_per_call_micros = 1",
        "update organizations set fee_basis_points = 1",
        "update provider_keys set is_default = false, is_active = false, deleted_at = now()",
    ] {
        run(&app, change).await;
        let after = route_state(&store, project).await.unwrap();
        assert_ne!(before, after, "{change}");
        before = after;
    }
    for change in [
        "update provider_keys set last_used_at = now(), checked_at = now(), probe_at = now()",
        "update projects set name = 'Another'",
        "update organizations set name = name || '!'",
    ] {
        run(&app, change).await;
        assert_eq!(route_state(&store, project).await.as_ref(), Some(&before), "{change}");
    }
    let mut tx = store.system().await.unwrap();
    let unknown = ProjectId::from_uuid(uuid::Uuid::nil());
    let states = routes::route_states(&mut tx, &[(unknown, openai(), None), (project, openai(), None)])
        .await
        .unwrap();
    assert_eq!(states, [None, Some(before)]);
}

#[sqlx::test(migrations = false)]
async fn a_tokens_state_changes_with_it_and_ends_with_it(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let store = store(&app).await;
    app.token(&["use:gateway"]).await;
    let id: uuid::Uuid = sqlx::query_scalar("select id from tokens")
        .fetch_one(&app.database)
        .await
        .unwrap();
    let tokens = [TokenId::from_uuid(uuid::Uuid::nil()), TokenId::from_uuid(id)];
    let states = async || {
        let mut tx = store.system().await.unwrap();
        routes::token_states(&mut tx, &tokens).await.unwrap()
    };
    let mut before = states().await;
    assert_eq!(before[0], None);
    for change in [
        "update tokens set expires_at = '2030-01-01Z'",
        "update tokens set expires_at = null, revoked_at = '2030-01-01Z'",
        "update tokens set scopes = '{read:usage}'",
        "update tokens set project_id = (select id from projects limit 1), org_id = (select org_id from projects limit 1)",
        "delete from tokens",
    ] {
        run(&app, change).await;
        let after = states().await;
        assert_ne!(before, after, "{change}");
        before = after;
    }
    assert_eq!(before, [None, None]);
}

async fn next(listener: &mut Listener) -> Heard {
    let heard = tokio::time::timeout(Duration::from_secs(20), listener.next()).await;
    heard.expect("nothing was heard").unwrap()
}

#[sqlx::test(migrations = false)]
async fn a_listener_hears_of_changes_and_of_its_own_deafness(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let store = store(&app).await;
    let mut listener = store.listen().await.unwrap();
    let key = bring(&app, "openai", Behaviour::Valid).await;
    let Heard::Changed(change) = next(&mut listener).await else {
        panic!("nothing was lost");
    };
    assert_eq!(
        (change.table, change.org),
        (ChangedTable::ProviderKeys, app.own.owner.org)
    );
    assert_eq!((change.project, change.id), (Some(key.project), Some(key.id.as_uuid())));

    // A probe that finds the key as it was is nobody's business; what is decided about it is.
    run(
        &app,
        "update provider_keys set health_reason = null, retry_at = null, checked_at = now()",
    )
    .await;
    let select = latchkey::service::keys::KeySelector::Id(key.id);
    let choice = FallbackChoice {
        on_missing: None,
        on_failure: Some(Fallback::Fail),
    };
    let project = latchkey::service::projects::ProjectRef::Id(key.project);
    let keys = &app.services.keys;
    let changed = keys
        .set_fallback(&app.own.owner, &project, &select, choice)
        .await
        .unwrap();
    assert_eq!((changed.fallback, changed.row_version), (choice, key.row_version + 1));
    assert!(matches!(next(&mut listener).await, Heard::Changed(change) if change.id == Some(key.id.as_uuid())));

    run(
        &app,
        "select pg_terminate_backend(pid) from pg_stat_activity
         where application_name = 'latchkey listener' and datname = current_database()",
    )
    .await;
    assert_eq!(next(&mut listener).await, Heard::Lost, "the connection is gone");
    assert_eq!(next(&mut listener).await, Heard::Lost, "there is a new one");
    run(&app, "update projects set opens_all_paths = true where name = 'Main'").await;
    assert!(matches!(next(&mut listener).await, Heard::Changed(change) if change.table == ChangedTable::Projects));
}

#[sqlx::test(migrations = false)]
async fn a_listener_takes_no_connection_of_the_store(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let store = store(&app).await;
    let mut listeners = Vec::new();
    for _ in 0..25 {
        listeners.push(store.listen().await.unwrap());
    }
    store.system().await.unwrap();
}
