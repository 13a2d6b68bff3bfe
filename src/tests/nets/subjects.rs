//! Everything that can be called, what it needs, and the things that it is about.

use super::functions::FUNCTIONS;
use super::{calls, operations};
use crate::harness::TestApp;
use latchkey::domain::{Role, Scope};
use latchkey::sandbox::{Behaviour, Sandbox};
use latchkey::service::accounts::NewMember;
use latchkey::service::invitations::NewInvitation;
use secrecy::SecretString;
use serde_json::{Value, json};

/// What is called, and what it needs.
pub(super) struct Subject {
    pub(super) name: String,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) body: Body,
    /// Open to everyone, or needing a known caller who may hold a scope.
    pub(super) needs: Needs,
    /// Whether it names a project.
    pub(super) in_project: bool,
    /// Whether it names something else of the own organization.
    pub(super) names_thing: bool,
    /// Whether it works in the project of a token of one project, though it names none.
    pub(super) works_in_own_project: bool,
}

pub(super) enum Body {
    None,
    Json(Value),
    Form(String),
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Needs {
    Nothing,
    Credential,
    /// Somebody who is signed in; no token will do.
    Person,
    Scope(Scope),
    /// A token that may hold a scope, or anybody who is signed in.
    ScopeOfToken(Scope),
}

/// The things that calls are made about.
pub(super) struct Things {
    /// By its id: the other organization has a project of the same name.
    pub(super) project: String,
    key: String,
    deleted_key: String,
    token: String,
    pub(super) call: String,
    /// A person of the own organization, who is its member.
    member: String,
    invitation: String,
    lock: String,
    /// What REST is about besides.
    pub(super) operations: operations::OperationThings,
}

/// What the dashboard serves for downloading.
const DOWNLOADS: &[(&str, Needs)] = &[("/projects/{project}/activity.csv", Needs::Scope(Scope::ReadUsage))];

/// Makes everything that calls are made about.
pub(super) async fn prepare(app: &TestApp) -> Things {
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
        member: member(app, "member@acme.example").await,
        invitation: invitation(app, "invited@acme.example").await,
        lock: operations::lock(app, "together").await,
        operations: operations::prepare(app, id("xai").await).await,
    }
}

/// Somebody of the own organization.
pub(super) async fn member(app: &TestApp, email: &str) -> String {
    let member = NewMember {
        organization: "Acme".to_owned(),
        email: email.to_owned(),
        password: SecretString::from("correct horse battery staple"),
        role: Role::Member,
        is_operator: false,
    };
    let request = app.own.owner.request;
    let added = app.services.accounts.create_member(member, request).await.unwrap();
    added.user.to_string()
}

pub(super) async fn invitation(app: &TestApp, email: &str) -> String {
    let new = NewInvitation {
        email: email.to_owned(),
        role: Role::Member,
        invited_by_name: "owner".to_owned(),
    };
    let minted = app.services.invitations.create(&app.own.owner, new).await.unwrap();
    minted.invitation.id.to_string()
}

/// Every route, server function and download.
pub(super) fn subjects(things: &Things) -> Vec<Subject> {
    let functions = FUNCTIONS.iter().map(|(name, form, needs)| Subject {
        name: format!("POST /_fn/{name}"),
        method: "POST".to_owned(),
        path: format!("/_fn/{name}"),
        body: Body::Form(
            form.replace("{project}", &things.project)
                .replace("{valid}", &Sandbox::key("openai", Behaviour::Valid))
                .replace("{deleted_key}", &things.deleted_key)
                .replace("{other_key}", &things.operations.key)
                .replace("{key}", &things.key)
                .replace("{token}", &things.token)
                .replace("{call}", &things.call)
                .replace("{member}", &things.member)
                .replace("{invitation}", &things.invitation)
                .replace("{lock}", &things.lock)
                .replace("{webhook}", &things.operations.webhook)
                .replace("{delivery}", &things.operations.delivery)
                .replace("{inbox}", &things.operations.inbox),
        ),
        needs: *needs,
        in_project: form.split('&').any(|field| field == "project={project}"),
        names_thing: [
            "member_id={member}",
            "{invitation}",
            "{lock}",
            "{webhook}",
            "default_project=",
        ]
        .iter()
        .any(|thing| form.contains(thing)),
        works_in_own_project: ["locks", "unlock_calls"].contains(name),
    });
    let downloads = DOWNLOADS.iter().map(|(path, needs)| Subject {
        name: format!("GET {path}"),
        method: "GET".to_owned(),
        path: path.replace("{project}", &things.project),
        body: Body::None,
        needs: *needs,
        in_project: true,
        names_thing: false,
        works_in_own_project: false,
    });
    operations::subjects(things)
        .into_iter()
        .chain(functions)
        .chain(downloads)
        .collect()
}
