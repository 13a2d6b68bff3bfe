//! The same secret stored more than once.

use super::{add, keys, look_at, new_key, owner, project, run, secret};
use crate::harness::TestApp;
use latchkey::service::keys::{Depth, KeySelector, SavedKey};
use latchkey::service::projects::{Project, ProjectRef};
use sqlx::PgPool;

async fn second_project(app: &TestApp) -> Project {
    app.services.projects.create(owner(app), "Second").await.unwrap()
}

async fn add_to(app: &TestApp, project: &Project, name: &str, number: u32) -> SavedKey {
    let project = ProjectRef::Id(project.id);
    let new = new_key(name, number, false);
    keys(app).add(owner(app), &project, "openai", new).await.unwrap()
}

async fn fingerprints(app: &TestApp) -> Vec<Option<Vec<u8>>> {
    sqlx::query_scalar("select fingerprint from provider_keys order by created_at, id")
        .fetch_all(&app.database)
        .await
        .unwrap()
}

#[sqlx::test(migrations = false)]
async fn the_same_key_twice_in_an_organization_is_pointed_out(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let second = second_project(&app).await;
    let here = add(&app, "Here", 1).await;
    add(&app, "Another", 2).await;
    assert!(keys(&app).twins(owner(&app)).await.unwrap().is_empty());
    let saved = add_to(&app, &second, "There", 1).await;
    assert_eq!(saved.twins.len(), 1);
    assert_eq!(
        (saved.twins[0].key, saved.twins[0].project_name.as_str()),
        (here.id, "Main")
    );
    let twins = keys(&app).twins(owner(&app)).await.unwrap();
    assert_eq!(twins.len(), 1);
    let told: Vec<_> = twins[0]
        .iter()
        .map(|twin| (twin.key, twin.name.as_str(), twin.project_name.as_str()))
        .collect();
    assert_eq!(told, [(here.id, "Here", "Main"), (saved.key.id, "There", "Second")]);

    // Who reaches one project only learns nothing of others.
    let mut confined = owner(&app).clone();
    confined.project = Some(app.own.project.id);
    assert!(keys(&app).twins(&confined).await.unwrap().is_empty());
    // Deleted keys do not count.
    let selector = KeySelector::Id(saved.key.id);
    keys(&app)
        .delete(owner(&app), &ProjectRef::Id(second.id), &selector)
        .await
        .unwrap();
    assert!(keys(&app).twins(owner(&app)).await.unwrap().is_empty());
}

#[sqlx::test(migrations = false)]
async fn nobody_learns_of_another_organizations_keys(pool: PgPool) {
    let app = TestApp::start(pool).await;
    add(&app, "", 1).await;
    let foreign = ProjectRef::Id(app.foreign.project.id);
    let saved = keys(&app)
        .add(&app.foreign.owner, &foreign, "openai", new_key("", 1, false))
        .await
        .unwrap();
    assert!(saved.twins.is_empty());
    for actor in [owner(&app), &app.foreign.owner] {
        assert!(keys(&app).twins(actor).await.unwrap().is_empty());
    }
    let found = fingerprints(&app).await;
    assert!(
        found[0].is_some() && found[0] != found[1],
        "nor does who reads the table"
    );
}

#[sqlx::test(migrations = false)]
async fn a_key_from_before_there_were_fingerprints_gets_its_own_when_it_is_opened(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let key = add(&app, "", 1).await;
    let own = fingerprints(&app).await;
    run(&app, "update provider_keys set fingerprint = null").await.unwrap();
    keys(&app)
        .test(owner(&app), &project(&app), &KeySelector::Id(key.id), Depth::Listed)
        .await
        .unwrap();
    assert_eq!(fingerprints(&app).await, own);
    assert_eq!(look_at(&app, key.id).await.row_version, key.row_version);
    let stored = own[0].clone().unwrap();
    assert_eq!(stored.len(), 32);
    assert!(
        !stored
            .windows(8)
            .any(|bytes| secret(1).as_bytes().windows(8).any(|secret| secret == bytes))
    );
}
