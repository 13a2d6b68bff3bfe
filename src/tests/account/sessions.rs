//! Where somebody is signed in.

use super::{function, is_in, signed_in, told};
use crate::harness::{Browser, TestApp};
use latchkey::domain::{Clock, SystemClock};
use latchkey::service::sessions::{Bearer, StoredSession};
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

async fn listed(app: &TestApp, browser: &mut Browser) -> Vec<Value> {
    let page = browser.post(function(app, "profile"), &[]).await.expect(200);
    page["sessions"].as_array().unwrap().clone()
}

#[sqlx::test(migrations = false)]
async fn sessions_say_what_they_are(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (mut own, _other) = (signed_in(&app).await, signed_in(&app).await);
    let sessions = listed(&app, &mut own).await;
    assert_eq!(sessions.len(), 2);
    assert_eq!(
        sessions
            .iter()
            .filter(|session| session["is_own"] == json!(true))
            .count(),
        1
    );
    for session in sessions {
        assert_eq!(session["device"], "Firefox on Linux");
        assert_eq!(session["address"], "192.0.2.1");
        assert!(session["created_at"]["iso"].is_string() && session["last_used_at"]["iso"].is_string());
    }
}

#[sqlx::test(migrations = false)]
async fn an_ended_session_is_over_everywhere(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let second = app.second_instance().await;
    let (mut own, mut other, mut third) = (signed_in(&app).await, signed_in(&app).await, signed_in(&app).await);
    let before = listed(&app, &mut other).await;
    let id = before.iter().find(|session| session["is_own"] == json!(true)).unwrap()["id"].clone();
    let fields = [("session_id", id.as_str().unwrap())];
    let ended = own.post(function(&app, "end_session"), &fields).await;
    assert!(ended.status.is_success(), "{}", ended.text());
    let elsewhere = other.post(second.call("POST", "/_fn/session"), &[]).await;
    assert_eq!(elsewhere.status.as_u16(), 401);
    let again = own.post(function(&app, "end_session"), &fields).await;
    assert!(again.status.is_success(), "ending it twice is no error");

    let count = own.post(function(&app, "end_other_sessions"), &[]).await.expect(200);
    assert_eq!(count, json!(1));
    assert!(!is_in(&app, &mut third).await);
    assert!(is_in(&app, &mut own).await);
    let told = told(&app).await;
    assert_eq!(told.iter().filter(|event| *event == "session.others_ended").count(), 2);
}

#[sqlx::test(migrations = false)]
async fn nobody_ends_anothers_session(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut own = signed_in(&app).await;
    let id = listed(&app, &mut own).await[0]["id"].clone();
    let mut stranger = Browser::default();
    let fields = [
        ("email", "owner@rival.example"),
        ("password", "correct horse battery staple"),
    ];
    stranger.post(function(&app, "sign_in"), &fields).await;
    let fields = [("session_id", id.as_str().unwrap())];
    let answer = stranger.post(function(&app, "end_session"), &fields).await;
    assert!(answer.status.is_success(), "as for one that is not there");
    assert!(is_in(&app, &mut own).await);
    let answer = stranger
        .post(function(&app, "end_session"), &[("session_id", "nonsense")])
        .await;
    assert_eq!(answer.status.as_u16(), 404);
}

/// A request that was under way when its session ended writes to it afterwards.
#[sqlx::test(migrations = false)]
async fn an_ended_session_stays_ended(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let sessions = &app.services.sessions;
    let stored = StoredSession {
        data: json!({ "user": "somebody" }),
        expires_at: SystemClock.now() + Duration::HOUR,
    };
    let id = [7; 16];
    sessions.create(&id, &stored, &Bearer::default()).await.unwrap();
    assert!(sessions.find(&id).await.unwrap().is_some());
    sessions.delete(&id).await.unwrap();
    sessions.update(&id, &stored).await.unwrap();
    assert!(sessions.find(&id).await.unwrap().is_none());
}

/// Somebody else signs in on the same device.
#[sqlx::test(migrations = false)]
async fn signing_in_again_replaces_what_the_session_knew(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut browser = signed_in(&app).await;
    let before = browser.cookie.clone();
    let fields = [
        ("email", "owner@rival.example"),
        ("password", "correct horse battery staple"),
    ];
    browser.post(function(&app, "sign_in"), &fields).await;
    assert_ne!(browser.cookie, before);
    let page = browser.post(function(&app, "profile"), &[]).await.expect(200);
    assert_eq!(page["email"], "owner@rival.example");
    let mut old = Browser { cookie: before };
    assert!(!is_in(&app, &mut old).await);
}
