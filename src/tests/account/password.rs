//! Changing the password.

use super::{EMAIL, NEW_PASSWORD, PASSWORD, function, is_in, refused, signed_in, told, with_password};
use crate::harness::TestApp;
use latchkey::domain::{Clock, SystemClock};
use latchkey::service::ServiceError;
use latchkey::service::sessions::{Bearer, StoredSession};
use secrecy::SecretString;
use serde_json::json;
use sqlx::PgPool;
use time::Duration;

#[sqlx::test(migrations = false)]
async fn a_new_password_ends_all_other_sessions_at_once(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let second = app.second_instance().await;
    let (mut own, mut other) = (signed_in(&app).await, signed_in(&app).await);
    let before = own.cookie.clone();
    let fields = [("current_password", PASSWORD), ("password", NEW_PASSWORD)];
    let changed = own.post(function(&app, "change_password"), &fields).await;
    assert!(changed.status.is_success(), "{}", changed.text());
    assert_ne!(own.cookie, before, "the session has a new id");
    assert!(is_in(&app, &mut own).await);
    let elsewhere = other.post(second.call("POST", "/_fn/session"), &[]).await;
    assert_eq!(elsewhere.status.as_u16(), 401);
    let mut old = own.clone();
    old.cookie = before;
    assert!(!is_in(&app, &mut old).await, "the id before is worth nothing");

    let (_, answer) = with_password(&app, PASSWORD).await;
    assert_eq!(refused(&answer, 401).0, "invalid_credentials");
    let (mut new, _) = with_password(&app, NEW_PASSWORD).await;
    assert!(is_in(&app, &mut new).await);
    assert!(told(&app).await.contains(&"user.password_changed".to_owned()));
}

#[sqlx::test(migrations = false)]
async fn a_password_is_changed_by_who_knows_it_to_one_that_is_strong(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut browser = signed_in(&app).await;
    for (current, new, field) in [
        ("not it at all", NEW_PASSWORD, "current_password"),
        (PASSWORD, "short", "password"),
        (PASSWORD, EMAIL, "password"),
        (PASSWORD, PASSWORD, "password"),
    ] {
        let fields = [("current_password", current), ("password", new)];
        let answer = browser.post(function(&app, "change_password"), &fields).await;
        assert_eq!(
            refused(&answer, 400),
            ("invalid_input".to_owned(), vec![field.to_owned()])
        );
    }
    assert!(is_in(&app, &mut browser).await, "nothing ended");
    let (mut again, _) = with_password(&app, PASSWORD).await;
    assert!(is_in(&app, &mut again).await, "nothing changed");
}

#[sqlx::test(migrations = false)]
async fn guesses_are_counted(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut browser = signed_in(&app).await;
    let fields = [("current_password", "not it at all"), ("password", NEW_PASSWORD)];
    let mut last = 0;
    for _ in 0..11 {
        last = browser
            .post(function(&app, "change_password"), &fields)
            .await
            .status
            .as_u16();
    }
    assert_eq!(last, 429);
}

#[sqlx::test(migrations = false)]
async fn no_token_has_an_account(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["*"]).await;
    let form = format!("current_password={PASSWORD}&password={NEW_PASSWORD}").replace(' ', "+");
    let answer = function(&app, "change_password")
        .bearer(&token)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await;
    assert_eq!(refused(&answer, 403).0, "insufficient_scope");
}

#[sqlx::test(migrations = false)]
async fn of_two_who_change_it_at_once_one_wins(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (first, second) = (
        SecretString::from(NEW_PASSWORD),
        SecretString::from("another mosaic of tundra"),
    );
    let old = SecretString::from(PASSWORD);
    let profile = &app.services.profile;
    let (first, second) = tokio::join!(
        profile.change_password(&app.own.owner, &old, &first),
        profile.change_password(&app.own.owner, &old, &second),
    );
    let lost = [&first, &second]
        .into_iter()
        .filter(|outcome| matches!(outcome, Err(ServiceError::Conflict(_) | ServiceError::Invalid { .. })));
    assert_eq!(lost.count(), 1, "{first:?} {second:?}");
}

/// Somebody's sign-in is under way with the old password while it is changed.
#[sqlx::test(migrations = false)]
async fn a_session_made_by_an_overtaken_sign_in_is_none(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (old, new) = (SecretString::from(PASSWORD), SecretString::from(NEW_PASSWORD));
    let user = app.own.owner.user().unwrap();
    let changed = app
        .services
        .profile
        .change_password(&app.own.owner, &old, &new)
        .await
        .unwrap();
    let version = changed.credentials_version.unwrap();
    let stored = StoredSession {
        data: json!({}),
        expires_at: SystemClock.now() + Duration::HOUR,
    };
    for (id, version, found) in [([1; 16], version - 1, false), ([2; 16], version, true)] {
        let bearer = Bearer {
            person: Some((user, version)),
            ..Bearer::default()
        };
        let sessions = &app.services.sessions;
        sessions.create(&id, &stored, &bearer).await.unwrap();
        assert_eq!(sessions.find(&id).await.unwrap().is_some(), found);
    }
}
