//! Roles × everything that can be called: whoever is signed in may do what the table of roles says, and no more.

use super::subjects::{Body, Needs, Subject, prepare, subjects};
use crate::harness::{Answer, TestApp};
use latchkey::domain::Role;
use latchkey::service::accounts::NewMember;
use secrecy::SecretString;
use sqlx::PgPool;
use std::fmt::Write;

const PASSWORD: &str = "correct horse battery staple";

#[sqlx::test(migrations = false)]
async fn each_role_may_do_what_the_table_of_roles_says(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let things = prepare(&app).await;
    let subjects = subjects(&things);
    let asked: Vec<_> = subjects
        .iter()
        .filter(|subject| matches!(subject.needs, Needs::Scope(_)))
        .collect();
    let mut table = format!("{:<62}", "");
    for role in Role::EVERY {
        write!(table, " {role:<6}").unwrap();
    }
    // The weakest first: what the mighty do takes things away.
    let mut columns = Vec::new();
    for role in Role::EVERY.iter().rev() {
        let cookie = sign_in(&app, *role).await;
        let mut column = Vec::new();
        for subject in &asked {
            let Needs::Scope(scope) = subject.needs else { continue };
            let answer = send(&app, subject, &cookie).await;
            let may = role.scopes().permit(scope);
            let status = answer.status.as_u16();
            assert_ne!(status, 401, "{role}: {}", subject.name);
            assert_eq!(status != 403, may, "{role}: {}: {}", subject.name, answer.text());
            column.push(may);
        }
        columns.insert(0, column);
    }
    for (at, subject) in asked.iter().enumerate() {
        write!(table, "\n{:<62}", subject.name).unwrap();
        for column in &columns {
            write!(table, " {:<6}", if column[at] { "yes" } else { "-" }).unwrap();
        }
    }
    let table: Vec<_> = table.lines().map(str::trim_end).collect();
    insta::assert_snapshot!(table.join("\n"));
}

/// The cookie of somebody new in this role.
async fn sign_in(app: &TestApp, role: Role) -> String {
    let email = format!("{role}@roles.example");
    let member = NewMember {
        organization: "Acme".to_owned(),
        email: email.clone(),
        password: SecretString::from(PASSWORD),
        role,
        is_operator: false,
    };
    let request = app.own.owner.request;
    app.services.accounts.create_member(member, request).await.unwrap();
    let form = format!("email={email}&password={}", PASSWORD.replace(' ', "+"));
    let answer = app
        .call("POST", "/_fn/sign_in")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await;
    let cookie = answer.header("set-cookie").split(';').next().unwrap();
    assert!(cookie.starts_with("__Host-latchkey="), "{}", answer.text());
    cookie.to_owned()
}

async fn send(app: &TestApp, subject: &Subject, cookie: &str) -> Answer {
    let call = app.call(&subject.method, &subject.path).header("cookie", cookie);
    let call = match &subject.body {
        Body::None => call,
        Body::Json(body) => call.json(body.clone()),
        Body::Form(form) => call
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.clone()),
    };
    call.send().await
}
