//! One key taking over from another, and the time that the old one still has.

use super::{
    add, default_key, is_changed, is_conflict, is_missing, is_name_taken, keys, look_at, names, new_key, owner,
    project, rotate, rotation, run, seen, system, told,
};
use crate::harness::TestApp;
use latchkey::domain::Overlap;
use latchkey::sandbox::{Behaviour, Sandbox};
use latchkey::service::ServiceError;
use latchkey::service::keys::{KeySelector, RotateKey};
use secrecy::SecretString;
use serde_json::json;
use sqlx::PgPool;
use std::time::Duration;

#[sqlx::test(migrations = false)]
async fn the_new_key_has_the_part_and_the_old_one_its_time(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let old = add(&app, "Production", 1).await;
    add(&app, "Other", 2).await;
    let saved = rotate(&app, &old, 3, Overlap::Day).await.unwrap();
    assert!(saved.replaced && saved.key.is_default && saved.key.is_active);
    assert_eq!((saved.key.name.as_str(), saved.key.position), ("Production", 1));
    assert_eq!(names(&app).await, ["Production*", "Production 2", "Other"]);
    let retiring = look_at(&app, old.id).await;
    assert!(retiring.is_active && !retiring.is_default);
    assert_eq!(retiring.superseded_by, Some(saved.key.id));
    assert_eq!(
        retiring.retires_at,
        Some(retiring.updated_at + Duration::from_hours(24))
    );
    assert_eq!(retiring.name_before.as_deref(), Some("Production"));
    assert!(retiring.is_retiring(retiring.updated_at));
    retiring.may_serve(retiring.updated_at).unwrap();
    let told = told(&app, "key.rotated").await;
    assert_eq!(told.len(), 1);
    assert_eq!(
        (&told[0]["replaces"], &told[0]["overlap"]),
        (&json!(old.id), &json!("24h"))
    );
    assert!(
        is_conflict(&rotate(&app, &retiring, 4, Overlap::Hour).await),
        "it was already"
    );
    // What took over can be rotated in its turn.
    let third = rotate(&app, &saved.key, 4, Overlap::Hour).await.unwrap().key;
    assert_eq!(
        names(&app).await,
        ["Production*", "Production 3", "Production 2", "Other"]
    );
    assert_eq!(default_key(&app).await.unwrap().id, third.id);
}

#[sqlx::test(migrations = false)]
async fn a_key_beside_the_default_hands_over_its_own_part(pool: PgPool) {
    let app = TestApp::start(pool).await;
    add(&app, "Default", 1).await;
    let named = add(&app, "Batch", 2).await;
    let saved = rotate(&app, &named, 3, Overlap::Hour).await.unwrap();
    assert!(!saved.key.is_default);
    assert_eq!(names(&app).await, ["Default*", "Batch", "Batch 2"]);
    // With a name of its own it leaves the old one its name.
    let other = RotateKey {
        name: Some("Nightly".to_owned()),
        ..rotation(4, Overlap::Hour)
    };
    keys(&app)
        .rotate(&system(&app), &project(&app), &KeySelector::Id(saved.key.id), other)
        .await
        .unwrap();
    assert_eq!(names(&app).await, ["Default*", "Nightly", "Batch", "Batch 2"]);
    let taken = RotateKey {
        name: Some("default".to_owned()),
        ..rotation(5, Overlap::Hour)
    };
    let nightly = keys(&app).list(owner(&app), &project(&app)).await.unwrap().1[1].id;
    assert!(is_name_taken(
        &keys(&app)
            .rotate(&system(&app), &project(&app), &KeySelector::Id(nightly), taken)
            .await
    ));
}

#[sqlx::test(migrations = false)]
async fn without_an_overlap_the_old_key_goes_at_once(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let old = add(&app, "", 1).await;
    let new = rotate(&app, &old, 2, Overlap::Now).await.unwrap().key;
    assert_eq!(new.name, "");
    assert!(is_missing(
        &keys(&app)
            .get(owner(&app), &project(&app), &KeySelector::Id(old.id))
            .await
    ));
    assert_eq!(told(&app, "key.retired").await.len(), 1);
    // It went as a deleted one goes.
    let restored = keys(&app).restore(owner(&app), &project(&app), old.id).await.unwrap();
    assert!(!restored.is_default && restored.retires_at.is_none() && restored.superseded_by.is_none());
}

#[sqlx::test(migrations = false)]
async fn a_new_key_that_does_not_work_changes_nothing(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let old = add(&app, "Production", 1).await;
    let with = |behaviour| RotateKey {
        secret: SecretString::from(Sandbox::key("openai", behaviour)),
        ..rotation(0, Overlap::Day)
    };
    let rotate = async |behaviour| {
        keys(&app)
            .rotate(owner(&app), &project(&app), &seen(&old), with(behaviour))
            .await
    };
    assert!(matches!(
        rotate(Behaviour::Revoked).await,
        Err(ServiceError::KeyRefused { unchanged, .. }) if unchanged.contains("stays as it was")
    ));
    assert!(matches!(
        rotate(Behaviour::Down).await,
        Err(ServiceError::ProviderUnreachable { .. })
    ));
    assert!(is_conflict(&rotate(Behaviour::Exhausted).await), "it would make a gap");
    assert_eq!(look_at(&app, old.id).await, old);
    assert_eq!(names(&app).await, ["Production*"]);
}

#[sqlx::test(migrations = false)]
async fn the_overlap_ends_by_itself_or_by_hand(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let old = add(&app, "Production", 1).await;
    let new = rotate(&app, &old, 2, Overlap::Hour).await.unwrap().key;
    assert!(is_conflict(
        &keys(&app)
            .end_overlap(owner(&app), &project(&app), &KeySelector::Id(new.id))
            .await
    ));
    app.pass(Duration::from_mins(59));
    assert_eq!(keys(&app).retire_due().await.unwrap(), 0);
    app.pass(Duration::from_mins(2));
    assert_eq!(keys(&app).retire_due().await.unwrap(), 1);
    assert_eq!(names(&app).await, ["Production*"]);
    assert_eq!(keys(&app).retire_due().await.unwrap(), 0);
    let retired = told(&app, "key.retired").await;
    assert_eq!((retired.len(), &retired[0]["superseded_by"]), (1, &json!(new.id)));

    let third = rotate(&app, &new, 3, Overlap::Week).await.unwrap().key;
    let retiring = look_at(&app, new.id).await;
    let ended = keys(&app)
        .end_overlap(owner(&app), &project(&app), &seen(&retiring))
        .await
        .unwrap();
    assert!(ended.deleted_at.is_some() && !ended.is_active);
    assert!(ended.retires_at.unwrap() <= ended.deleted_at.unwrap());
    assert_eq!(default_key(&app).await.unwrap().id, third.id);
    assert!(is_changed(
        &keys(&app)
            .end_overlap(owner(&app), &project(&app), &seen(&retiring))
            .await
    ));
}

#[sqlx::test(migrations = false)]
async fn a_rotation_is_taken_back_by_hand_with_its_name(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let old = add(&app, "Production", 1).await;
    let new = rotate(&app, &old, 2, Overlap::Day).await.unwrap().key;
    let again = keys(&app)
        .make_default(owner(&app), &project(&app), &KeySelector::Id(old.id))
        .await
        .unwrap();
    assert!(again.is_default && again.retires_at.is_none() && again.superseded_by.is_none());
    assert_eq!((again.name.as_str(), again.name_before), ("Production", None));
    let new = look_at(&app, new.id).await;
    assert!(!new.is_default && new.is_active && new.rotation_undone_at.is_none());
    assert_eq!(new.name, "Production 2");
    app.pass(Duration::from_hours(25));
    assert_eq!(keys(&app).retire_due().await.unwrap(), 0, "it stays");
}

#[sqlx::test(migrations = false)]
async fn deleting_the_new_key_lets_the_old_one_stay(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let old = add(&app, "Production", 1).await;
    let new = rotate(&app, &old, 2, Overlap::Day).await.unwrap().key;
    keys(&app)
        .delete(owner(&app), &project(&app), &KeySelector::Id(new.id))
        .await
        .unwrap();
    let old = look_at(&app, old.id).await;
    assert!(old.is_default && old.retires_at.is_none());
    assert_eq!(old.name, "Production");
    // And one that has retired by the clock is nobody's successor, though the job was late.
    let new = rotate(&app, &old, 3, Overlap::Hour).await.unwrap().key;
    app.pass(Duration::from_hours(2));
    keys(&app)
        .delete(owner(&app), &project(&app), &KeySelector::Id(new.id))
        .await
        .unwrap();
    assert!(default_key(&app).await.is_none());
}

#[sqlx::test(migrations = false)]
async fn a_rotated_key_of_a_resource_keeps_what_is_left_out(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let azure = latchkey::service::keys::AddKey {
        secret: SecretString::from(Sandbox::key("azure_openai", Behaviour::Valid)),
        endpoint: Some(app.sandbox.azure_endpoint()),
        api_version: Some("2024-10-21".to_owned()),
        ..new_key("EU", 0, false)
    };
    let old = keys(&app)
        .add(owner(&app), &project(&app), "azure_openai", azure)
        .await
        .unwrap()
        .key;
    run(&app, "update provider_keys set on_failure = 'fail'").await.unwrap();
    let next = RotateKey {
        secret: SecretString::from(format!("{}2", Sandbox::key("azure_openai", Behaviour::Valid))),
        ..rotation(0, Overlap::Day)
    };
    let new = keys(&app)
        .rotate(owner(&app), &project(&app), &seen(&old), next)
        .await
        .unwrap()
        .key;
    let stored = look_at(&app, new.id).await;
    assert_eq!(
        (&stored.endpoint, &stored.api_version),
        (&old.endpoint, &old.api_version)
    );
    assert_eq!(stored.fallback.on_failure, Some(latchkey::domain::Fallback::Fail));
    let tested = keys(&app)
        .test(
            owner(&app),
            &project(&app),
            &KeySelector::Id(new.id),
            latchkey::service::keys::Depth::Listed,
        )
        .await
        .unwrap();
    assert!(tested.health.reason.is_none(), "it opens");
}
