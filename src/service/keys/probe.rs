//! Asking the provider, and what its verdict means for a key that is to be used.

use super::{Keys, catalogued};
use crate::domain::{Actor, HealthReason, Principal, ProviderKey, Scope, Verdict};
use crate::providers::{Depth, Provider, Target};
use crate::service::ServiceError;
use crate::store::keys::{self, secrets};
use crate::vault::OpenError;
use secrecy::SecretString;

impl Keys {
    /// Probes a secret that is in hand. No transaction is open meanwhile.
    pub(super) async fn probe(
        &self,
        actor: &Actor,
        provider: &dyn Provider,
        target: &Target,
        secret: &SecretString,
        depth: Depth,
    ) -> Result<Verdict, ServiceError> {
        // What the server does unasked uses up nobody's share.
        if actor.principal != Principal::System {
            self.throttle.check(actor.org)?;
        }
        Ok(self.tools.prober.probe(provider, target, secret, depth).await)
    }

    /// Opens a stored key and probes it.
    pub(super) async fn probe_stored(
        &self,
        actor: &Actor,
        key: &ProviderKey,
        depth: Depth,
    ) -> Result<Verdict, ServiceError> {
        let (_, provider) = catalogued(key.provider.as_str())?;
        let secret = self.open(actor, key).await?;
        let target = Target {
            endpoint: key.endpoint.clone(),
            api_version: key.api_version.clone(),
        };
        self.probe(actor, provider, &target, &secret, depth).await
    }

    /// Opens a stored key. A failure is an alarm and is audited; nothing falls back on it.
    async fn open(&self, actor: &Actor, key: &ProviderKey) -> Result<SecretString, ServiceError> {
        actor.require(Scope::WriteByok)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let stored = secrets::find(&mut tx, key.id).await?;
        drop(tx);
        let stored = stored.ok_or_else(super::changed_meanwhile)?;
        match self
            .tools
            .opener
            .open(&self.seal_context(actor, key), &stored.sealed)
            .await
        {
            Ok(secret) => {
                if !stored.has_fingerprint {
                    self.add_fingerprint(actor, key, &secret).await?;
                }
                Ok(secret)
            }
            Err(error) => {
                // Between the two looks somebody may have replaced the key.
                if self.is_replaced(actor, key).await? {
                    return Err(super::changed_meanwhile());
                }
                if !matches!(error, OpenError::Unavailable(_)) {
                    self.audit
                        .alarm_unreadable_key(actor, key.id, &key.provider, &error)
                        .await?;
                }
                Err(ServiceError::Open(error))
            }
        }
    }

    /// For a secret that was stored before there were fingerprints.
    async fn add_fingerprint(
        &self,
        actor: &Actor,
        key: &ProviderKey,
        secret: &SecretString,
    ) -> Result<(), ServiceError> {
        let fingerprint = self.foundation.roots.fingerprint_of(actor.org, &key.provider, secret);
        let mut tx = self.foundation.store.org(actor.org).await?;
        secrets::add_fingerprint(&mut tx, key.id, key.secret_version, fingerprint).await?;
        Ok(tx.commit().await?)
    }

    async fn is_replaced(&self, actor: &Actor, key: &ProviderKey) -> Result<bool, ServiceError> {
        let mut tx = self.foundation.store.org(actor.org).await?;
        let current = keys::find(&mut tx, key.project, key.id).await?;
        Ok(current.is_none_or(|current| current.secret_version != key.secret_version))
    }
}

/// Lets a verdict pass that permits a key to be used; `unchanged` says what stays as it was
/// otherwise.
pub(super) fn usable(
    provider: &dyn Provider,
    verdict: Verdict,
    hint: Option<String>,
    unchanged: &str,
) -> Result<Verdict, ServiceError> {
    let message = verdict.message.clone().unwrap_or_default();
    match verdict.reason {
        Some(reason) if reason.refuses_storage() => Err(ServiceError::KeyRefused {
            provider: provider.name(),
            message,
            hint,
            unchanged: unchanged.to_owned(),
        }),
        Some(HealthReason::Unreachable) => Err(ServiceError::ProviderUnreachable {
            provider: provider.name(),
            message,
            timed_out: verdict.timed_out,
            unchanged: unchanged.to_owned(),
        }),
        _ => Ok(verdict),
    }
}
