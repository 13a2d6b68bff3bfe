//! A new password by mail.

use super::{EMAIL, NEW_PASSWORD, PASSWORD, enrol, function, is_in, refused, signed_in, told, with_password};
use crate::harness::{Answer, Browser, Setup, SmtpServer, TestApp};
use crate::jobs::QUICK;
use latchkey::jobs::{self, JobsHandle};
use serde_json::json;
use sqlx::PgPool;
use std::time::{Duration, Instant};

const LINK: &str = "http://127.0.0.1:3000/reset-password?link=";

/// A deployment that sends mail and does jobs.
async fn start(pool: PgPool, server: &SmtpServer) -> (TestApp, JobsHandle) {
    let setup = Setup {
        smtp: Some(server.url()),
        ..Setup::default()
    };
    let app = TestApp::start_with(pool, setup).await;
    let jobs = jobs::start(app.services.clone(), QUICK).await.unwrap();
    (app, jobs)
}

async fn ask(app: &TestApp, email: &str) -> Answer {
    Browser::default()
        .post(function(app, "ask_for_reset"), &[("email", email)])
        .await
}

/// The token in the next mail's link.
async fn mailed_token(server: &SmtpServer) -> String {
    let mail = server.next().await;
    assert_eq!(mail.to, EMAIL);
    mail.link(LINK)[LINK.len()..].to_owned()
}

async fn reset(app: &TestApp, link: &str, password: &str) -> Answer {
    let fields = [("link", link), ("password", password)];
    Browser::default().post(function(app, "reset_password"), &fields).await
}

fn is_done(answer: &Answer) -> bool {
    answer.status.is_success() || answer.status.is_redirection()
}

#[sqlx::test(migrations = false)]
async fn a_mailed_link_sets_a_new_password_once(pool: PgPool) {
    let server = SmtpServer::start().await;
    let (app, _jobs) = start(pool, &server).await;
    let mut before = signed_in(&app).await;
    assert!(is_done(&ask(&app, "  Owner@ACME.example ").await));
    let link = mailed_token(&server).await;
    let known = Browser::default()
        .post(function(&app, "reset_link"), &[("link", &link)])
        .await;
    assert_eq!(known.expect(200)["email"], EMAIL);
    let weak = reset(&app, &link, "short").await;
    assert_eq!(refused(&weak, 400).1, ["password"]);
    assert!(is_in(&app, &mut before).await, "nothing happened yet");

    let (first, second) = tokio::join!(reset(&app, &link, NEW_PASSWORD), reset(&app, &link, NEW_PASSWORD));
    assert_eq!(
        [&first, &second].into_iter().filter(|answer| is_done(answer)).count(),
        1
    );
    let lost = if is_done(&first) { second } else { first };
    assert_eq!(refused(&lost, 400).1, ["link"]);
    assert!(!is_in(&app, &mut before).await, "every session ended");
    let (_, old) = with_password(&app, PASSWORD).await;
    assert_eq!(refused(&old, 401).0, "invalid_credentials");
    let (mut new, _) = with_password(&app, NEW_PASSWORD).await;
    assert!(is_in(&app, &mut new).await);
    let gone = Browser::default()
        .post(function(&app, "reset_link"), &[("link", &link)])
        .await;
    assert_eq!(gone.expect(200)["email"], json!(null));
    assert!(told(&app).await.contains(&"user.password_reset".to_owned()));
}

#[sqlx::test(migrations = false)]
async fn nothing_tells_who_has_an_account(pool: PgPool) {
    let server = SmtpServer::start().await;
    let (app, jobs) = start(pool, &server).await;
    let mut answers = Vec::new();
    let mut times = Vec::new();
    for email in ["nobody@acme.example", EMAIL] {
        let began = Instant::now();
        let answer = ask(&app, email).await;
        times.push(began.elapsed());
        let mut headers = answer.headers.clone();
        headers.remove("x-request-id");
        answers.push((answer.status, format!("{headers:?}"), answer.body));
    }
    assert_eq!(answers[0], answers[1]);
    // Whoever mails is not waited for: both add one job.
    assert!(times.iter().all(|time| *time < Duration::from_secs(2)), "{times:?}");
    assert_eq!(server.next().await.to, EMAIL);
    jobs.stop(Duration::from_secs(5)).await;
    assert!(server.is_empty().await, "nobody else was written to");
    let wrong = ask(&app, "no address").await;
    assert_eq!(refused(&wrong, 400).1, ["email"]);
}

#[sqlx::test(migrations = false)]
async fn nobodys_mailbox_is_filled(pool: PgPool) {
    let server = SmtpServer::start().await;
    let (app, _jobs) = start(pool, &server).await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(ask(&app, EMAIL).await.status.as_u16());
    }
    assert!(
        statuses[..3].iter().all(|status| *status < 400) && statuses[3] == 429,
        "{statuses:?}"
    );
    let unknown = ask(&app, "nobody@acme.example").await;
    assert!(is_done(&unknown), "each address is counted for itself");
    for _ in 0..3 {
        ask(&app, "nobody@acme.example").await;
    }
    assert_eq!(
        refused(&ask(&app, "nobody@acme.example").await, 429).0,
        "too_many_requests"
    );
}

#[sqlx::test(migrations = false)]
async fn a_link_lasts_an_hour(pool: PgPool) {
    let server = SmtpServer::start().await;
    let (app, _jobs) = start(pool, &server).await;
    ask(&app, EMAIL).await;
    let link = mailed_token(&server).await;
    app.pass(Duration::from_mins(61));
    assert_eq!(refused(&reset(&app, &link, NEW_PASSWORD).await, 400).1, ["link"]);
    for nonsense in ["", "nonsense", &link.replace("lk_reset_", "lk_setup_")] {
        assert_eq!(refused(&reset(&app, nonsense, NEW_PASSWORD).await, 400).1, ["link"]);
    }
}

#[sqlx::test(migrations = false)]
async fn a_mailbox_is_no_second_factor(pool: PgPool) {
    let server = SmtpServer::start().await;
    let (app, _jobs) = start(pool, &server).await;
    let mut own = signed_in(&app).await;
    let (authenticator, _) = enrol(&app, &mut own).await;
    // Half a sign-in from before the reset leads nowhere after it.
    let (mut half, _) = with_password(&app, PASSWORD).await;
    ask(&app, EMAIL).await;
    let link = mailed_token(&server).await;
    assert!(is_done(&reset(&app, &link, NEW_PASSWORD).await));
    let code = authenticator.code(0);
    let late = half.post(function(&app, "second_step"), &[("code", &code)]).await;
    assert_eq!(refused(&late, 401).0, "signed_out");
    let (mut browser, _) = with_password(&app, NEW_PASSWORD).await;
    assert!(!is_in(&app, &mut browser).await);
    let right = browser.post(function(&app, "second_step"), &[("code", &code)]).await;
    assert!(is_done(&right), "{}", right.text());
    assert!(is_in(&app, &mut browser).await);
}

#[sqlx::test(migrations = false)]
async fn a_mail_server_that_is_full_is_tried_again(pool: PgPool) {
    let server = SmtpServer::start().await;
    let (app, _jobs) = start(pool, &server).await;
    server.set_full(true);
    assert!(is_done(&ask(&app, EMAIL).await), "nobody is told");
    let failed = "select count(*) from graphile_worker._private_jobs where attempts > 0 and last_error is not null";
    let began = Instant::now();
    while sqlx::query_scalar::<_, i64>(failed)
        .fetch_one(&app.database)
        .await
        .unwrap()
        == 0
    {
        assert!(began.elapsed() < Duration::from_secs(20), "the job fails");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.set_full(false);
    let link = mailed_token(&server).await;
    assert!(is_done(&reset(&app, &link, NEW_PASSWORD).await));
}

#[sqlx::test(migrations = false)]
async fn where_no_mail_is_sent_that_is_said(pool: PgPool) {
    let app = TestApp::start(pool).await;
    assert_eq!(refused(&ask(&app, EMAIL).await, 409).0, "conflict");
    let page = Browser::default().open(app.call("GET", "/forgot-password")).await;
    assert!(page.text().contains("This Latchkey sends no mail"));
}

#[sqlx::test(migrations = false)]
async fn without_script_the_whole_way_is_led(pool: PgPool) {
    let server = SmtpServer::start().await;
    let (app, _jobs) = start(pool, &server).await;
    let mut browser = Browser::default();
    let asked = browser
        .submit(function(&app, "ask_for_reset"), "/forgot-password", &[("email", EMAIL)])
        .await;
    let page = browser.open(app.call("GET", asked.header("location"))).await;
    assert!(page.text().contains("Look into your mailbox"), "{}", page.text());
    let link = mailed_token(&server).await;
    let address = format!("/reset-password?link={link}");
    let page = browser.open(app.call("GET", &address)).await;
    assert!(
        page.text().contains("Choose a new password") && page.text().contains(EMAIL),
        "{} {}",
        page.status,
        page.text()
    );
    let fields = [("link", link.as_str()), ("password", "short")];
    let weak = browser
        .submit(function(&app, "reset_password"), &address, &fields)
        .await;
    let page = browser.open(app.call("GET", weak.header("location"))).await;
    assert!(page.text().contains("Use at least 12 characters"), "{}", page.text());
    let fields = [("link", link.as_str()), ("password", NEW_PASSWORD)];
    let done = browser
        .submit(function(&app, "reset_password"), &address, &fields)
        .await;
    let page = browser.open(app.call("GET", done.header("location"))).await;
    assert!(page.text().contains("Your new password is set"), "{}", page.text());
    let page = browser.open(app.call("GET", &address)).await;
    assert!(page.text().contains("This link does not work"), "{}", page.text());
}
