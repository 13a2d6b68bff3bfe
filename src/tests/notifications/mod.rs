//! What people are told of: in the dashboard, by mail, by webhook.

mod choosing;
mod delivering;
mod due;
mod fallbacks;
mod folding;
mod mailing;
mod overview;
mod seconds;
mod telling;
mod webhooks;

use crate::harness::{Setup, SmtpServer, TestApp};
use crate::jobs::{QUICK, bring};
use latchkey::domain::{Actor, NotificationKind, ProviderKey, Role};
use latchkey::jobs::{self, JobsHandle};
use latchkey::sandbox::{Behaviour, ReceivedMessage, Sandbox};
use latchkey::service::accounts::NewMember;
use latchkey::service::keys::{Depth, KeySelector};
use latchkey::service::notifications::Told;
use latchkey::service::projects::ProjectRef;
use latchkey::service::webhooks::{MadeSecret, WebhookSpec};
use secrecy::SecretString;
use serde_json::Value;
use sqlx::PgPool;

/// A deployment that sends mail.
async fn mailing(pool: PgPool) -> (TestApp, SmtpServer) {
    let server = SmtpServer::start().await;
    let setup = Setup {
        smtp: Some(server.url()),
        ..Setup::default()
    };
    (TestApp::start_with(pool, setup).await, server)
}

/// Works jobs off.
async fn working(app: &TestApp) -> JobsHandle {
    jobs::start(app.services.clone(), QUICK).await.unwrap()
}

/// A key of OpenAI's that works, until it is revoked there and somebody looks.
async fn revoked(app: &TestApp) -> ProviderKey {
    let key = bring(app, "openai", Behaviour::Valid).await;
    app.sandbox.revoke(&Sandbox::key("openai", Behaviour::Valid));
    look(app, &key).await;
    key
}

/// Somebody tests a key.
async fn look(app: &TestApp, key: &ProviderKey) -> ProviderKey {
    let project = ProjectRef::Id(key.project);
    let (keys, selector) = (&app.services.keys, KeySelector::Id(key.id));
    let tested = keys.test(&app.own.owner, &project, &selector, Depth::Listed);
    tested.await.unwrap()
}

async fn told(app: &TestApp, actor: &Actor) -> Vec<Told> {
    app.services.notifications.list(actor, None, 100).await.unwrap()
}

/// The titles of what the owner is told of, the newest first.
async fn titles(app: &TestApp) -> Vec<String> {
    let told = told(app, &app.own.owner).await;
    told.into_iter().map(|told| told.words.title).collect()
}

/// Somebody else of the own organization.
async fn member(app: &TestApp, email: &str, role: Role) -> Actor {
    let member = NewMember {
        organization: "Acme".to_owned(),
        email: email.to_owned(),
        password: SecretString::from("correct horse battery staple"),
        role,
        is_operator: false,
    };
    let request = app.own.owner.request;
    let added = app.services.accounts.create_member(member, request).await.unwrap();
    Actor {
        principal: latchkey::domain::Principal::User(added.user),
        scopes: role.scopes(),
        ..app.own.owner.clone()
    }
}

/// A webhook that is received in an inbox of the sandbox, and told of all but who comes and goes.
pub(crate) async fn hook(app: &TestApp, inbox: &str) -> MadeSecret {
    let kinds = NotificationKind::EVERY.iter().copied();
    let spec = WebhookSpec {
        url: app.sandbox.inbox_address(inbox),
        description: String::new(),
        kinds: kinds.filter(|kind| *kind != NotificationKind::MembersChanged).collect(),
    };
    let made = app.services.webhooks.create(&app.own.owner, spec, "owner".to_owned());
    made.await.unwrap()
}

fn types(messages: &[ReceivedMessage]) -> Vec<String> {
    let read = |message: &ReceivedMessage| serde_json::from_str::<Value>(&message.body).unwrap();
    let types = messages
        .iter()
        .map(|message| read(message)["type"].as_str().unwrap().to_owned());
    types.collect()
}
