//! A person's own account: what they sign in with, and where they are signed in.

mod mail;
mod password;
mod recover;
mod reset;
mod second_factor;
mod sessions;
mod step_up;

use crate::harness::{Answer, Browser, Call, TestApp};
use latchkey::domain::{Clock, SystemClock};
use serde_json::{Value, json};
use totp_rs::{Builder, Secret, Totp};

const EMAIL: &str = "owner@acme.example";
const PASSWORD: &str = "correct horse battery staple";
const NEW_PASSWORD: &str = "violet anchor mosaic tundra";

fn function(app: &TestApp, name: &str) -> Call {
    app.call("POST", &format!("/_fn/{name}"))
}

/// A browser in which the own organization's owner has shown their password.
async fn with_password(app: &TestApp, password: &str) -> (Browser, Answer) {
    let mut browser = Browser::default();
    let fields = [("email", EMAIL), ("password", password)];
    let answer = browser.post(function(app, "sign_in"), &fields).await;
    (browser, answer)
}

/// The same, signed in.
async fn signed_in(app: &TestApp) -> Browser {
    let (mut browser, answer) = with_password(app, PASSWORD).await;
    assert!(
        answer.status.is_success() || answer.status.is_redirection(),
        "{}",
        answer.text()
    );
    assert!(is_in(app, &mut browser).await);
    browser
}

/// Whether the browser's session is somebody's.
async fn is_in(app: &TestApp, browser: &mut Browser) -> bool {
    let answer = browser.post(function(app, "session"), &[]).await;
    assert!(matches!(answer.status.as_u16(), 200 | 401), "{}", answer.text());
    answer.status.is_success()
}

/// The error of a server function: its code, and the fields that it is about.
#[track_caller]
fn refused(answer: &Answer, status: u16) -> (String, Vec<String>) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    let error: Value = serde_json::from_slice(&answer.body).unwrap();
    let fields = error["fields"].as_array().unwrap().iter();
    let fields = fields
        .map(|field| field["field"].as_str().unwrap().to_owned())
        .collect();
    (error["code"].as_str().unwrap().to_owned(), fields)
}

/// The events of the own organization's audit trail that are about its owner's account.
async fn told(app: &TestApp) -> Vec<String> {
    let owner = app.own.owner.user().unwrap().to_string();
    let events: Vec<String> =
        sqlx::query_scalar("select event from audit_events where org_id = $1 and target_id = $2 order by sequence")
            .bind(app.own.owner.org.as_uuid())
            .bind(owner)
            .fetch_all(&app.database)
            .await
            .unwrap();
    events
}

/// An authenticator app.
struct Authenticator(Totp);

impl Authenticator {
    /// One that was told this secret.
    fn told(secret: &str) -> Self {
        let secret = Secret::try_from_base32(secret.replace(' ', "")).unwrap();
        Self(Builder::new().with_secret(secret).build().unwrap())
    }

    /// The code that it shows so many steps from now.
    fn code(&self, steps: i64) -> String {
        let time = SystemClock.now().unix_timestamp() + 30 * steps;
        self.0.generate(u64::try_from(time).unwrap()).to_string()
    }
}

/// Sets an authenticator up; the codes of the steps before now are spent. Its recovery codes.
async fn enrol(app: &TestApp, browser: &mut Browser) -> (Authenticator, Vec<String>) {
    let begun = browser.post(function(app, "begin_second_factor"), &[]).await;
    assert!(begun.status.is_success(), "{}", begun.text());
    let state = browser.post(function(app, "second_factor"), &[]).await.expect(200);
    let authenticator = Authenticator::told(state["begun"]["secret"].as_str().unwrap());
    let code = authenticator.code(-1);
    let confirmed = browser
        .post(function(app, "confirm_second_factor"), &[("code", &code)])
        .await;
    let codes: Vec<String> = serde_json::from_value(confirmed.expect(200)["codes"].clone()).unwrap();
    let state = browser.post(function(app, "second_factor"), &[]).await.expect(200);
    assert_eq!(state["on"]["codes_left"], json!(10));
    (authenticator, codes)
}
