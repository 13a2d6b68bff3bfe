//! Codes besides the password.

use super::{EMAIL, PASSWORD, enrol, function, is_in, refused, signed_in, told, with_password};
use crate::harness::{Browser, TestApp};
use futures::future::join_all;
use serde_json::json;
use sqlx::PgPool;
use std::time::Duration;

#[sqlx::test(migrations = false)]
async fn the_password_alone_lets_nobody_in(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (mut own, mut other) = (signed_in(&app).await, signed_in(&app).await);
    let before = own.cookie.clone();
    let (authenticator, codes) = enrol(&app, &mut own).await;
    assert_eq!(codes.len(), 10);
    assert_ne!(own.cookie, before, "the session has a new id");
    assert!(is_in(&app, &mut own).await);
    assert!(!is_in(&app, &mut other).await, "other sessions showed no code");

    let (mut browser, answer) = with_password(&app, PASSWORD).await;
    assert!(
        answer.status.is_success() || answer.status.is_redirection(),
        "{}",
        answer.text()
    );
    assert!(!is_in(&app, &mut browser).await);
    let page = browser.open(app.call("GET", "/sign-in")).await;
    assert!(page.text().contains("Enter your code"), "{}", page.text());
    let wrong = browser.post(function(&app, "second_step"), &[("code", "000000")]).await;
    assert_eq!(refused(&wrong, 400).1, ["code"]);
    let before = browser.cookie.clone();
    let code = authenticator.code(0);
    let right = browser.post(function(&app, "second_step"), &[("code", &code)]).await;
    assert!(
        right.status.is_success() || right.status.is_redirection(),
        "{}",
        right.text()
    );
    assert_ne!(browser.cookie, before, "the session has a new id");
    assert!(is_in(&app, &mut browser).await);
    assert!(told(&app).await.contains(&"user.second_factor_enabled".to_owned()));
}

#[sqlx::test(migrations = false)]
async fn a_code_is_good_once_on_all_instances_together(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let second = app.second_instance().await;
    let mut own = signed_in(&app).await;
    let (authenticator, _) = enrol(&app, &mut own).await;
    let code = authenticator.code(0);
    let mut browsers = Vec::new();
    for _ in 0..4 {
        let (browser, _) = with_password(&app, PASSWORD).await;
        browsers.push(browser);
    }
    let tries = browsers.iter_mut().enumerate().map(|(number, browser)| {
        let call = if number % 2 == 0 {
            function(&app, "second_step")
        } else {
            second.call("POST", "/_fn/second_step")
        };
        let code = code.clone();
        async move { browser.post(call, &[("code", &code)]).await.status.as_u16() }
    });
    let statuses = join_all(tries).await;
    assert_eq!(
        statuses.iter().filter(|status| **status < 400).count(),
        1,
        "{statuses:?}"
    );
    // Nor does the one before it count any more.
    let (mut browser, _) = with_password(&app, PASSWORD).await;
    let earlier = authenticator.code(-1);
    let late = browser.post(function(&app, "second_step"), &[("code", &earlier)]).await;
    assert_eq!(refused(&late, 400).1, ["code"]);
}

#[sqlx::test(migrations = false)]
async fn a_recovery_code_is_good_once(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let second = app.second_instance().await;
    let mut own = signed_in(&app).await;
    let (_, codes) = enrol(&app, &mut own).await;
    let (mut first, _) = with_password(&app, PASSWORD).await;
    let (mut other, _) = with_password(&app, PASSWORD).await;
    let fields = [("code", codes[0].as_str())];
    let (here, there) = tokio::join!(
        first.post(function(&app, "second_step"), &fields),
        other.post(second.call("POST", "/_fn/second_step"), &fields),
    );
    let winners = [&here, &there]
        .into_iter()
        .filter(|answer| answer.status.as_u16() < 400);
    assert_eq!(winners.count(), 1);
    let state = own.post(function(&app, "second_factor"), &[]).await.expect(200);
    assert_eq!(state["on"]["codes_left"], json!(9));
    assert!(told(&app).await.contains(&"user.recovery_code_used".to_owned()));

    let renewed = own.post(function(&app, "renew_recovery_codes"), &[]).await.expect(200);
    assert_eq!(renewed["codes"].as_array().unwrap().len(), 10);
    let (mut browser, _) = with_password(&app, PASSWORD).await;
    let old = browser
        .post(function(&app, "second_step"), &[("code", &codes[1])])
        .await;
    assert_eq!(refused(&old, 400).1, ["code"], "the codes before stopped working");
}

#[sqlx::test(migrations = false)]
async fn guesses_are_counted_across_instances(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let second = app.second_instance().await;
    let mut own = signed_in(&app).await;
    let (authenticator, _) = enrol(&app, &mut own).await;
    let (mut browser, _) = with_password(&app, PASSWORD).await;
    for number in 0..5 {
        let call = if number % 2 == 0 {
            function(&app, "second_step")
        } else {
            second.call("POST", "/_fn/second_step")
        };
        let wrong = browser.post(call, &[("code", "000000")]).await;
        assert_eq!(wrong.status.as_u16(), 400, "{}", wrong.text());
    }
    // The right one is not even looked at now, wherever it comes.
    let third = app.second_instance().await;
    let code = authenticator.code(0);
    let right = browser
        .post(third.call("POST", "/_fn/second_step"), &[("code", &code)])
        .await;
    assert_eq!(refused(&right, 429).0, "too_many_requests");
}

#[sqlx::test(migrations = false)]
async fn a_code_comes_soon_after_the_password(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut own = signed_in(&app).await;
    let (_, codes) = enrol(&app, &mut own).await;
    let (mut browser, _) = with_password(&app, PASSWORD).await;
    app.pass(Duration::from_mins(11));
    let page = browser.open(app.call("GET", "/sign-in")).await;
    assert!(!page.text().contains("Enter your code"));
    let late = browser
        .post(function(&app, "second_step"), &[("code", &codes[0])])
        .await;
    assert_eq!(refused(&late, 401).0, "signed_out");
    // And never without one.
    let nobody = Browser::default()
        .post(function(&app, "second_step"), &[("code", &codes[0])])
        .await;
    assert_eq!(refused(&nobody, 401).0, "signed_out");
}

#[sqlx::test(migrations = false)]
async fn a_second_factor_is_turned_off_by_who_is_there(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut own = signed_in(&app).await;
    enrol(&app, &mut own).await;
    let again = own.post(function(&app, "begin_second_factor"), &[]).await;
    assert_eq!(refused(&again, 409).0, "conflict", "one that works is not replaced");
    let disabled = own.post(function(&app, "disable_second_factor"), &[]).await;
    assert!(disabled.status.is_success(), "{}", disabled.text());
    assert!(is_in(&app, &mut own).await);
    let (mut browser, _) = with_password(&app, PASSWORD).await;
    assert!(is_in(&app, &mut browser).await);
    let twice = own.post(function(&app, "disable_second_factor"), &[]).await;
    assert_eq!(refused(&twice, 409).0, "conflict");
    let codes = own.post(function(&app, "renew_recovery_codes"), &[]).await;
    assert_eq!(refused(&codes, 409).0, "conflict");
}

#[sqlx::test(migrations = false)]
async fn without_script_codes_are_shown_once(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut browser = signed_in(&app).await;
    let page = "/profile/second-step";
    browser.submit(function(&app, "begin_second_factor"), page, &[]).await;
    let state = browser.post(function(&app, "second_factor"), &[]).await.expect(200);
    let authenticator = super::Authenticator::told(state["begun"]["secret"].as_str().unwrap());
    let wrong = browser
        .submit(function(&app, "confirm_second_factor"), page, &[("code", "12345")])
        .await;
    assert_eq!(wrong.header("location"), "/profile/second-step?error=invalid_input");
    let shown = browser.open(app.call("GET", page)).await;
    assert!(shown.text().contains("This code is not right") && shown.text().contains("<svg"));
    let code = authenticator.code(0);
    let right = browser
        .submit(function(&app, "confirm_second_factor"), page, &[("code", &code)])
        .await;
    assert_eq!(right.header("location"), page);
    let shown = browser.open(app.call("GET", page)).await;
    assert!(
        shown.text().contains("Save these recovery codes now"),
        "{}",
        shown.text()
    );
    let again = browser.open(app.call("GET", page)).await;
    assert!(!again.text().contains("Save these recovery codes now"));
    assert!(again.text().contains("10 recovery codes are left"));

    // The whole way in, too.
    let mut browser = Browser::default();
    let fields = [("email", EMAIL), ("password", PASSWORD)];
    let half = browser.submit(function(&app, "sign_in"), "/sign-in", &fields).await;
    let start = browser.open(app.call("GET", half.header("location"))).await;
    assert_eq!(start.header("location"), "/sign-in");
    let code = authenticator.code(1);
    let whole = browser
        .submit(function(&app, "second_step"), "/sign-in", &[("code", &code)])
        .await;
    assert_eq!(whole.header("location"), "/");
    assert!(is_in(&app, &mut browser).await);
}
