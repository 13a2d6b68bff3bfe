//! What needs attention: what is wrong, what that means for calls, and where it is mended.

use crate::domain::{Actor, HealthReason, ProjectId, ProviderSlug, Scope, Urgency};
use crate::providers;
use crate::service::keys;
use crate::service::locks::covers;
use crate::service::notifications::{Names, UNUSED_FOR, quiet_since};
use crate::store::attention::{self, TroubledKey};
use crate::store::tokens::Token;
use crate::store::webhooks::deliveries::DeliveryStatus;
use crate::store::{OrgTx, StoreError, call_locks, fallback_episodes, tokens, webhooks};
use time::OffsetDateTime;
use time::macros::format_description;

/// Of each sort at most so many are shown.
const MOST: i64 = 50;

/// Something that needs attention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attention {
    /// Tells it from the others.
    pub id: String,
    /// How much it matters.
    pub urgency: Urgency,
    /// What is wrong, as a short sentence without a full stop.
    pub title: String,
    /// What it means, and what to do.
    pub text: String,
    /// Since when, or until when.
    pub since: Option<OffsetDateTime>,
    /// The page where it is done.
    pub path: String,
    /// What to do there, as on a button.
    pub action: &'static str,
}

pub(super) async fn look(tx: &mut OrgTx, actor: &Actor, now: OffsetDateTime) -> Result<Vec<Attention>, StoreError> {
    let names = Names::load(tx).await?;
    let mut found = locked(tx, &names).await?;
    let troubled = attention::troubled_keys(tx, now - UNUSED_FOR, MOST).await?;
    found.extend(troubled.iter().map(|key| troubled_key(key, &names)));
    found.extend(fallen_back(tx, &names, now).await?);
    if actor.scopes.permit(Scope::WriteTokens) {
        found.extend(ending_tokens(tx, &names, now).await?);
    }
    if actor.scopes.permit(Scope::WriteSettings) {
        found.extend(failing_webhooks(tx).await?);
    }
    // What was found first stays first among what matters as much.
    found.sort_by_key(|attention| attention.urgency);
    Ok(found)
}

async fn locked(tx: &mut OrgTx, names: &Names) -> Result<Vec<Attention>, StoreError> {
    let locks = call_locks::list(tx).await?.into_iter().map(|lock| {
        let provider = lock.provider.as_ref().map(ProviderSlug::as_str);
        let calls = covers(provider, lock.project.map(|id| project_name(names, id)));
        Attention {
            id: format!("lock:{}", lock.id),
            urgency: Urgency::Alarm,
            title: format!("{calls} are locked"),
            text: match lock.reason.as_str() {
                "" => format!(
                    "{} locked them. No call passes until somebody unlocks them.",
                    lock.locked_by_name
                ),
                reason => format!("{} locked them: {reason}", lock.locked_by_name),
            },
            since: Some(lock.locked_at),
            path: match lock.project {
                Some(project) => in_project(names, project, "settings"),
                None => "/organization".to_owned(),
            },
            action: "See the lock",
        }
    });
    Ok(locks.collect())
}

fn troubled_key(key: &TroubledKey, names: &Names) -> Attention {
    let provider = providers::name_of(key.provider.as_str());
    let shown = keys::shown(&key.name, &key.redacted);
    let project = project_name(names, key.project);
    let said = match key.message.as_deref() {
        Some(message) if !message.is_empty() => format!("{provider} said: {message}\n"),
        _ => String::new(),
    };
    let (urgency, title, text, since, action) = match key.reason {
        _ if key.rotation_undone_at.is_some() => (
            Urgency::Alarm,
            format!("{provider}: the new key {shown} of {project} was taken back"),
            format!("{said}The key before it serves again. Bring another key before that one ends."),
            key.rotation_undone_at,
            "Replace the key",
        ),
        Some(HealthReason::Exhausted) => (
            Urgency::Alarm,
            format!("{provider}: the credit of {shown} of {project} is used up"),
            format!("{said}Calls fail or use the platform key until there is credit again. Add some at the provider."),
            key.checked_at,
            "See the key",
        ),
        Some(_) => (
            Urgency::Alarm,
            format!("{provider} refuses the key {shown} of {project}"),
            format!("{said}Calls fail or use the platform key. Replace the key."),
            key.checked_at,
            "Replace the key",
        ),
        None => (
            Urgency::Info,
            format!("{provider}: no call has used {shown} of {project} for 90 days"),
            "If nobody needs it, switch it off or delete it, and end it at the provider.".to_owned(),
            None,
            "See the key",
        ),
    };
    Attention {
        id: format!("key:{}", key.id),
        urgency,
        title,
        text,
        since,
        path: in_project(names, key.project, &card_of(&key.provider)),
        action,
    }
}

/// The platform key serves in place of keys that do not work.
async fn fallen_back(tx: &mut OrgTx, names: &Names, now: OffsetDateTime) -> Result<Vec<Attention>, StoreError> {
    let episodes = fallback_episodes::list(tx, quiet_since(now)).await?;
    let each = episodes.into_iter().map(|(project, slug, began_at)| {
        let (provider, of) = (providers::name_of(slug.as_str()), project_name(names, project));
        Attention {
            id: format!("fallback:{project}:{slug}"),
            urgency: Urgency::Warning,
            title: format!("Calls of {of} to {provider} use the platform key"),
            text: "They pass, and are charged as the operator's. See to the project's own key to end that.".to_owned(),
            since: Some(began_at),
            path: in_project(names, project, &card_of(&slug)),
            action: "See the key",
        }
    });
    Ok(each.collect())
}

async fn ending_tokens(tx: &mut OrgTx, names: &Names, now: OffsetDateTime) -> Result<Vec<Attention>, StoreError> {
    let mut ending = tokens::list_all(tx).await?;
    ending.retain(|token| token.superseded_by.is_none() && token.expires_soon(now));
    ending.sort_by_key(|token| token.expires_at);
    Ok(ending.iter().map(|token| ending_token(token, names)).collect())
}

fn ending_token(token: &Token, names: &Names) -> Attention {
    let day = format_description!("[year]-[month]-[day]");
    let day = token
        .expires_at
        .and_then(|end| end.format(day).ok())
        .unwrap_or_default();
    Attention {
        id: format!("token:{}", token.id),
        urgency: Urgency::Warning,
        title: format!("The token “{}” ends on {day}", token.name),
        text: "Programs that use it are refused from then on. Rotate it: the old one goes on working for a while."
            .to_owned(),
        since: None,
        path: match token.project.or_else(|| names.first_project()) {
            Some(project) => in_project(names, project, "tokens"),
            None => "/projects".to_owned(),
        },
        action: "Rotate the token",
    }
}

async fn failing_webhooks(tx: &mut OrgTx) -> Result<Vec<Attention>, StoreError> {
    let given_up = DeliveryStatus::GivenUp.as_str();
    let failing = webhooks::list(tx)
        .await?
        .into_iter()
        .filter(|webhook| webhook.is_active && webhook.last_status.as_deref() == Some(given_up));
    let each = failing.map(|webhook| Attention {
        id: format!("webhook:{}", webhook.id),
        urgency: Urgency::Warning,
        title: match webhook.description.as_str() {
            "" => "A webhook does not take its messages".to_owned(),
            description => format!("The webhook “{description}” does not take its messages"),
        },
        text: "The last one was given up after a day. Its page shows what it answered, and sends it again.".to_owned(),
        since: webhook.last_attempt_at,
        path: format!("/webhooks/{}", webhook.id),
        action: "See what it answered",
    });
    Ok(each.collect())
}

/// The provider's card on the page of keys.
fn card_of(provider: &ProviderSlug) -> String {
    format!("keys#provider-{provider}")
}

fn in_project(names: &Names, project: ProjectId, page: &str) -> String {
    match names.project(project) {
        Some(project) => format!("/projects/{}/{page}", project.slug),
        None => "/projects".to_owned(),
    }
}

fn project_name(names: &Names, project: ProjectId) -> &str {
    names.project(project).map_or("a project", |project| &project.name)
}
