//! Who belongs to an organization, who is invited, and which one a person is in.

mod invitations;
mod members;
mod organizations;
mod races;
mod reach;

use crate::harness::{Answer, TestApp};
use latchkey::domain::{Actor, Clock, Principal, Role, SystemClock, UserId};
use latchkey::service::invitations::NewInvitation;
use secrecy::ExposeSecret;
use serde_json::Value;

const PASSWORD: &str = "correct horse battery staple";

/// A browser with one session, or none yet.
struct Browser<'app> {
    app: &'app TestApp,
    cookie: Option<String>,
}

impl<'app> Browser<'app> {
    /// One without a session.
    fn new(app: &'app TestApp) -> Self {
        Self { app, cookie: None }
    }

    /// One in which the person with this address has signed in.
    async fn of(app: &'app TestApp, email: &str) -> Self {
        let mut browser = Self::new(app);
        let signed_in = browser
            .call("sign_in", &[("email", email), ("password", PASSWORD)])
            .await;
        assert!(signed_in.status.is_success(), "{}", signed_in.text());
        browser
    }

    /// Calls a server function, and keeps the cookie that comes back.
    async fn call(&mut self, function: &str, fields: &[(&str, &str)]) -> Answer {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let mut call = self
            .app
            .call("POST", &format!("/_fn/{function}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        if let Some(cookie) = &self.cookie {
            call = call.header("cookie", cookie);
        }
        let answer = call.send().await;
        if let Some(cookie) = answer
            .header("set-cookie")
            .split(';')
            .next()
            .filter(|cookie| !cookie.is_empty())
        {
            self.cookie = Some(cookie.to_owned());
        }
        answer
    }

    /// The status of a call.
    async fn status(&mut self, function: &str, fields: &[(&str, &str)]) -> u16 {
        self.call(function, fields).await.status.as_u16()
    }

    /// Who the server says is here.
    async fn session(&mut self) -> Value {
        self.call("session", &[]).await.expect(200)
    }
}

/// Somebody new, whom the own organization's owner has invited.
async fn joined<'app>(app: &'app TestApp, email: &str, role: Role) -> Browser<'app> {
    let link = invited(app, email, role).await;
    let mut browser = Browser::new(app);
    let accepted = browser
        .call("accept_invitation", &[("link", &link), ("password", PASSWORD)])
        .await;
    assert!(
        accepted.status.is_success() || accepted.status.is_redirection(),
        "{}",
        accepted.text()
    );
    browser
}

/// The token of an invitation to the own organization.
async fn invited(app: &TestApp, email: &str, role: Role) -> String {
    invited_by(app, &app.own.owner, email, role).await
}

async fn invited_by(app: &TestApp, actor: &Actor, email: &str, role: Role) -> String {
    let new = NewInvitation {
        email: email.to_owned(),
        role,
        invited_by_name: "owner@acme.example".to_owned(),
    };
    // Where a test has let time pass, the owner has shown who they are since.
    let actor = Actor {
        verified_at: Some(SystemClock.now()).max(actor.verified_at),
        ..actor.clone()
    };
    let minted = app.services.invitations.create(&actor, new).await.unwrap();
    let link = minted.link.unwrap().expose_secret().to_owned();
    link.rsplit_once("/invitations/").unwrap().1.to_owned()
}

/// The id of the person with this address.
async fn user_id(app: &TestApp, email: &str) -> String {
    let id: uuid::Uuid = sqlx::query_scalar("select id from users where email = $1")
        .bind(email)
        .fetch_one(&app.database)
        .await
        .unwrap();
    id.to_string()
}

/// That person as an actor of the own organization, in this role, who has just signed in.
async fn actor(app: &TestApp, email: &str, role: Role) -> Actor {
    let user: UserId = user_id(app, email).await.parse().unwrap();
    Actor {
        principal: Principal::User(user),
        scopes: role.scopes(),
        ..app.own.owner.clone()
    }
}

/// The own organization's events of this kind.
async fn events(app: &TestApp, event: &str) -> Vec<Value> {
    sqlx::query_scalar("select details from audit_events where org_id = $1 and event = $2 order by sequence")
        .bind(app.own.owner.org.as_uuid())
        .bind(event)
        .fetch_all(&app.database)
        .await
        .unwrap()
}

/// Everybody of the own organization and their role.
async fn roles(app: &TestApp) -> Vec<String> {
    sqlx::query_scalar(
        "select u.email || ' ' || m.role from memberships m join users u on u.id = m.user_id
         where m.org_id = $1 order by 1",
    )
    .bind(app.own.owner.org.as_uuid())
    .fetch_all(&app.database)
    .await
    .unwrap()
}
