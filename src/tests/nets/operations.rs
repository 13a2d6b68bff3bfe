//! Every operation of the REST API with a call that its owner may make, and the things that those calls are about. What one
//! call uses up is no other's.

use super::subjects::{Body, Needs, Subject, Things, invitation, member};
use crate::harness::TestApp;
use latchkey::sandbox::{Behaviour, Sandbox};
use latchkey::service::keys::{AddKey, KeySelector};
use latchkey::service::locks::NewLock;
use latchkey::service::projects::ProjectRef;
use latchkey::service::webhooks::WebhookSpec;
use latchkey::web::rest::{self, Operation};
use secrecy::SecretString;
use serde_json::{Value, json};

/// What the operations are about, beside what server functions are about too.
pub(super) struct OperationThings {
    pub(super) key: String,
    only_xai_key: String,
    rotated_key: String,
    to_delete: String,
    to_restore: String,
    levain_key: String,
    launchgate_key: String,
    token_to_revoke: String,
    token_to_end: String,
    member_to_change: String,
    member_to_remove: String,
    invitation: String,
    lock: String,
    token_to_rotate: String,
    pub(super) webhook: String,
    webhook_to_delete: String,
    pub(super) delivery: String,
    pub(super) inbox: String,
}

/// Makes them, in the own organization's project.
pub(super) async fn prepare(app: &TestApp, only_xai_key: String) -> OperationThings {
    let to_restore = key(app, "together").await;
    let project = ProjectRef::Id(app.own.project.id);
    let selector = KeySelector::by_id(&to_restore).unwrap();
    app.services
        .keys
        .delete(&app.own.owner, &project, &selector)
        .await
        .unwrap();
    let webhook = webhook(app, "matrix-first").await;
    OperationThings {
        key: key(app, "anthropic").await,
        only_xai_key,
        rotated_key: key(app, "gemini").await,
        to_delete: key(app, "cohere").await,
        to_restore,
        levain_key: key(app, "groq").await,
        launchgate_key: key(app, "deepseek").await,
        token_to_revoke: token(app).await,
        token_to_end: token(app).await,
        member_to_change: member(app, "changed@acme.example").await,
        member_to_remove: member(app, "removed@acme.example").await,
        invitation: invitation(app, "revoked@acme.example").await,
        lock: lock(app, "fireworks").await,
        token_to_rotate: token(app).await,
        delivery: delivery(app, &webhook).await,
        webhook,
        webhook_to_delete: self::webhook(app, "matrix-to-delete").await,
        inbox: app.sandbox.inbox_address("matrix"),
    }
}

async fn key(app: &TestApp, provider: &str) -> String {
    let add = AddKey {
        secret: SecretString::from(Sandbox::key(provider, Behaviour::Valid)),
        name: "matrix".to_owned(),
        endpoint: None,
        api_version: None,
        allow_unverified: false,
        is_default: false,
        added_by_name: "owner".to_owned(),
    };
    let project = ProjectRef::Id(app.own.project.id);
    let added = app.services.keys.add(&app.own.owner, &project, provider, add).await;
    added.unwrap().key.id.to_string()
}

async fn token(app: &TestApp) -> String {
    let text = app.token(&["read:byok"]).await;
    let tokens = app.services.tokens.all(&app.own.owner).await.unwrap();
    let made = tokens.iter().find(|token| text.contains(&token.public_id));
    made.unwrap().id.to_string()
}

/// A lock of a provider in the whole organization.
pub(super) async fn lock(app: &TestApp, provider: &str) -> String {
    let new = NewLock {
        project: None,
        provider: Some(provider.to_owned()),
        reason: String::new(),
        locked_by_name: "owner".to_owned(),
    };
    app.services
        .locks
        .lock(&app.own.owner, new)
        .await
        .unwrap()
        .id
        .to_string()
}

/// A webhook that is received at the sandbox.
pub(super) async fn webhook(app: &TestApp, inbox: &str) -> String {
    let spec = WebhookSpec {
        url: app.sandbox.inbox_address(inbox),
        description: String::new(),
        kinds: Vec::new(),
    };
    let webhooks = &app.services.webhooks;
    let made = webhooks.create(&app.own.owner, spec, "owner".to_owned()).await;
    made.unwrap().webhook.id.to_string()
}

/// A message to it.
async fn delivery(app: &TestApp, webhook: &str) -> String {
    let sent = app.services.webhooks.test(&app.own.owner, webhook.parse().unwrap());
    sent.await.unwrap().delivery.id.to_string()
}

/// Every operation.
pub(super) fn subjects(things: &Things) -> Vec<Subject> {
    rest::operations()
        .into_iter()
        .map(|operation| subject(&operation, things))
        .collect()
}

fn subject(operation: &Operation, things: &Things) -> Subject {
    let mut path = operation.path.replace("{project}", &things.project);
    path = path.replace("{delivery}", &things.operations.delivery);
    if let (Some(begin), Some(end)) = (path.find('{'), path.find('}')) {
        assert!(!path[end + 1..].contains('{'), "{operation:?}");
        path.replace_range(begin..=end, about(operation.id, things));
    }
    if operation.id == "locks.unlock" {
        path.push_str("?reason=over");
    }
    // Every organization counts its own events from 1.
    let names_nothing = ["{project}", "{provider}", "{provider_or_key_id}", "{sequence}"];
    let names_thing = operation
        .path
        .split('/')
        .any(|part| part.starts_with('{') && !names_nothing.contains(&part));
    Subject {
        name: format!("{} {}", operation.method, operation.path),
        method: operation.method.to_string(),
        in_project: operation.path.contains("{project}"),
        names_thing: names_thing || ["levain.revoke", "organization.patch"].contains(&operation.id),
        works_in_own_project: ["levain.", "launchgate.", "locks.list", "locks.unlock"]
            .iter()
            .any(|group| operation.id.starts_with(group)),
        needs: operation.scope.map_or(Needs::Credential, Needs::Scope),
        path,
        body: body(operation, things).map_or(Body::None, Body::Json),
    }
}

/// What stands in the path besides the project.
fn about<'things>(operation: &str, things: &'things Things) -> &'things str {
    let own = &things.operations;
    match operation {
        "byok_keys.delete" => "xai",
        "levain.add" => "openrouter",
        "keys.delete" => &own.to_delete,
        "keys.restore" => &own.to_restore,
        "keys.rotate" | "keys.end_overlap" => &own.rotated_key,
        "levain.revoke" => &own.levain_key,
        "tokens.revoke" => &own.token_to_end,
        "tokens.get" | "api_keys.revoke" => &own.token_to_revoke,
        "tokens.rotate" | "tokens.end_overlap" => &own.token_to_rotate,
        "members.set_role" => &own.member_to_change,
        "members.remove" => &own.member_to_remove,
        "invitations.revoke" => &own.invitation,
        "locks.unlock" => &own.lock,
        "calls.get" => &things.call,
        "audit_events.get" => "1",
        "webhooks.delete" => &own.webhook_to_delete,
        name if name.starts_with("webhooks.") => &own.webhook,
        name if name.starts_with("byok_keys.") => "openai",
        name if name.starts_with("launchgate.") => &own.launchgate_key,
        name if name.starts_with("keys.") => &own.key,
        name => panic!("the matrix does not know what {name} is about"),
    }
}

/// What is sent with it.
fn body(operation: &Operation, things: &Things) -> Option<Value> {
    let secret = |provider| Sandbox::key(provider, Behaviour::Valid);
    let body = match operation.id {
        "organization.patch" => json!({ "default_project": things.project }),
        "projects.create" => json!({ "name": "Third" }),
        "projects.rename" => json!({ "name": "Main" }),
        "projects.settings.patch" => json!({ "adds_stream_usage": true }),
        "byok_keys.put" => json!({ "api_key": secret("openai") }),
        "byok_keys.patch" => json!({ "is_active": false }),
        "api_keys.create" | "tokens.create" => json!({ "scopes": ["read:byok"] }),
        "keys.add" => json!({ "provider": "mistral", "secret": secret("mistral") }),
        "keys.reorder" => json!({ "provider": "xai", "keys": [things.operations.only_xai_key] }),
        "keys.import.preview" => json!({ "text": secret("openai") }),
        "keys.import" => {
            json!({ "text": secret("fireworks"), "choices": [{ "line": 1, "provider": "fireworks" }] })
        }
        "keys.replace" => json!({ "secret": secret("anthropic") }),
        "keys.patch" => json!({ "name": "renamed" }),
        "keys.rotate" => json!({ "secret": format!("{}-new", secret("gemini")) }),
        "tokens.rotate" | "webhooks.rotate_secret" => json!({ "overlap": "1h" }),
        "members.set_role" => json!({ "role": "viewer" }),
        "invitations.create" => json!({ "email": "invited-too@acme.example", "role": "viewer" }),
        "locks.lock" => json!({ "provider": "azure_openai" }),
        "webhooks.create" => json!({ "url": format!("{}-of-an-operation", things.operations.inbox) }),
        "webhooks.patch" => json!({ "description": "Changed" }),
        "levain.add" => json!({ "api_key": secret("openrouter") }),
        "launchgate.add" => json!({ "provider": "openrouter", "key": secret("openrouter") }),
        "byok_keys.test"
        | "keys.test"
        | "keys.restore"
        | "keys.end_overlap"
        | "tokens.end_overlap"
        | "launchgate.test"
        | "audit_events.verify"
        | "webhooks.test"
        | "webhooks.resend" => return None,
        _ if operation.method == "GET" || operation.method == "DELETE" => return None,
        name => panic!("the matrix does not know what to send with {name}"),
    };
    Some(body)
}
