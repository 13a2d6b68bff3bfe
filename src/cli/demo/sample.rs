//! Sample data: people of every role, two projects, a key in every state. All of it is made through
//! the services, as a person would.

use crate::cli::deployment::Deployment;
use crate::domain::{Actor, Principal, Role};
use crate::sandbox::{Behaviour, Sandbox};
use crate::service::ServiceError;
use crate::service::accounts::NewMember;
use crate::service::keys::{Depth, KeySelector, SaveKey};
use crate::service::projects::ProjectRef;
use secrecy::SecretString;

/// Who signs in to the demo.
pub(super) const EMAIL: &str = "demo@latchkey.example";
/// With which password.
pub(super) const PASSWORD: &str = "every key here is fake";

const ORGANIZATION: &str = "Sandbox";
const VIEWER: &str = "viewer@latchkey.example";

/// Provider, name, and what its key does.
const KEYS: [(&str, &str, Behaviour); 6] = [
    ("openai", "Production", Behaviour::Valid),
    ("anthropic", "Team Claude", Behaviour::Exhausted),
    ("gemini", "Summaries", Behaviour::Valid),
    ("openrouter", "", Behaviour::Limited),
    ("xai", "Trial", Behaviour::Valid),
    ("azure_openai", "EU resource", Behaviour::Valid),
];

/// Fills an empty deployment.
pub(super) async fn fill(deployment: &Deployment, sandbox: &Sandbox) -> Result<(), ServiceError> {
    let services = &deployment.services;
    let request = deployment.request();
    let owner = services
        .accounts
        .create_member(member(EMAIL, Role::Owner), request)
        .await?;
    services
        .accounts
        .create_member(member(VIEWER, Role::Viewer), request)
        .await?;
    let actor = Actor {
        org: owner.org,
        principal: Principal::User(owner.user),
        scopes: Role::Owner.scopes(),
        project: None,
        request,
    };
    let project = services.projects.create(&actor, "Production").await?;
    services.projects.create(&actor, "Staging").await?;
    let project = ProjectRef::Id(project.id);
    for (provider, name, behaviour) in KEYS {
        let save = SaveKey {
            secret: SecretString::from(Sandbox::key(provider, behaviour)),
            name: Some(name.to_owned()),
            endpoint: (provider == "azure_openai").then(|| sandbox.azure_endpoint()),
            api_version: None,
            seen_row_version: None,
            allow_unverified: false,
            added_by_name: EMAIL.to_owned(),
        };
        services.keys.save(&actor, &project, provider, save).await?;
    }
    // One key that its provider has revoked since, and one that is switched off.
    sandbox.revoke(&Sandbox::key("gemini", Behaviour::Valid));
    let gemini = KeySelector::default_of("gemini")?;
    services.keys.test(&actor, &project, &gemini, Depth::Listed).await?;
    services
        .keys
        .set_active(&actor, &project, &KeySelector::default_of("xai")?, false)
        .await?;
    Ok(())
}

fn member(email: &str, role: Role) -> NewMember {
    NewMember {
        organization: ORGANIZATION.to_owned(),
        email: email.to_owned(),
        password: SecretString::from(PASSWORD),
        role,
        is_operator: role == Role::Owner,
    }
}
