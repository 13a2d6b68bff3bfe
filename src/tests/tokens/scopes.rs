//! What the page gives away: every scope there is, and never more than the maker holds.

use super::{browser, make, make_for, owner, rotate, text};
use crate::harness::{Browser, TestApp};
use latchkey::domain::{Overlap, Role, Scope};
use latchkey::service::accounts::NewMember;
use secrecy::SecretString;
use serde_json::{Value, json};
use sqlx::PgPool;

async fn page(app: &TestApp, browser: &mut Browser) -> Value {
    let fields = [("project", "main")];
    browser.post(app.call("POST", "/_fn/tokens"), &fields).await.expect(200)
}

fn names(page: &Value) -> Vec<&str> {
    let scopes = page["scopes"].as_array().unwrap();
    scopes.iter().map(|scope| scope["name"].as_str().unwrap()).collect()
}

#[sqlx::test(migrations = false)]
async fn every_scope_can_be_given_alone(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let mut browser = browser(&app).await;
    let offered = page(&app, &mut browser).await;
    let every: Vec<_> = Scope::EVERY.iter().map(|scope| scope.as_str()).collect();
    assert_eq!(names(&offered), every);
    for scope in every {
        let fields = [
            ("project", "main"),
            ("name", scope),
            ("scopes[]", scope),
            ("expires_days", "7"),
        ];
        let made = browser
            .post(app.call("POST", "/_fn/create_token"), &fields)
            .await
            .expect(200);
        let listed = page(&app, &mut browser).await;
        let token = &listed["tokens"][0];
        assert_eq!((&token["name"], &token["scopes"]), (&json!(scope), &json!([scope])));
        assert!(
            made["token"]
                .as_str()
                .unwrap()
                .starts_with(token["prefix"].as_str().unwrap())
        );
        assert_eq!(token["created_by"], "owner@acme.example");
    }
}

#[sqlx::test(migrations = false)]
async fn an_admin_is_offered_all_but_the_star_and_does_not_rotate_it(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let member = NewMember {
        organization: "Acme".to_owned(),
        email: "admin@acme.example".to_owned(),
        password: SecretString::from("correct horse battery staple"),
        role: Role::Admin,
        is_operator: false,
    };
    app.services
        .accounts
        .create_member(member, owner(&app).request)
        .await
        .unwrap();
    let star = make(&app, &["*"], 0).await.token.id.to_string();
    let plain = make(&app, &["use:gateway"], 0).await.token.id.to_string();
    let mut admin = Browser::default();
    let fields = [
        ("email", "admin@acme.example"),
        ("password", "correct horse battery staple"),
    ];
    admin.post(app.call("POST", "/_fn/sign_in"), &fields).await;
    let shown = page(&app, &mut admin).await;
    let offered: Vec<_> = Scope::EVERY
        .iter()
        .map(|scope| scope.as_str())
        .filter(|name| *name != "*")
        .collect();
    assert_eq!(names(&shown), offered);
    let may_rotate = |id: &str| {
        let tokens = shown["tokens"].as_array().unwrap();
        tokens.iter().find(|token| token["id"] == id).unwrap()["can_rotate"].clone()
    };
    assert_eq!((may_rotate(&star), may_rotate(&plain)), (json!(false), json!(true)));
    let fields = [("project", "main"), ("token_id", star.as_str())];
    let refused = admin.post(app.call("POST", "/_fn/rotate_token"), &fields).await;
    assert_eq!(refused.expect(403)["code"], "insufficient_scope");
    let fields = [("project", "main"), ("name", "x"), ("scopes[]", "*")];
    admin
        .post(app.call("POST", "/_fn/create_token"), &fields)
        .await
        .expect(403);
}

/// A token of one project reaches no further by way of another, made or rotated.
#[sqlx::test(migrations = false)]
async fn a_token_of_one_project_makes_and_rotates_none_of_the_whole_organization(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let local = make(&app, &["*"], 0).await;
    let whole = make_for(&app, None, &["read:byok"], 0).await;
    let function = |name: &str, form: String| {
        app.call("POST", &format!("/_fn/{name}"))
            .bearer(text(&local))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
    };
    let made = function(
        "create_token",
        "project=main&name=x&scopes[]=read:byok&whole_organization=true".to_owned(),
    );
    assert_eq!(
        made.send().await.expect(400)["fields"][0]["field"],
        "whole_organization"
    );
    let form = format!("project=main&token_id={}", whole.token.id);
    function("rotate_token", form.clone()).send().await.expect(404);
    function("revoke_token", form).send().await.expect(404);
    let rotated = rotate(&app, whole.token.id, Overlap::Day).await.unwrap();
    let form = format!("project=main&token_id={}", rotated.replaced.id);
    function("end_token_overlap", form).send().await.expect(404);
    assert_eq!(
        rotated.minted.token.project, None,
        "who reaches it all rotates it for all"
    );
}
