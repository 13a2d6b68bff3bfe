//! Asking once more who is there.

use super::{PASSWORD, enrol, function, is_in, refused, signed_in, told};
use crate::harness::TestApp;
use sqlx::PgPool;
use std::time::Duration;

const A_WHILE: Duration = Duration::from_mins(16);

#[sqlx::test(migrations = false)]
async fn whoever_signed_in_a_while_ago_is_asked_again(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut browser = signed_in(&app).await;
    app.pass(A_WHILE);
    let late = browser.post(function(&app, "begin_second_factor"), &[]).await;
    assert_eq!(refused(&late, 403).0, "recent_sign_in_required");

    let wrong = browser
        .post(function(&app, "confirm"), &[("password", "not it at all")])
        .await;
    assert_eq!(refused(&wrong, 400).1, ["password"]);
    let before = browser.cookie.clone();
    let confirmed = browser.post(function(&app, "confirm"), &[("password", PASSWORD)]).await;
    assert!(confirmed.status.is_success(), "{}", confirmed.text());
    assert_ne!(browser.cookie, before, "the session has a new id");
    assert!(is_in(&app, &mut browser).await);
    let begun = browser.post(function(&app, "begin_second_factor"), &[]).await;
    assert!(begun.status.is_success(), "{}", begun.text());

    // The secret is shown to who showed themselves a moment ago, and to nobody else.
    let state = browser.post(function(&app, "second_factor"), &[]).await.expect(200);
    assert!(state["begun"]["secret"].is_string());
    app.pass(A_WHILE);
    let state = browser.post(function(&app, "second_factor"), &[]).await.expect(200);
    assert_eq!(state, "off");
}

#[sqlx::test(migrations = false)]
async fn who_has_a_second_factor_shows_both(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut browser = signed_in(&app).await;
    let (_, recovery_codes) = enrol(&app, &mut browser).await;
    app.pass(A_WHILE);
    let late = browser.post(function(&app, "disable_second_factor"), &[]).await;
    assert_eq!(refused(&late, 403).0, "recent_sign_in_required");
    let password_alone = browser.post(function(&app, "confirm"), &[("password", PASSWORD)]).await;
    assert_eq!(refused(&password_alone, 400).1, ["code"]);
    let fields = [("password", PASSWORD), ("code", &recovery_codes[0])];
    let confirmed = browser.post(function(&app, "confirm"), &fields).await;
    assert!(confirmed.status.is_success(), "{}", confirmed.text());
    let disabled = browser.post(function(&app, "disable_second_factor"), &[]).await;
    assert!(disabled.status.is_success(), "{}", disabled.text());
    assert!(is_in(&app, &mut browser).await);
    let told = told(&app).await;
    for event in ["user.recovery_code_used", "user.second_factor_disabled"] {
        assert!(told.contains(&event.to_owned()), "{event}");
    }
}

#[sqlx::test(migrations = false)]
async fn without_script_a_page_asks_and_leads_back(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut browser = signed_in(&app).await;
    app.pass(A_WHILE);
    let from = "/profile/second-step";
    let late = browser.submit(function(&app, "begin_second_factor"), from, &[]).await;
    assert_eq!(late.status.as_u16(), 303);
    assert_eq!(late.header("location"), "/confirm?next=%2Fprofile%2Fsecond-step");
    let page = browser.open(app.call("GET", late.header("location"))).await;
    assert_eq!(page.status.as_u16(), 200);
    assert!(page.text().contains("Confirm that it is you"));
    let fields = [("password", PASSWORD), ("next", from)];
    let confirmed = browser.submit(function(&app, "confirm"), "/confirm", &fields).await;
    assert_eq!(confirmed.header("location"), from);
    let begun = browser.submit(function(&app, "begin_second_factor"), from, &[]).await;
    assert_eq!(begun.header("location"), from);
    let page = browser.open(app.call("GET", from)).await;
    assert!(page.text().contains("<svg"), "the code to scan is there");

    let fields = [("password", PASSWORD), ("next", "//evil.example")];
    let confirmed = browser.submit(function(&app, "confirm"), "/confirm", &fields).await;
    assert_eq!(confirmed.header("location"), "/");
}
