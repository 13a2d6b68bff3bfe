//! Deleting, restoring, enabling: somebody usable is always the default.

use super::{add, default_key, is_changed, is_missing, keys, look_at, names, owner, project, run, seen, told};
use crate::harness::TestApp;
use latchkey::domain::ProviderKey;
use latchkey::service::keys::KeySelector;
use sqlx::PgPool;

async fn delete(app: &TestApp, key: &ProviderKey) -> ProviderKey {
    let deleted = keys(app)
        .delete(owner(app), &project(app), &KeySelector::Id(key.id))
        .await;
    deleted.unwrap()
}

#[sqlx::test(migrations = false)]
async fn deleting_the_default_promotes_the_newest_usable_key(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let first = add(&app, "First", 1).await;
    let usable = add(&app, "Usable", 2).await;
    let spent = add(&app, "Spent", 3).await;
    let refused = add(&app, "Refused", 4).await;
    let off = add(&app, "Off", 5).await;
    for (key, state) in [
        (&spent, "health_reason = 'exhausted', health_message = 'Spent.'"),
        (&refused, "health_reason = 'blocked', health_message = 'No.'"),
        (&off, "is_active = false"),
    ] {
        run(
            &app,
            &format!("update provider_keys set {state} where id = '{}'", key.id),
        )
        .await
        .unwrap();
    }
    let deleted = delete(&app, &first).await;
    assert!(!deleted.is_default && !deleted.is_active && deleted.deleted_at.is_some());
    assert_eq!(default_key(&app).await.unwrap().id, usable.id);
    delete(&app, &usable).await;
    assert_eq!(default_key(&app).await.unwrap().id, spent.id, "it recovers by itself");
    delete(&app, &spent).await;
    assert!(default_key(&app).await.is_none(), "nobody is left who can serve");
    assert_eq!(names(&app).await, ["Refused", "Off"]);
    let promoted: Vec<_> = told(&app, "key.deleted")
        .await
        .into_iter()
        .map(|details| details["promoted"].clone())
        .collect();
    assert_eq!(
        promoted,
        [
            usable.id.to_string().into(),
            spent.id.to_string().into(),
            serde_json::Value::Null
        ]
    );
    // Whoever can serve again does.
    let enabled = keys(&app)
        .set_active(owner(&app), &project(&app), &KeySelector::Id(off.id), true)
        .await
        .unwrap();
    assert!(enabled.is_default && enabled.is_active);
}

#[sqlx::test(migrations = false)]
async fn a_restored_key_comes_back_beside_the_default_or_as_it(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let first = add(&app, "First", 1).await;
    let second = add(&app, "Second", 2).await;
    delete(&app, &first).await;
    let restore = async |key: &ProviderKey| keys(&app).restore(owner(&app), &project(&app), key.id).await;
    let restored = restore(&first).await.unwrap();
    assert!(!restored.is_default && restored.is_active && restored.deleted_at.is_none());
    assert_eq!(names(&app).await, ["First", "Second*"]);
    assert!(is_missing(&restore(&first).await), "it is not deleted");
    delete(&app, &first).await;
    delete(&app, &second).await;
    assert!(restore(&second).await.unwrap().is_default);
    // One whose time is over does not come back.
    app.pass(std::time::Duration::from_hours(24 * 90));
    assert!(is_missing(&restore(&first).await));
}

#[sqlx::test(migrations = false)]
async fn a_caller_that_saw_another_version_changes_nothing(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let key = add(&app, "First", 1).await;
    let before = seen(&key);
    keys(&app)
        .rename(owner(&app), &project(&app), &before, "Renamed")
        .await
        .unwrap();
    let (owner, project) = (owner(&app), &project(&app));
    assert!(is_changed(&keys(&app).delete(owner, project, &before).await));
    assert!(is_changed(&keys(&app).set_active(owner, project, &before, false).await));
    assert!(is_changed(
        &keys(&app)
            .set_fallback(owner, project, &before, latchkey::domain::FallbackChoice::default())
            .await
    ));
    assert!(is_changed(
        &super::rotate(&app, &key, 2, latchkey::domain::Overlap::Day).await
    ));
    assert!(is_changed(&keys(&app).get(owner, project, &before).await));
    let now = look_at(&app, key.id).await;
    assert!(now.is_active && now.is_default && now.row_version == 2);
}
