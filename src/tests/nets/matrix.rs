//! The authorization matrix, made from the router itself: every REST operation and every server
//! function × who calls. One that stands in neither list fails.

use super::functions::FUNCTIONS;
use super::subjects::{Body, Needs, Subject, prepare, subjects};
use crate::harness::{Answer, Call, TestApp};
use latchkey::domain::Scope;
use serde_json::json;
use sqlx::PgPool;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Duration;

#[sqlx::test(migrations = false)]
async fn nobody_gets_more_than_their_credential_gives(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let things = prepare(&app).await;
    let subjects = subjects(&things);
    let mut table = String::new();
    for (caller, token) in callers(&app).await {
        for subject in &subjects {
            let answer = send(app.call(&subject.method, &subject.path), subject, token.as_deref()).await;
            let status = answer.status.as_u16();
            assert_eq!(
                status,
                expected(subject, caller, &answer),
                "{caller}: {}: {}",
                subject.name,
                answer.text()
            );
            let learned = status >= 400 && answer.text().contains(&things.project);
            assert!(!learned, "{caller} learned an id from {}", subject.name);
        }
    }
    for subject in &subjects {
        let needs = match subject.needs {
            Needs::Nothing => "nothing",
            Needs::Credential => "a credential",
            Needs::Person => "a person",
            Needs::Scope(scope) | Needs::ScopeOfToken(scope) => scope.as_str(),
        };
        writeln!(table, "{:<62} {needs}", subject.name).unwrap();
    }
    insta::assert_snapshot!(table);
    for subject in &subjects {
        let token = app.token(&["*"]).await;
        let status = send(app.call(&subject.method, &subject.path), subject, Some(&token))
            .await
            .status
            .as_u16();
        let open = matches!(subject.needs, Needs::Nothing | Needs::Person);
        let refused = !open && [401, 403, 404].contains(&status);
        assert!(
            !refused,
            "the owner of everything gets {status} from {}: the call proves nothing",
            subject.name
        );
    }
}

#[sqlx::test(migrations = false)]
async fn row_level_security_alone_keeps_organizations_apart(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let things = prepare(&app).await;
    let before = contents(&app).await;
    let open = app.filtering_as(&app.own).await;
    let token = app.foreign_token().await;
    for subject in subjects(&things)
        .iter()
        .filter(|subject| subject.in_project || subject.names_thing)
    {
        let answer = send(open.call(&subject.method, &subject.path), subject, Some(&token)).await;
        assert!(!answer.status.is_success(), "{}: {}", subject.name, answer.text());
        assert!(
            !answer.text().contains("sandbox"),
            "{}: {}",
            subject.name,
            answer.text()
        );
    }
    assert_eq!(contents(&app).await, before, "another organization's rows were changed");
    // And the filters were really off: the store looked for the own organization's rows.
    let own = app.token(&["*"]).await;
    let seen = open
        .call("GET", "/api/v1/projects/main/byok-keys")
        .bearer(&own)
        .send()
        .await;
    let seen = seen.expect(200);
    let providers: Vec<_> = seen["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| &key["provider"])
        .collect();
    assert!(providers.iter().any(|provider| **provider == "openai"), "{seen}");
}

#[test]
fn every_server_function_is_in_the_matrix() {
    let listed: BTreeSet<_> = FUNCTIONS.iter().map(|(name, ..)| format!("/_fn/{name}")).collect();
    let registered: BTreeSet<_> = leptos::server_fn::axum::server_fn_paths()
        .map(|(path, _)| path.to_owned())
        .collect();
    assert_eq!(registered, listed);
    for (path, method) in leptos::server_fn::axum::server_fn_paths() {
        assert_eq!(
            method,
            axum::http::Method::POST,
            "{path} could be called by a link on another site"
        );
    }
}

/// What a caller must get.
fn expected(subject: &Subject, caller: &str, answer: &Answer) -> u16 {
    let actual = answer.status.as_u16();
    let needs = match subject.needs {
        // All come with a token here.
        Needs::ScopeOfToken(scope) => Needs::Scope(scope),
        needs => needs,
    };
    match (needs, caller) {
        (Needs::Nothing, _) => {
            // Open to all; the forms here are wrong for everyone alike, and may be throttled.
            let permitted: &[u16] = match subject.path.as_str() {
                "/_fn/create_owner" | "/_fn/reset_password" => &[400, 429],
                "/_fn/sign_in" => &[401, 429],
                "/_fn/second_step" => &[401],
                // No mail is sent here.
                "/_fn/ask_for_reset" => &[409],
                "/_fn/accept_invitation" => &[404],
                _ => &[200],
            };
            assert!(
                permitted.contains(&actual),
                "{caller}: {}: {}",
                subject.name,
                answer.text()
            );
            actual
        }
        (_, "anonymous" | "revoked" | "expired" | "malformed") => 401,
        (Needs::Credential, "other project" | "other organization") if subject.in_project => 404,
        (Needs::Credential, _) => 200,
        (Needs::Person, _) | (Needs::Scope(_), "no scope") => 403,
        (Needs::Scope(scope), "read only") if scope != Scope::ReadByok => 403,
        // A token of one project makes no projects: that needs one of the whole organization.
        (Needs::Scope(_), "other project") if !subject.in_project && !subject.works_in_own_project => 403,
        (Needs::Scope(_), "other project" | "other organization") if subject.in_project => 404,
        (Needs::Scope(_), "other project" | "other organization") if subject.names_thing => 404,
        (Needs::Scope(_) | Needs::ScopeOfToken(_), _) => {
            assert!(
                answer.status.is_success(),
                "{caller}: {}: {}",
                subject.name,
                answer.text()
            );
            actual
        }
    }
}

async fn callers(app: &TestApp) -> Vec<(&'static str, Option<String>)> {
    let revoked = app.token(&["*"]).await;
    revoke(app, &revoked).await;
    let expired = app.expiring_token(1).await;
    app.pass(Duration::from_hours(25));
    let other_project = {
        let owner = app.token(&["*"]).await;
        app.call("POST", "/api/v1/projects")
            .bearer(&owner)
            .json(json!({ "name": "Second" }))
            .send()
            .await
            .expect(201);
        let created = app
            .call("POST", "/api/v1/projects/second/api-keys")
            .bearer(&owner)
            .json(json!({ "name": "second", "scopes": ["*"] }))
            .send()
            .await
            .expect(201);
        created["key"].as_str().unwrap().to_owned()
    };
    vec![
        ("anonymous", None),
        ("malformed", Some("lk_api_nonsense".to_owned())),
        ("revoked", Some(revoked)),
        ("expired", Some(expired)),
        ("no scope", Some(app.token(&["write:limits"]).await)),
        ("read only", Some(app.token(&["read:byok"]).await)),
        ("other project", Some(other_project)),
        ("other organization", Some(app.foreign_token().await)),
    ]
}

async fn revoke(app: &TestApp, token: &str) {
    let owner = app.token(&["*"]).await;
    let prefix = token.rsplit_once('_').unwrap().0.rsplit_once('_').unwrap().0;
    let path = "/api/v1/projects/main/api-keys";
    let list = app.call("GET", path).bearer(&owner).send().await.expect(200);
    let tokens = list["keys"].as_array().unwrap();
    let id = tokens.iter().find(|token| token["key_prefix"] == prefix).unwrap()["key_id"]
        .as_str()
        .unwrap();
    app.call("DELETE", &format!("{path}/{id}"))
        .bearer(&owner)
        .send()
        .await
        .expect(200);
}

async fn send(mut call: Call, subject: &Subject, token: Option<&str>) -> Answer {
    if let Some(token) = token {
        call = call.bearer(token);
    }
    // Whatever version things are at: the question here is who may change them.
    call = call.header("if-match", "*");
    call = match &subject.body {
        Body::None => call,
        Body::Json(body) => call.json(body.clone()),
        Body::Form(form) => call
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.clone()),
    };
    call.send().await
}

/// What the own organization has, as text.
async fn contents(app: &TestApp) -> Vec<String> {
    let mut rows = Vec::new();
    for table in [
        "projects",
        "provider_keys",
        "memberships",
        "invitations",
        "webhooks",
        "webhook_deliveries",
    ] {
        let query = format!("select t::text from {table} t where org_id = $1 order by 1");
        rows.extend(
            sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(query))
                .bind(app.own.owner.org.as_uuid())
                .fetch_all(&app.database)
                .await
                .unwrap(),
        );
    }
    rows
}
