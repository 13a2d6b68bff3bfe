//! Tokens: what they can be given, how long they live, and one taking over from another.

mod constraints;
mod expiring;
mod races;
mod rotating;
mod scanners;
mod scopes;
mod stopping;

use crate::harness::{Browser, TestApp};
use latchkey::domain::{Actor, Overlap, Principal, Scopes, TokenId};
use latchkey::service::ServiceError;
use latchkey::service::projects::ProjectRef;
use latchkey::service::tokens::{MintedToken, NewToken, RotateToken, RotatedToken, Token};
use secrecy::ExposeSecret;
use serde_json::Value;

const KEYS: &str = "/api/v1/projects/main/byok-keys";

fn owner(app: &TestApp) -> &Actor {
    &app.own.owner
}

fn project(app: &TestApp) -> ProjectRef {
    ProjectRef::Id(app.own.project.id)
}

/// Makes a token of the own project with these scopes and this life.
async fn make(app: &TestApp, scopes: &[&str], expires_days: u32) -> MintedToken {
    make_for(app, Some(&project(app)), scopes, expires_days).await
}

/// The same of the whole organization where there is no project.
async fn make_for(app: &TestApp, project: Option<&ProjectRef>, scopes: &[&str], expires_days: u32) -> MintedToken {
    let new = NewToken {
        name: "Nightly deploy".to_owned(),
        scopes: Scopes::parse(scopes).unwrap(),
        expires_days,
        whole_organization: project.is_none(),
        created_by_name: "owner".to_owned(),
    };
    app.services.tokens.create(owner(app), project, new).await.unwrap()
}

async fn rotate(app: &TestApp, token: TokenId, overlap: Overlap) -> Result<RotatedToken, ServiceError> {
    rotate_as(app, owner(app), token, overlap).await
}

async fn rotate_as(
    app: &TestApp,
    actor: &Actor,
    token: TokenId,
    overlap: Overlap,
) -> Result<RotatedToken, ServiceError> {
    let rotate = RotateToken {
        overlap,
        rotated_by_name: "rotator".to_owned(),
    };
    app.services
        .tokens
        .rotate(actor, Some(&project(app)), token, rotate)
        .await
}

/// Who calls with this token.
fn bearer_of(app: &TestApp, token: &Token) -> Actor {
    Actor {
        org: owner(app).org,
        principal: Principal::Token(token.id),
        scopes: token.scopes.clone(),
        project: token.project,
        verified_at: None,
        request: owner(app).request,
    }
}

fn text(minted: &MintedToken) -> &str {
    minted.text.expose_secret()
}

async fn look_at(app: &TestApp, token: TokenId) -> Token {
    app.services.tokens.get(owner(app), token).await.unwrap()
}

/// Whether the keys are shown to whoever presents this.
async fn works(app: &TestApp, text: &str) -> bool {
    let answer = app.call("GET", KEYS).bearer(text).send().await;
    match answer.status.as_u16() {
        200 => true,
        401 => false,
        status => panic!("{status}: {}", answer.text()),
    }
}

/// The details of the events of this name, the oldest first.
async fn told(app: &TestApp, event: &str) -> Vec<(String, Value)> {
    let events = app.services.audit.list(owner(app), 0, 10_000).await.unwrap();
    let those = events.into_iter().filter(|told| told.event == event);
    those.map(|told| (told.target_id, told.details)).collect()
}

/// A browser in which the own organization's owner has signed in.
pub(crate) async fn browser(app: &TestApp) -> Browser {
    let mut browser = Browser::default();
    let fields = [
        ("email", "owner@acme.example"),
        ("password", "correct horse battery staple"),
    ];
    let signed_in = browser.post(app.call("POST", "/_fn/sign_in"), &fields).await;
    assert!(signed_in.status.is_success(), "{}", signed_in.text());
    browser
}
