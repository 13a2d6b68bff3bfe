//! Sample data: people of every role, two projects, a key in every state, a token. All of it is made
//! through the services, as a person would.

use crate::cli::deployment::Deployment;
use crate::domain::{Actor, Fallback, FallbackChoice, Principal, Role, Scope, Scopes};
use crate::sandbox::{Behaviour, Sandbox};
use crate::service::ServiceError;
use crate::service::accounts::NewMember;
use crate::service::keys::{Depth, KeySelector, SaveKey};
use crate::service::projects::ProjectRef;
use crate::service::tokens::NewToken;
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

/// Whose key is revoked by its provider after it was saved.
const REVOKED: &str = "gemini";

/// Fills an empty deployment; the token calls models in its first project.
pub(super) async fn fill(deployment: &Deployment, sandbox: &Sandbox) -> Result<SecretString, ServiceError> {
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
        verified_at: None,
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
    // One key that its provider has revoked since, and that nobody's may stand in for; and one that is switched off.
    revoke(sandbox);
    let revoked = KeySelector::default_of(REVOKED)?;
    services.keys.test(&actor, &project, &revoked, Depth::Listed).await?;
    let nobodys = FallbackChoice {
        on_failure: Some(Fallback::Fail),
        ..FallbackChoice::default()
    };
    services.keys.set_fallback(&actor, &project, &revoked, nobodys).await?;
    services
        .keys
        .set_active(&actor, &project, &KeySelector::default_of("xai")?, false)
        .await?;
    let token = NewToken {
        name: "Support assistant".to_owned(),
        scopes: Scopes::from_iter([Scope::UseGateway]),
        expires_days: 0,
        whole_organization: false,
        created_by_name: EMAIL.to_owned(),
    };
    Ok(services.tokens.create(&actor, Some(&project), token).await?.text)
}

/// Has the sandbox refuse the revoked key, of which it knows nothing when it starts.
pub(super) fn revoke(sandbox: &Sandbox) {
    sandbox.revoke(&Sandbox::key(REVOKED, Behaviour::Valid));
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
