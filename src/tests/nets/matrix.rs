//! The authorization matrix, made from the router itself: every REST operation and every server
//! function × who calls. One that stands in neither list fails.

use super::calls;
use crate::harness::{Answer, Call, TestApp};
use latchkey::domain::Scope;
use latchkey::sandbox::{Behaviour, Sandbox};
use latchkey::web::rest;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Duration;

/// What is called, and what it needs.
struct Subject {
    name: String,
    method: String,
    path: String,
    body: Body,
    /// Open to everyone, or needing a known caller who may hold a scope.
    needs: Needs,
    /// Whether it names a project.
    in_project: bool,
}

enum Body {
    None,
    Json(Value),
    Form(String),
}

#[derive(Clone, Copy, PartialEq)]
enum Needs {
    Nothing,
    Credential,
    Scope(Scope),
}

/// The things that calls are made about.
struct Things {
    /// By its id: the other organization has a project of the same name.
    project: String,
    key: String,
    deleted_key: String,
    token: String,
    call: String,
}

/// Server functions: name, form, what is needed. `{…}` is filled in from [`Things`].
const FUNCTIONS: &[(&str, &str, Needs)] = &[
    ("setup", "link=nonsense", Needs::Nothing),
    (
        "create_owner",
        "link=nonsense&organization=X&email=x%40example.com&password=violet+anchor+mosaic",
        Needs::Nothing,
    ),
    (
        "sign_in",
        "email=x%40example.com&password=violet+anchor+mosaic",
        Needs::Nothing,
    ),
    ("sign_out", "", Needs::Nothing),
    ("take_flash", "", Needs::Nothing),
    ("session", "", Needs::Credential),
    ("create_project", "name=Another", Needs::Scope(Scope::WriteProjects)),
    (
        "rename_project",
        "project={project}&name=Main",
        Needs::Scope(Scope::WriteProjects),
    ),
    ("gateway_settings", "project={project}", Needs::Scope(Scope::ReadByok)),
    (
        "set_gateway_settings",
        "project={project}&on_missing=platform&on_failure=platform&adds_stream_usage=true",
        Needs::Scope(Scope::WriteSettings),
    ),
    ("provider_keys", "project={project}", Needs::Scope(Scope::ReadByok)),
    (
        "save_key",
        "project={project}&provider=openai&api_key={valid}",
        Needs::Scope(Scope::WriteByok),
    ),
    (
        "test_key",
        "project={project}&key_id={key}",
        Needs::Scope(Scope::WriteByok),
    ),
    (
        "set_key_active",
        "project={project}&key_id={key}&is_active=false",
        Needs::Scope(Scope::WriteByok),
    ),
    (
        "set_key_fallback",
        "project={project}&key_id={key}&on_missing=project&on_failure=fail",
        Needs::Scope(Scope::WriteByok),
    ),
    (
        "delete_key",
        "project={project}&key_id={key}",
        Needs::Scope(Scope::WriteByok),
    ),
    (
        "restore_key",
        "project={project}&key_id={deleted_key}",
        Needs::Scope(Scope::WriteByok),
    ),
    ("tokens", "project={project}", Needs::Scope(Scope::WriteTokens)),
    (
        "create_token",
        "project={project}&name=x&scopes[]=read:byok",
        Needs::Scope(Scope::WriteTokens),
    ),
    (
        "revoke_token",
        "project={project}&token_id={token}",
        Needs::Scope(Scope::WriteTokens),
    ),
    ("activity", "project={project}", Needs::Scope(Scope::ReadUsage)),
    (
        "activity_call",
        "project={project}&call={call}",
        Needs::Scope(Scope::ReadUsage),
    ),
];

/// What the dashboard serves for downloading.
const DOWNLOADS: &[(&str, Needs)] = &[("/projects/{project}/activity.csv", Needs::Scope(Scope::ReadUsage))];

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
            Needs::Scope(scope) => scope.as_str(),
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
        let refused = subject.needs != Needs::Nothing && [401, 403, 404].contains(&status);
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
    for subject in subjects(&things).iter().filter(|subject| subject.in_project) {
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
    assert_eq!(seen.expect(200)["keys"].as_array().unwrap().len(), 2);
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
    match (subject.needs, caller) {
        (Needs::Nothing, _) => {
            // Open to all; the forms here are wrong for everyone alike, and may be throttled.
            let permitted: &[u16] = match subject.path.as_str() {
                "/_fn/create_owner" => &[400, 429],
                "/_fn/sign_in" => &[401, 429],
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
        (Needs::Credential, _) => 200,
        (Needs::Scope(_), "no scope") => 403,
        (Needs::Scope(scope), "read only") if scope != Scope::ReadByok => 403,
        // A token of one project makes no projects: that needs one of the whole organization.
        (Needs::Scope(_), "other project") if !subject.in_project => 403,
        (Needs::Scope(_), "other project" | "other organization") if subject.in_project => 404,
        (Needs::Scope(_), _) => {
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
        ("no scope", Some(app.token(&["read:audit"]).await)),
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

async fn prepare(app: &TestApp) -> Things {
    let owner = app.token(&["*"]).await;
    for provider in ["openai", "xai", "mistral"] {
        let key = Sandbox::key(provider, Behaviour::Valid);
        let path = format!("/api/v1/projects/main/byok-keys/{provider}");
        app.call("PUT", &path)
            .bearer(&owner)
            .json(json!({ "api_key": key }))
            .send()
            .await
            .expect(200);
    }
    app.call("DELETE", "/api/v1/projects/main/byok-keys/mistral")
        .bearer(&owner)
        .send()
        .await;
    let id = |provider: &'static str| async move {
        let found = sqlx::query_scalar::<_, uuid::Uuid>("select id from provider_keys where provider = $1")
            .bind(provider)
            .fetch_one(&app.database)
            .await;
        found.unwrap().to_string()
    };
    let spare = app.token(&["read:byok"]).await;
    let list = app
        .call("GET", "/api/v1/projects/main/api-keys")
        .bearer(&owner)
        .send()
        .await
        .expect(200);
    let tokens = list["keys"].as_array().unwrap().clone();
    let token = tokens
        .iter()
        .find(|token| spare.starts_with(token["key_prefix"].as_str().unwrap()))
        .unwrap();
    Things {
        project: app.own.project.id.to_string(),
        key: id("openai").await,
        deleted_key: id("mistral").await,
        token: token["key_id"].as_str().unwrap().to_owned(),
        call: calls::record(app).await.to_string(),
    }
}

fn subjects(things: &Things) -> Vec<Subject> {
    let operations = rest::operations().into_iter().map(|operation| {
        let path = operation
            .path
            .replace("{project}", &things.project)
            .replace(
                "{provider}",
                if operation.method == "DELETE" { "xai" } else { "openai" },
            )
            .replace("{key_id}", &things.token);
        assert!(!path.contains('{'), "{path} has a part that the matrix does not know");
        let body = match (operation.method.as_str(), path.as_str()) {
            ("PUT", _) => Body::Json(json!({ "api_key": Sandbox::key("openai", Behaviour::Valid) })),
            ("PATCH", path) if path.contains("byok-keys") => Body::Json(json!({ "is_active": false })),
            ("PATCH", _) => Body::Json(json!({ "name": "Main" })),
            ("POST", path) if path.ends_with("/test") => Body::None,
            ("POST", path) if path.ends_with("/api-keys") => Body::Json(json!({ "scopes": ["read:byok"] })),
            ("POST", _) => Body::Json(json!({ "name": "Third" })),
            _ => Body::None,
        };
        Subject {
            name: format!("{} {}", operation.method, operation.path),
            method: operation.method.to_string(),
            in_project: operation.path.contains("{project}"),
            needs: operation.scope.map_or(Needs::Credential, Needs::Scope),
            path,
            body,
        }
    });
    let functions = FUNCTIONS.iter().map(|(name, form, needs)| Subject {
        name: format!("POST /_fn/{name}"),
        method: "POST".to_owned(),
        path: format!("/_fn/{name}"),
        body: Body::Form(
            form.replace("{project}", &things.project)
                .replace("{valid}", &Sandbox::key("openai", Behaviour::Valid))
                .replace("{deleted_key}", &things.deleted_key)
                .replace("{key}", &things.key)
                .replace("{token}", &things.token)
                .replace("{call}", &things.call),
        ),
        needs: *needs,
        in_project: form.contains("project={project}"),
    });
    let downloads = DOWNLOADS.iter().map(|(path, needs)| Subject {
        name: format!("GET {path}"),
        method: "GET".to_owned(),
        path: path.replace("{project}", &things.project),
        body: Body::None,
        needs: *needs,
        in_project: true,
    });
    operations.chain(functions).chain(downloads).collect()
}

async fn send(mut call: Call, subject: &Subject, token: Option<&str>) -> Answer {
    if let Some(token) = token {
        call = call.bearer(token);
    }
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
    for table in ["projects", "provider_keys", "memberships"] {
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
