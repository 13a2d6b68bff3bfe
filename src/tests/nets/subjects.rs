//! Everything that can be called, what it needs, and the things that it is about.

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

/// Server functions: name, form, what is needed. `{…}` is filled in from [`Things`].
pub(super) const FUNCTIONS: &[(&str, &str, Needs)] = &[
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
    ("sign_in_state", "", Needs::Nothing),
    ("second_step", "code=123456", Needs::Nothing),
    ("ask_for_reset", "email=x%40example.com", Needs::Nothing),
    ("reset_link", "link=nonsense", Needs::Nothing),
    (
        "reset_password",
        "link=nonsense&password=violet+anchor+mosaic",
        Needs::Nothing,
    ),
    ("jobs", "", Needs::Person),
    ("try_jobs_again", "task=reprobe", Needs::Person),
    ("asks_for_code", "", Needs::Person),
    ("confirm", "password=violet+anchor+mosaic", Needs::Person),
    ("profile", "", Needs::Person),
    (
        "change_password",
        "current_password=violet+anchor+mosaic&password=violet+anchor+mosaic+tundra",
        Needs::Person,
    ),
    ("end_session", "session_id={member}", Needs::Person),
    ("end_other_sessions", "", Needs::Person),
    ("second_factor", "", Needs::Person),
    ("begin_second_factor", "", Needs::Person),
    ("confirm_second_factor", "code=123456", Needs::Person),
    ("disable_second_factor", "", Needs::Person),
    ("renew_recovery_codes", "", Needs::Person),
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
        "add_key",
        "project={project}&provider=groq&name=matrix+two&api_key={valid}",
        Needs::Scope(Scope::WriteByok),
    ),
    (
        "rotate_key",
        "project={project}&key_id={other_key}&api_key={valid}&overlap=1h",
        Needs::Scope(Scope::WriteByok),
    ),
    (
        "end_key_overlap",
        "project={project}&key_id={other_key}",
        Needs::Scope(Scope::WriteByok),
    ),
    (
        "rename_key",
        "project={project}&key_id={key}&name=Renamed",
        Needs::Scope(Scope::WriteByok),
    ),
    (
        "make_key_default",
        "project={project}&key_id={key}",
        Needs::Scope(Scope::WriteByok),
    ),
    (
        "reorder_keys",
        "project={project}&provider=openai&order={key}",
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
    (
        "purge_key",
        "project={project}&key_id={deleted_key}&typed=erase",
        Needs::Scope(Scope::All),
    ),
    ("import", "project={project}", Needs::Scope(Scope::ReadByok)),
    (
        "preview_import",
        "project={project}&pasted={valid}",
        Needs::Scope(Scope::WriteByok),
    ),
    (
        "import_keys",
        "project={project}&pasted={valid}&choices[0][line]=1&choices[0][is_chosen]=true&choices[0][provider]=openai\
         &choices[0][name]=pasted&choices[0][endpoint]=",
        Needs::Scope(Scope::WriteByok),
    ),
    ("discard_import", "project={project}", Needs::Scope(Scope::WriteByok)),
    ("locks", "", Needs::Scope(Scope::ReadByok)),
    (
        "lock_calls",
        "project={project}&provider=deepseek",
        Needs::Scope(Scope::WriteSettings),
    ),
    (
        "unlock_calls",
        "lock_id={lock}&reason=over",
        Needs::Scope(Scope::WriteSettings),
    ),
    ("organization", "", Needs::Credential),
    (
        "change_organization",
        "name=Acme&default_project={project}",
        Needs::Scope(Scope::WriteSettings),
    ),
    ("tokens", "project={project}", Needs::Scope(Scope::WriteTokens)),
    (
        "create_token",
        "project={project}&name=x&scopes[]=read:byok",
        Needs::Scope(Scope::WriteTokens),
    ),
    (
        "rotate_token",
        "project={project}&token_id={token}&overlap=1h",
        Needs::Scope(Scope::WriteTokens),
    ),
    (
        "end_token_overlap",
        "project={project}&token_id={token}",
        Needs::Scope(Scope::WriteTokens),
    ),
    (
        "revoke_token",
        "project={project}&token_id={token}",
        Needs::Scope(Scope::WriteTokens),
    ),
    ("audit", "event=key.added", Needs::Scope(Scope::ReadAudit)),
    ("audit_event", "sequence=1", Needs::Scope(Scope::ReadAudit)),
    ("verify_audit", "", Needs::Scope(Scope::ReadAudit)),
    ("activity", "project={project}", Needs::Scope(Scope::ReadUsage)),
    (
        "activity_call",
        "project={project}&call={call}",
        Needs::Scope(Scope::ReadUsage),
    ),
    ("members", "", Needs::ScopeOfToken(Scope::WriteMembers)),
    (
        "set_member_role",
        "member_id={member}&role=viewer",
        Needs::Scope(Scope::WriteMembers),
    ),
    ("remove_member", "member_id={member}", Needs::Scope(Scope::WriteMembers)),
    ("leave_organization", "", Needs::Person),
    (
        "invite_member",
        "email=x%40example.com&role=viewer",
        Needs::Scope(Scope::WriteMembers),
    ),
    (
        "revoke_invitation",
        "invitation_id={invitation}",
        Needs::Scope(Scope::WriteMembers),
    ),
    ("invitation", "link=nonsense", Needs::Nothing),
    (
        "accept_invitation",
        "link=nonsense&password=violet+anchor+mosaic",
        Needs::Nothing,
    ),
    ("enter_organization", "organization_id={member}", Needs::Person),
    ("create_organization", "name=Another", Needs::Person),
    ("overview", "", Needs::Scope(Scope::ReadByok)),
    ("notifications", "", Needs::Scope(Scope::ReadByok)),
    ("unread_notifications", "", Needs::Person),
    ("read_notifications", "read_to=1790000000000000_x", Needs::Person),
    ("notification_choices", "", Needs::Scope(Scope::ReadByok)),
    ("choose_notifications", "bell[]=key.unhealthy", Needs::Person),
    ("forget_notification_choices", "", Needs::Person),
    (
        "choose_organization_notifications",
        "bell[]=key.unhealthy",
        Needs::Scope(Scope::WriteSettings),
    ),
    ("unsubscribe_offer", "link=nonsense", Needs::Nothing),
    ("unsubscribe", "link=nonsense", Needs::Nothing),
    ("webhooks", "", Needs::Scope(Scope::WriteSettings)),
    ("webhook", "webhook_id={webhook}", Needs::Scope(Scope::WriteSettings)),
    (
        "create_webhook",
        "url={inbox}-of-a-function",
        Needs::Scope(Scope::WriteSettings),
    ),
    (
        "change_webhook",
        "webhook_id={webhook}&url={inbox}-changed",
        Needs::Scope(Scope::WriteSettings),
    ),
    (
        "set_webhook_active",
        "webhook_id={webhook}&is_active=true",
        Needs::Scope(Scope::WriteSettings),
    ),
    (
        "rotate_webhook_secret",
        "webhook_id={webhook}&overlap=1h",
        Needs::Scope(Scope::WriteSettings),
    ),
    (
        "test_webhook",
        "webhook_id={webhook}",
        Needs::Scope(Scope::WriteSettings),
    ),
    (
        "resend_delivery",
        "webhook_id={webhook}&delivery_id={delivery}",
        Needs::Scope(Scope::WriteSettings),
    ),
    (
        "delete_webhook",
        "webhook_id={webhook}",
        Needs::Scope(Scope::WriteSettings),
    ),
];

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
