//! Adding and replacing a provider's default key.

use super::probe::usable;
use super::{Keys, catalogued, changed_meanwhile};
use crate::domain::{Actor, Endpoint, Health, KeyId, ProviderKey, ProviderSlug, Scope, ShapedSecret, Verdict};
use crate::providers::{Depth, Provider, Target, shaped_like_another};
use crate::service::ServiceError;
use crate::service::audit::{Event, Target as AuditTarget};
use crate::service::projects::{Project, ProjectRef, check_optional_name};
use crate::store::{StoreError, keys};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

/// Azure's `api-version`s are dates, perhaps with `-preview` behind.
const MAX_API_VERSION: usize = 32;

/// A key to be saved.
#[derive(Debug)]
pub struct SaveKey {
    /// What was pasted.
    pub secret: SecretString,
    /// What to call it; `None` keeps the name it has.
    pub name: Option<String>,
    /// The customer's own endpoint, where the provider takes one; `None` keeps the one it has.
    pub endpoint: Option<String>,
    /// Azure's `api-version`; `None` keeps the one it has, empty means none.
    pub api_version: Option<String>,
    /// The row version that the caller saw; `None` when they did not look.
    pub seen_row_version: Option<i64>,
    /// Keep a new key, switched off, even when the provider cannot be reached.
    pub allow_unverified: bool,
    /// The saver's address or name, shown on the card.
    pub added_by_name: String,
}

/// A key just saved.
#[derive(Debug)]
pub struct SavedKey {
    /// The key.
    pub key: ProviderKey,
    /// Whether there was one before.
    pub replaced: bool,
    /// Whose key it looks like, when not this provider's.
    pub looks_like: Option<&'static str>,
}

/// A request that passed every check that needs no provider.
struct Checked {
    provider: &'static dyn Provider,
    slug: ProviderSlug,
    project: Project,
    current: Option<ProviderKey>,
    secret: ShapedSecret,
    name: String,
    target: Target,
}

impl Keys {
    /// Adds the provider's default key or replaces it: shape check, probe, seal, one transaction.
    /// Unless this succeeds, the old key stays as it was and keeps working.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:byok`; [`ServiceError::Missing`];
    /// [`ServiceError::Invalid`] for a field; [`ServiceError::KeyRefused`];
    /// [`ServiceError::ProviderUnreachable`]; [`ServiceError::Conflict`] when somebody else was
    /// faster; [`ServiceError::Throttled`].
    pub async fn save(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        provider: &str,
        save: SaveKey,
    ) -> Result<SavedKey, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let checked = self.check(actor, project, provider, &save).await?;
        let secret = checked.secret.secret();
        let depth = Depth::Listed;
        let verdict = self
            .probe(actor, checked.provider, &checked.target, secret, depth)
            .await?;
        let (verdict, is_active) = judge(&checked, verdict, save.allow_unverified)?;
        self.store(actor, checked, &verdict, is_active, save.added_by_name)
            .await
    }

    async fn check(
        &self,
        actor: &Actor,
        project: &ProjectRef,
        provider: &str,
        save: &SaveKey,
    ) -> Result<Checked, ServiceError> {
        let (slug, provider) = catalogued(provider)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let project = self.projects.find(&mut tx, actor, project).await?;
        let current = keys::find_default(&mut tx, project.id, &slug).await?;
        drop(tx);
        let seen = save.seen_row_version;
        if seen.is_some() && seen != current.as_ref().map(|key| key.row_version) {
            return Err(changed_meanwhile());
        }
        let secret = ShapedSecret::parse(&save.secret, provider.admin_prefixes())?;
        let name = match (&save.name, &current) {
            (Some(name), _) => check_optional_name("name", name)?,
            (None, Some(current)) => current.name.clone(),
            (None, None) => String::new(),
        };
        let target = Target {
            endpoint: self.endpoint(provider, save, current.as_ref()).await?,
            api_version: api_version(provider, save, current.as_ref())?,
        };
        Ok(Checked {
            provider,
            slug,
            project,
            current,
            secret,
            name,
            target,
        })
    }

    async fn endpoint(
        &self,
        provider: &dyn Provider,
        save: &SaveKey,
        current: Option<&ProviderKey>,
    ) -> Result<Endpoint, ServiceError> {
        let named = save.endpoint.as_deref().map(str::trim).filter(|text| !text.is_empty());
        if let Some(origin) = provider.origin() {
            return match named {
                None => Ok(Endpoint::of_catalogue(origin)),
                Some(_) => Err(ServiceError::invalid(
                    "endpoint",
                    format!("{} has no endpoint of your own. Leave it out.", provider.name()),
                )),
            };
        }
        let endpoint = match (named, current) {
            (Some(text), _) => self
                .tools
                .endpoints
                .parse(text)
                .map_err(|error| ServiceError::invalid("endpoint", capitalised(&error.to_string())))?,
            (None, Some(current)) => current.endpoint.clone(),
            (None, None) => {
                let message = format!("{} needs the address of your resource.", provider.name());
                return Err(ServiceError::invalid("endpoint", message));
            }
        };
        let resolved = self.tools.prober.check_endpoint(&endpoint).await;
        resolved.map_err(|error| ServiceError::invalid("endpoint", capitalised(&error.to_string())))?;
        Ok(endpoint)
    }

    async fn store(
        &self,
        actor: &Actor,
        checked: Checked,
        verdict: &Verdict,
        is_active: bool,
        added_by_name: String,
    ) -> Result<SavedKey, ServiceError> {
        let looks_like = shaped_like_another(checked.provider, checked.secret.secret().expose_secret());
        let replaced = checked.current.is_some();
        let secret = checked.secret.clone();
        let key = self.row(actor, checked, verdict, is_active, added_by_name);
        let sealed = self
            .tools
            .sealer
            .seal(&self.seal_context(actor, &key), secret.secret())
            .await?;
        let probe = self.next_probe(&key.health);
        let mut tx = self.foundation.store.org(actor.org).await?;
        if replaced {
            if !keys::replace(&mut tx, &key, &sealed, &probe).await? {
                return Err(changed_meanwhile());
            }
        } else {
            keys::insert(&mut tx, &key, &sealed, &probe)
                .await
                .map_err(another_was_first)?;
        }
        let event = if replaced { Event::KeyReplaced } else { Event::KeyAdded };
        let target = AuditTarget::new("provider_key", &key.id);
        let details = json!({
            "project": key.project,
            "provider": key.provider.as_str(),
            "redacted": key.redacted,
            "endpoint": key.endpoint.as_str(),
            "is_active": key.is_active,
            "secret_version": key.secret_version,
        });
        self.audit.record(&mut tx, actor, event, &target, details).await?;
        tx.commit().await?;
        Ok(SavedKey {
            key,
            replaced,
            looks_like,
        })
    }

    fn row(
        &self,
        actor: &Actor,
        checked: Checked,
        verdict: &Verdict,
        is_active: bool,
        added_by_name: String,
    ) -> ProviderKey {
        let now = self.foundation.clock.now();
        let current = checked.current.as_ref();
        ProviderKey {
            id: current.map_or_else(
                || KeyId::new(&*self.foundation.clock, &*self.foundation.random),
                |current| current.id,
            ),
            project: checked.project.id,
            provider: checked.slug,
            name: checked.name,
            is_default: true,
            is_active,
            redacted: checked.secret.redacted(checked.provider.prefixes()),
            endpoint: checked.target.endpoint,
            api_version: checked.target.api_version,
            health: Health::from_verdict(verdict, now),
            fallback: current.map(|current| current.fallback).unwrap_or_default(),
            last_used_at: current.and_then(|current| current.last_used_at),
            added_by: actor.user(),
            added_by_name,
            created_at: current.map_or(now, |current| current.created_at),
            updated_at: now,
            deleted_at: None,
            secret_version: current.map_or(1, |current| current.secret_version + 1),
            row_version: current.map_or(1, |current| current.row_version + 1),
        }
    }
}

/// Whether the verdict lets the key be stored, and whether it is switched on then. A key that
/// could not be verified never takes the place of one that is there.
fn judge(checked: &Checked, verdict: Verdict, allow_unverified: bool) -> Result<(Verdict, bool), ServiceError> {
    let unchanged = checked.current.as_ref().map_or_else(
        || "Nothing was saved.".to_owned(),
        |current| format!("Nothing was saved; the key {} stays as it was.", current.redacted),
    );
    let hint = shaped_like_another(checked.provider, checked.secret.secret().expose_secret())
        .map(|other| format!("This looks like a {other} key."));
    match usable(checked.provider, verdict.clone(), hint, &unchanged) {
        Ok(verdict) => Ok((verdict, true)),
        Err(ServiceError::ProviderUnreachable { .. }) if allow_unverified && checked.current.is_none() => {
            Ok((verdict, false))
        }
        Err(error) => Err(error),
    }
}

fn api_version(
    provider: &dyn Provider,
    save: &SaveKey,
    current: Option<&ProviderKey>,
) -> Result<Option<String>, ServiceError> {
    let Some(version) = save.api_version.as_deref().map(str::trim) else {
        return Ok(current.and_then(|current| current.api_version.clone()));
    };
    if version.is_empty() {
        return Ok(None);
    }
    if provider.origin().is_some() {
        let message = format!("{} has no API version to choose. Leave it out.", provider.name());
        return Err(ServiceError::invalid("api_version", message));
    }
    let plain = version.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if plain && version.len() <= MAX_API_VERSION {
        Ok(Some(version.to_owned()))
    } else {
        Err(ServiceError::invalid(
            "api_version",
            "Enter a version such as 2024-10-21.",
        ))
    }
}

fn another_was_first(error: StoreError) -> ServiceError {
    if error.breaks("provider_keys_one_default") {
        changed_meanwhile()
    } else {
        error.into()
    }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string());
    format!(
        "{}{}.",
        first.unwrap_or_default(),
        characters.as_str().trim_end_matches('.')
    )
}
