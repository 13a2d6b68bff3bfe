//! The canary scan of a person's own account: links to choose a new password, an authenticator's secret, recovery codes,
//! passwords, and the mail server's own.

use super::canary::{everything, random_letters, tables};
use super::capture::Log;
use super::scan::{Canary, Seen, hits};
use crate::harness::{Answer, Browser, Call, SMTP_PASSWORD, Setup, SmtpServer, TestApp};
use crate::jobs::QUICK;
use latchkey::domain::{Clock, SystemClock};
use latchkey::jobs;
use sqlx::PgPool;
use std::time::Duration;
use totp_rs::{Builder, Secret};

const EMAIL: &str = "owner@acme.example";
const OLD_PASSWORD: &str = "correct horse battery staple";
const LINK: &str = "http://127.0.0.1:3000/reset-password?link=";
const PAGES: [&str; 6] = [
    "/",
    "/sign-in",
    "/forgot-password",
    "/confirm?next=%2Fprofile",
    "/profile",
    "/profile/second-step",
];

struct Scan<'app> {
    app: &'app TestApp,
    browser: Browser,
    seen: Seen,
}

impl Scan<'_> {
    fn function(&self, name: &str) -> Call {
        self.app.call("POST", &format!("/_fn/{name}"))
    }

    /// Sends a form and looks at the answer.
    async fn post(&mut self, name: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.show(name, fields).await;
        self.seen.push((name.to_owned(), bytes(&answer)));
        answer
    }

    /// Sends a form whose answer shows a secret to its own person.
    async fn show(&mut self, name: &str, fields: &[(&str, &str)]) -> Answer {
        let call = self.function(name);
        self.browser.post(call, fields).await
    }

    /// Sends a form as a browser without script does, and looks at the answer.
    async fn submit(&mut self, name: &str, from: &str, fields: &[(&str, &str)]) -> Answer {
        let call = self.function(name);
        let answer = self.browser.submit(call, from, fields).await;
        self.seen.push((format!("{name} without script"), bytes(&answer)));
        answer
    }

    async fn pages(&mut self) {
        for page in PAGES {
            let answer = self.browser.open(self.app.call("GET", page)).await;
            self.seen.push((page.to_owned(), bytes(&answer)));
        }
    }
}

/// Without the cookie, which its own person gets.
fn bytes(answer: &Answer) -> Vec<u8> {
    let mut bare = Answer {
        status: answer.status,
        headers: answer.headers.clone(),
        body: answer.body.clone(),
    };
    bare.headers.remove("set-cookie");
    everything(&bare)
}

#[sqlx::test(migrations = false)]
async fn nothing_that_somebody_signs_in_with_turns_up_anywhere(pool: PgPool) {
    let log = Log::capture();
    let server = SmtpServer::start().await;
    let setup = Setup {
        smtp: Some(server.url()),
        ..Setup::default()
    };
    let app = TestApp::start_with(pool, setup).await;
    let jobs = jobs::start(app.services.clone(), QUICK).await.unwrap();
    let mut scan = Scan {
        app: &app,
        browser: Browser::default(),
        seen: Seen::new(),
    };

    // The mail server takes nothing at first, so that failures are looked at too.
    server.set_full(true);
    scan.post("ask_for_reset", &[("email", EMAIL)]).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    server.set_full(false);
    let mail = server.next().await;
    let link = mail.link(LINK)[LINK.len()..].to_owned();
    let new = format!("canary {} {}", random_letters(12), random_letters(12));
    let from = format!("/reset-password?link={link}");
    let page = scan.browser.open(app.call("GET", &from)).await;
    assert!(page.text().contains("Choose a new password"));
    scan.post("reset_link", &[("link", &link)]).await;
    scan.post("reset_password", &[("link", &link), ("password", "short")])
        .await;
    scan.submit(
        "reset_password",
        "/forgot-password",
        &[("link", &link), ("password", "short")],
    )
    .await;
    scan.post("reset_password", &[("link", &link), ("password", &new)])
        .await;
    scan.post("reset_password", &[("link", &link), ("password", &new)])
        .await;
    scan.post("sign_in", &[("email", EMAIL), ("password", OLD_PASSWORD)])
        .await;
    scan.post("sign_in", &[("email", EMAIL), ("password", &new)]).await;

    let newer = format!("canary {} {}", random_letters(12), random_letters(12));
    let wrong = [("current_password", newer.as_str()), ("password", &newer)];
    scan.post("change_password", &wrong).await;
    scan.submit("change_password", "/profile", &wrong).await;
    let right = [("current_password", new.as_str()), ("password", &newer)];
    let changed = scan.submit("change_password", "/profile", &right).await;
    assert_eq!(changed.header("location"), "/profile", "{}", changed.text());

    scan.post("begin_second_factor", &[]).await;
    let state = scan.show("second_factor", &[]).await.expect(200);
    let secret = state["begun"]["secret"].as_str().unwrap().replace(' ', "");
    let totp = Builder::new()
        .with_secret(Secret::try_from_base32(&secret).unwrap())
        .build()
        .unwrap();
    let now = u64::try_from(SystemClock.now().unix_timestamp()).unwrap();
    scan.post("confirm_second_factor", &[("code", "000000")]).await;
    let code = totp.generate(now).to_string();
    let confirmed = scan.show("confirm_second_factor", &[("code", &code)]).await.expect(200);
    let mut recovery_codes: Vec<String> = serde_json::from_value(confirmed["codes"].clone()).unwrap();
    scan.pages().await;
    // Without script new codes wait in the session for the page that shows them.
    let renewed = scan.submit("renew_recovery_codes", "/profile/second-step", &[]).await;
    assert_eq!(renewed.header("location"), "/profile/second-step");
    scan.seen.extend(tables(&app.database).await);
    let shown = scan.browser.open(app.call("GET", "/profile/second-step")).await;
    let fresh = codes_in(&shown.text());
    assert_eq!(fresh.len(), 10);
    recovery_codes.extend(fresh.clone());
    scan.pages().await;
    scan.post("sign_out", &[]).await;
    scan.post("sign_in", &[("email", EMAIL), ("password", &newer)]).await;
    scan.pages().await;
    scan.post("second_step", &[("code", &recovery_codes[0])]).await;
    scan.submit("second_step", "/sign-in", &[("code", &recovery_codes[0])])
        .await;
    scan.post("second_step", &[("code", &fresh[0])]).await;
    let confirm = [("password", newer.as_str()), ("code", fresh[0].as_str())];
    scan.post("confirm", &confirm).await;
    scan.submit("confirm", "/confirm?next=%2Fprofile", &confirm).await;
    scan.pages().await;
    jobs.stop(Duration::from_secs(5)).await;

    let mut seen = scan.seen;
    seen.push(("log".to_owned(), log.bytes()));
    seen.extend(tables(&app.database).await);
    let canaries = [
        (new, 0),
        (newer, 0),
        (secret, 0),
        (SMTP_PASSWORD.to_owned(), 0),
        (link.clone(), link.len() - 40 - 9),
    ];
    let canaries = canaries.map(|(text, prefix)| Canary { text, prefix });
    let found = hits(&canaries, &seen);
    assert!(found.is_empty(), "secrets turned up:\n{}", found.join("\n"));
    for code in recovery_codes {
        let bare = code.replace('-', "");
        for (place, bytes) in &seen {
            let text = String::from_utf8_lossy(bytes);
            assert!(
                !text.contains(&code) && !text.contains(&bare),
                "a recovery code turned up in {place}"
            );
        }
    }
    assert!(log.bytes().len() > 10_000, "the log is looked at");
}

/// The recovery codes that a page shows.
fn codes_in(page: &str) -> Vec<String> {
    let is_code = |text: &&str| {
        text.len() == 11
            && text
                .chars()
                .all(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-')
    };
    let list = page.split("<ul class=\"recovery-codes\">").nth(1).unwrap_or_default();
    let list = list.split("</ul>").next().unwrap_or_default();
    list.split(['<', '>']).filter(is_code).map(str::to_owned).collect()
}
