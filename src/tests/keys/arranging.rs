//! Names, places, and which key is the default.

use super::{
    add, default_key, is_changed, is_conflict, is_missing, is_name_taken, keys, look_at, names, new_key, owner,
    project, run, seen, told,
};
use crate::harness::TestApp;
use latchkey::domain::{KeyId, SystemClock, SystemRandom};
use latchkey::sandbox::{Behaviour, Sandbox};
use latchkey::service::ServiceError;
use latchkey::service::keys::{AddKey, KeySelector};
use secrecy::SecretString;
use sqlx::PgPool;

#[sqlx::test(migrations = false)]
async fn the_first_key_is_the_default_and_others_stand_beside_it(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let first = add(&app, "First", 1).await;
    assert!(first.is_default && first.is_active && first.position == 1);
    let second = add(&app, "Second", 2).await;
    assert!(!second.is_default && second.position == 2);
    let swapped = keys(&app)
        .add(owner(&app), &project(&app), "openai", new_key("Third", 3, true))
        .await
        .unwrap();
    assert!(swapped.key.is_default && !swapped.replaced);
    assert_eq!(names(&app).await, ["First", "Second", "Third*"]);
    assert_eq!(look_at(&app, first.id).await.row_version, first.row_version + 1);
    let added = told(&app, "key.added").await;
    assert_eq!(added[2]["default_before"], first.id.to_string());
    assert_eq!(added[2]["name"], "Third");
}

#[sqlx::test(migrations = false)]
async fn a_key_that_could_not_be_verified_takes_nobodys_place(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let down = |is_default| AddKey {
        secret: SecretString::from(Sandbox::key("openai", Behaviour::Down)),
        allow_unverified: true,
        ..new_key("", 0, is_default)
    };
    let add_down = async |is_default| {
        let new = down(is_default);
        keys(&app).add(owner(&app), &project(&app), "openai", new).await
    };
    let alone = add_down(true).await.unwrap().key;
    assert!(alone.is_default && !alone.is_active, "there was none");
    keys(&app)
        .delete(owner(&app), &project(&app), &KeySelector::Id(alone.id))
        .await
        .unwrap();
    let first = add(&app, "First", 1).await;
    assert!(matches!(
        add_down(true).await,
        Err(ServiceError::ProviderUnreachable { .. })
    ));
    let beside = add_down(false).await.unwrap().key;
    assert!(!beside.is_default && !beside.is_active);
    assert_eq!(default_key(&app).await.unwrap().id, first.id);
}

#[sqlx::test(migrations = false)]
async fn names_are_of_one_key_of_a_provider_whatever_their_case(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let first = add(&app, "Production", 1).await;
    let second = add(&app, "", 2).await;
    add(&app, "", 3).await; // any number of keys have none
    let rename = async |key: &KeySelector, name: &str| keys(&app).rename(owner(&app), &project(&app), key, name).await;
    let by_id = |key: KeyId| KeySelector::Id(key);
    assert!(is_name_taken(&rename(&by_id(second.id), " PRODUCTION ").await));
    assert!(is_name_taken(
        &keys(&app)
            .add(owner(&app), &project(&app), "openai", new_key("production", 4, false))
            .await
    ));
    let renamed = rename(&by_id(first.id), "production").await.unwrap();
    assert_eq!((renamed.name.as_str(), renamed.row_version), ("production", 2));
    assert!(is_changed(&rename(&seen(&first), "Other").await), "read before");
    let same = rename(&by_id(first.id), "production").await.unwrap();
    assert_eq!(same.row_version, 2, "nothing changed");
    let other_provider = AddKey {
        secret: SecretString::from(Sandbox::key("xai", Behaviour::Valid)),
        ..new_key("Production", 0, false)
    };
    keys(&app)
        .add(owner(&app), &project(&app), "xai", other_provider)
        .await
        .unwrap();
    let renames = told(&app, "key.renamed").await;
    assert_eq!((renames.len(), &renames[0]["from"]), (1, &"Production".into()));
    // A deleted key holds no name.
    keys(&app)
        .delete(owner(&app), &project(&app), &by_id(first.id))
        .await
        .unwrap();
    rename(&by_id(second.id), "Production").await.unwrap();
    assert!(is_name_taken(
        &keys(&app).restore(owner(&app), &project(&app), first.id).await
    ));
    rename(&by_id(second.id), "").await.unwrap();
    let restored = keys(&app).restore(owner(&app), &project(&app), first.id).await.unwrap();
    assert_eq!(restored.name, "production");
}

#[sqlx::test(migrations = false)]
async fn the_default_is_swapped_for_one_that_can_serve(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let first = add(&app, "First", 1).await;
    let second = add(&app, "Second", 2).await;
    let make_default = async |key: &KeySelector| keys(&app).make_default(owner(&app), &project(&app), key).await;
    let swapped = make_default(&seen(&second)).await.unwrap();
    assert!(swapped.is_default);
    assert_eq!(names(&app).await, ["First", "Second*"]);
    assert!(
        is_changed(&make_default(&seen(&first)).await),
        "it lost its part meanwhile"
    );
    let again = make_default(&KeySelector::Id(second.id)).await.unwrap();
    assert_eq!(again.row_version, swapped.row_version, "it is already");
    for (spoiled, said) in [
        ("is_active = false", "switched off"),
        (
            "is_active = true, health_reason = 'invalid', health_message = 'No.'",
            "refuses",
        ),
        ("health_reason = 'exhausted', health_message = 'Spent.'", "quota"),
        (
            "health_reason = null, health_message = null, checked_at = null",
            "never tested",
        ),
    ] {
        run(
            &app,
            &format!("update provider_keys set {spoiled} where id = '{}'", first.id),
        )
        .await
        .unwrap();
        let refused = make_default(&KeySelector::Id(first.id)).await;
        assert!(is_conflict(&refused), "{spoiled}: {refused:?}");
        assert!(refused.unwrap_err().to_string().contains(said), "{spoiled}");
        assert_eq!(default_key(&app).await.unwrap().id, second.id);
    }
    let changes = told(&app, "key.default_changed").await;
    assert_eq!(
        (changes.len(), &changes[0]["default_before"]),
        (1, &first.id.to_string().into())
    );
    let nobodys = KeySelector::Id(KeyId::new(&SystemClock, &SystemRandom));
    assert!(is_missing(&make_default(&nobodys).await));
    let foreign = keys(&app)
        .make_default(&app.foreign.owner, &project(&app), &KeySelector::Id(first.id))
        .await;
    assert!(is_missing(&foreign));
}

#[sqlx::test(migrations = false)]
async fn keys_are_put_into_any_order_that_names_each_once(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let [a, b, c] = [
        add(&app, "A", 1).await.id,
        add(&app, "B", 2).await.id,
        add(&app, "C", 3).await.id,
    ];
    let gone = add(&app, "Gone", 4).await.id;
    keys(&app)
        .delete(owner(&app), &project(&app), &KeySelector::Id(gone))
        .await
        .unwrap();
    let reorder = async |order: &[KeyId]| keys(&app).reorder(owner(&app), &project(&app), "openai", order).await;
    let ordered = reorder(&[c, a, b]).await.unwrap();
    assert_eq!(ordered.iter().map(|key| key.position).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(names(&app).await, ["C", "A*", "B"]);
    assert_eq!(look_at(&app, a).await.row_version, 1, "nothing that anybody decides by");
    reorder(&[c, a, b]).await.unwrap();
    assert_eq!(told(&app, "key.reordered").await.len(), 1, "it was so already");
    assert!(is_changed(&reorder(&[c, a]).await));
    assert!(is_changed(&reorder(&[c, a, gone]).await));
    assert!(is_changed(&reorder(&[c, a, b, gone]).await));
    assert!(matches!(
        reorder(&[c, a, a]).await,
        Err(ServiceError::Invalid { field: "order", .. })
    ));
    assert_eq!(names(&app).await, ["C", "A*", "B"]);
    assert_eq!(add(&app, "D", 5).await.position, 5, "behind all, deleted ones too");
}

#[sqlx::test(migrations = false)]
async fn who_may_not_write_arranges_nothing(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let key = add(&app, "First", 1).await;
    let mut reader = owner(&app).clone();
    reader.scopes = latchkey::domain::Role::Viewer.scopes();
    let (project, selector) = (project(&app), KeySelector::Id(key.id));
    let refused = [
        keys(&app).rename(&reader, &project, &selector, "X").await.err(),
        keys(&app).make_default(&reader, &project, &selector).await.err(),
        keys(&app).reorder(&reader, &project, "openai", &[key.id]).await.err(),
        keys(&app).end_overlap(&reader, &project, &selector).await.err(),
        keys(&app).purge(&reader, &project, &selector).await.err(),
        keys(&app)
            .add(&reader, &project, "openai", new_key("", 2, false))
            .await
            .err(),
        keys(&app)
            .import_preview(&reader, &project, &SecretString::from(""))
            .await
            .err(),
    ];
    for error in refused {
        assert!(matches!(error, Some(ServiceError::Refused(_))), "{error:?}");
    }
}
