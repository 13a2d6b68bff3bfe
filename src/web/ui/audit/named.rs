//! Who did something and what it was done to, by name where that is known, and where they are shown.

use crate::providers;
use crate::service::audit::{AuditEvent, Names};
use app::contract::NamedView;

/// Who did it.
pub(super) fn actor(event: &AuditEvent, names: &Names) -> NamedView {
    let id = event.actor_id.map(|id| id.to_string()).unwrap_or_default();
    match event.actor_kind.as_str() {
        "user" => person(&id, names),
        "token" => token(&id, names),
        "command_line" => said("Command line", ""),
        "system" => said("Latchkey", ""),
        other => said(other, ""),
    }
}

/// What it was done to.
pub(super) fn target(event: &AuditEvent, names: &Names) -> NamedView {
    let id = event.target_id.as_str();
    match event.target_kind.as_str() {
        "user" => person(id, names),
        "token" => token(id, names),
        "project" => project(id, names),
        "provider_key" => key(event, names),
        "organization" => leading("The organization", "", "/organization".to_owned()),
        "call_lock" => or_id(event.details["reason"].as_str(), id, "Lock"),
        "invitation" => or_id(event.details["email"].as_str(), id, "Invitation"),
        "webhook" => webhook(event),
        "operation" => said(id, "Refused call"),
        other => by_id(id, other),
    }
}

fn person(id: &str, names: &Names) -> NamedView {
    match names.people.get(id) {
        Some(email) => leading(email, "", "/members".to_owned()),
        None => by_id(id, "Person"),
    }
}

fn token(id: &str, names: &Names) -> NamedView {
    or_id(names.tokens.get(id).map(String::as_str), id, "Token")
}

fn project(id: &str, names: &Names) -> NamedView {
    match names.projects.get(id) {
        Some(project) => leading(&project.name, "Project", format!("/projects/{}/settings", project.slug)),
        None => by_id(id, "Project"),
    }
}

fn key(event: &AuditEvent, names: &Names) -> NamedView {
    let Some(key) = names.keys.get(&event.target_id) else {
        return by_id(&event.target_id, "Provider key");
    };
    let provider = providers::name_of(&key.provider);
    let name = if key.name.is_empty() {
        provider.to_owned()
    } else {
        format!("{provider}, {}", key.name)
    };
    leading(
        &name,
        &format!("Key in {}", key.project),
        format!("/projects/{}/keys", key.project),
    )
}

fn webhook(event: &AuditEvent) -> NamedView {
    let said = |detail: &str| event.details[detail].as_str().filter(|said| !said.is_empty());
    or_id(said("description").or(said("origin")), &event.target_id, "Webhook")
}

fn or_id(name: Option<&str>, id: &str, kind: &str) -> NamedView {
    match name.filter(|name| !name.is_empty()) {
        Some(name) => said(name, kind),
        None => by_id(id, kind),
    }
}

fn said(name: &str, kind: &str) -> NamedView {
    NamedView {
        kind: kind.to_owned(),
        name: name.to_owned(),
        is_id: false,
        href: None,
    }
}

fn leading(name: &str, kind: &str, href: String) -> NamedView {
    NamedView {
        href: Some(href),
        ..said(name, kind)
    }
}

fn by_id(id: &str, kind: &str) -> NamedView {
    NamedView {
        is_id: true,
        ..said(id, kind)
    }
}
