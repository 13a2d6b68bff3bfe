//! A secret on its way in: checked, probed, sealed.

use super::probe::usable;
use super::{KeyTwin, Keys, SavedKey};
use crate::domain::{
    Actor, Endpoint, FallbackChoice, Fingerprint, Health, KeyId, ProjectId, ProviderKey, ProviderSlug, Sealed,
    ShapedSecret, Verdict,
};
use crate::providers::{Depth, Provider, Target, shaped_like_another};
use crate::service::ServiceError;
use crate::service::projects::check_optional_name;
use crate::store::keys::{NewSecret, secrets};
use secrecy::{ExposeSecret, SecretString};

/// Azure's `api-version`s are dates, perhaps with `-preview` behind.
const MAX_API_VERSION: usize = 32;

/// What came in.
pub(super) struct Wanted<'call> {
    pub(super) secret: &'call SecretString,
    /// `None` for the model's.
    pub(super) name: Option<&'call str>,
    /// `None` for the model's.
    pub(super) endpoint: Option<&'call str>,
    /// `None` for the model's, empty for none.
    pub(super) api_version: Option<&'call str>,
    /// Whose address or name is shown on the card.
    pub(super) added_by_name: String,
}

/// What came in and passed every check that needs no provider.
pub(super) struct Checked {
    pub(super) provider: &'static dyn Provider,
    pub(super) slug: ProviderSlug,
    pub(super) secret: ShapedSecret,
    pub(super) name: String,
    target: Target,
    added_by_name: String,
}

/// A secret that its provider has seen, ready to be stored.
pub(super) struct SealedIn {
    sealed: Sealed,
    pub(super) fingerprint: Fingerprint,
}

impl SealedIn {
    pub(super) const fn secret(&self) -> NewSecret<'_> {
        NewSecret {
            sealed: &self.sealed,
            fingerprint: self.fingerprint,
        }
    }
}

impl Checked {
    /// Whose key it looks like, when not this provider's.
    pub(super) fn looks_like(&self) -> Option<&'static str> {
        shaped_like_another(self.provider, self.secret.secret().expose_secret())
    }

    /// Lets a verdict pass that permits the secret to be used; `unchanged` says what stays as it was otherwise.
    pub(super) fn usable(&self, verdict: Verdict, unchanged: &str) -> Result<Verdict, ServiceError> {
        let hint = self.looks_like().map(|other| format!("This looks like a {other} key."));
        usable(self.provider, verdict, hint, unchanged)
    }

    /// Whether the verdict lets the secret be stored, and whether it is switched on then: not where the provider could
    /// not be reached, and that is good enough for the caller.
    pub(super) fn judge(
        &self,
        verdict: Verdict,
        takes_unverified: bool,
        unchanged: &str,
    ) -> Result<(Verdict, bool), ServiceError> {
        match self.usable(verdict.clone(), unchanged) {
            Ok(verdict) => Ok((verdict, true)),
            Err(ServiceError::ProviderUnreachable { .. }) if takes_unverified => Ok((verdict, false)),
            Err(error) => Err(error),
        }
    }
}

impl Keys {
    /// Every check that needs no provider. What was left out is as `model` has it.
    pub(super) async fn check(
        &self,
        (slug, provider): (ProviderSlug, &'static dyn Provider),
        wanted: Wanted<'_>,
        model: Option<&ProviderKey>,
    ) -> Result<Checked, ServiceError> {
        let secret = ShapedSecret::parse(wanted.secret, provider.admin_prefixes())?;
        let name = match (wanted.name, model) {
            (Some(name), _) => check_optional_name("name", name)?,
            (None, Some(model)) => model.name.clone(),
            (None, None) => String::new(),
        };
        let target = Target {
            endpoint: self.endpoint(provider, wanted.endpoint, model).await?,
            api_version: api_version(provider, wanted.api_version, model)?,
        };
        Ok(Checked {
            provider,
            slug,
            secret,
            name,
            target,
            added_by_name: wanted.added_by_name,
        })
    }

    async fn endpoint(
        &self,
        provider: &dyn Provider,
        wanted: Option<&str>,
        model: Option<&ProviderKey>,
    ) -> Result<Endpoint, ServiceError> {
        let named = wanted.map(str::trim).filter(|text| !text.is_empty());
        if let Some(origin) = provider.origin() {
            return match named {
                None => Ok(Endpoint::of_catalogue(origin)),
                Some(_) => Err(ServiceError::invalid(
                    "endpoint",
                    format!("{} has no endpoint of your own. Leave it out.", provider.name()),
                )),
            };
        }
        let endpoint = match (named, model) {
            (Some(text), _) => self
                .tools
                .endpoints
                .parse(text)
                .map_err(|error| ServiceError::invalid("endpoint", capitalised(&error.to_string())))?,
            (None, Some(model)) => model.endpoint.clone(),
            (None, None) => {
                let message = format!("{} needs the address of your resource.", provider.name());
                return Err(ServiceError::invalid("endpoint", message));
            }
        };
        let resolved = self.tools.prober.check_endpoint(&endpoint).await;
        resolved.map_err(|error| ServiceError::invalid("endpoint", capitalised(&error.to_string())))?;
        Ok(endpoint)
    }

    /// Asks the provider about a checked secret.
    pub(super) async fn probe_new(&self, actor: &Actor, checked: &Checked) -> Result<Verdict, ServiceError> {
        let secret = checked.secret.secret();
        self.probe(actor, checked.provider, &checked.target, secret, Depth::Listed)
            .await
    }

    /// A new key of the project with this secret: at no place yet, and not the default.
    pub(super) fn new_key(
        &self,
        actor: &Actor,
        project: ProjectId,
        checked: &Checked,
        verdict: &Verdict,
        is_active: bool,
    ) -> ProviderKey {
        let now = self.foundation.clock.now();
        ProviderKey {
            id: KeyId::new(&*self.foundation.clock, &*self.foundation.random),
            project,
            provider: checked.slug.clone(),
            name: checked.name.clone(),
            is_default: false,
            is_active,
            redacted: checked.secret.redacted(checked.provider.prefixes()),
            endpoint: checked.target.endpoint.clone(),
            api_version: checked.target.api_version.clone(),
            health: Health::from_verdict(verdict, now),
            fallback: FallbackChoice::default(),
            last_used_at: None,
            added_by: actor.user(),
            added_by_name: checked.added_by_name.clone(),
            created_at: now,
            updated_at: now,
            deleted_at: None,
            purged_at: None,
            position: 0,
            retires_at: None,
            superseded_by: None,
            name_before: None,
            rotation_undone_at: None,
            secret_version: 1,
            row_version: 1,
        }
    }

    /// Seals a checked secret for the row that it is to stand in.
    pub(super) async fn seal(
        &self,
        actor: &Actor,
        key: &ProviderKey,
        checked: &Checked,
    ) -> Result<SealedIn, ServiceError> {
        let secret = checked.secret.secret();
        let context = self.seal_context(actor, key);
        Ok(SealedIn {
            sealed: self.tools.sealer.seal(&context, secret).await?,
            fingerprint: self.foundation.roots.fingerprint_of(actor.org, &key.provider, secret),
        })
    }

    /// What is told of a key that was just stored.
    pub(super) async fn saved(
        &self,
        actor: &Actor,
        key: ProviderKey,
        replaced: bool,
        looks_like: Option<&'static str>,
        fingerprint: Fingerprint,
    ) -> Result<SavedKey, ServiceError> {
        let mut tx = self.foundation.store.org(actor.org).await?;
        let same = secrets::with_fingerprint(&mut tx, fingerprint).await?;
        let is_another = |twin: &KeyTwin| twin.key != key.id && actor.reaches(twin.project);
        Ok(SavedKey {
            twins: same.into_iter().filter(is_another).collect(),
            key,
            replaced,
            looks_like,
        })
    }
}

fn api_version(
    provider: &dyn Provider,
    wanted: Option<&str>,
    model: Option<&ProviderKey>,
) -> Result<Option<String>, ServiceError> {
    let Some(version) = wanted.map(str::trim) else {
        return Ok(model.and_then(|model| model.api_version.clone()));
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

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string());
    format!(
        "{}{}.",
        first.unwrap_or_default(),
        characters.as_str().trim_end_matches('.')
    )
}
