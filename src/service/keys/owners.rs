//! Owners are mailed what they did not do themselves: a rotation that was undone.

use super::{Keys, provider_name};
use crate::domain::{HealthReason, KeyId, OrgId, ProviderKey, Role, UserId};
use crate::service::ServiceError;
use crate::service::mail::{self, Mail};
use crate::store::queue::{self, NewJob};
use crate::store::{keys, memberships, projects};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// A mail to one owner, so that one whom the mail server refuses keeps no other from theirs.
#[derive(Debug, Serialize, Deserialize)]
pub struct TellOwner {
    org: OrgId,
    owner: UserId,
    /// The new key, out of use again.
    key: KeyId,
    restored: KeyId,
}

impl TellOwner {
    /// What the queue calls it.
    pub const TASK: &str = "tell_owner_of_undone_rotation";
}

impl Keys {
    /// Has every owner mailed, where the operator set a mail server up.
    pub(super) async fn tell_owners(&self, org: OrgId, key: KeyId, restored: KeyId) -> Result<(), ServiceError> {
        if self.tools.mailer.is_none() {
            return Ok(());
        }
        let mut tx = self.foundation.store.org(org).await?;
        let members = memberships::list(&mut tx, self.foundation.clock.now()).await?;
        drop(tx);
        let owners = members.iter().filter(|member| member.role == Role::Owner);
        let jobs: Vec<_> = owners
            .map(|member| NewJob {
                task: TellOwner::TASK,
                payload: json!(TellOwner {
                    org,
                    owner: member.user,
                    key,
                    restored,
                }),
                queue: None,
                key: None,
                run_at: None,
            })
            .collect();
        let mut tx = self.foundation.store.system().await?;
        queue::add(&mut tx, &jobs).await?;
        Ok(tx.commit().await?)
    }

    /// Mails an owner, unless they are none any more, or a key is gone.
    ///
    /// # Errors
    /// [`ServiceError::Mail`]; whatever the store says.
    pub async fn tell_owner(&self, job: TellOwner) -> Result<(), ServiceError> {
        let Some(mailer) = &self.tools.mailer else {
            return Ok(());
        };
        let mut tx = self.foundation.store.org(job.org).await?;
        let members = memberships::list(&mut tx, self.foundation.clock.now()).await?;
        let is_owner = |member: &memberships::Member| member.user == job.owner && member.role == Role::Owner;
        let (Some(owner), Some(new), Some(old)) = (
            members.into_iter().find(is_owner),
            keys::find_anywhere(&mut tx, job.key).await?,
            keys::find_anywhere(&mut tx, job.restored).await?,
        ) else {
            return Ok(());
        };
        let Some(project) = projects::find(&mut tx, new.project).await? else {
            return Ok(());
        };
        drop(tx);
        let mail = Mail {
            to: owner.email,
            subject: format!(
                "{}: the new key of {} was taken back",
                provider_name(&new.provider),
                project.name
            ),
            text: SecretString::from(self.text(&new, &old, &project.name, project.slug.as_str())),
        };
        Ok(mailer.send(mail).await?)
    }

    fn text(&self, new: &ProviderKey, old: &ProviderKey, project: &str, slug: &str) -> String {
        let provider = provider_name(&new.provider);
        let page = mail::address(&self.tools.public_url, &format!("/projects/{slug}/keys"));
        let refusal = match (&new.health.message, new.health.reason) {
            (Some(message), _) => message.clone(),
            (None, Some(HealthReason::Blocked)) => "it blocked the account".to_owned(),
            (None, _) => "it refused the key".to_owned(),
        };
        format!(
            "{provider} does not accept the key {} any more, which had just taken over in {project}:\n\
             \n\
             {refusal}\n\
             \n\
             The key before it, {}, works still, and serves again. No call has to be changed.\n\
             Bring another key before that one is ended at the provider:\n\
             \n\
             {page}\n",
            shown(new),
            shown(old),
        )
    }
}

/// A key as people know it: what it is called, and its last characters.
fn shown(key: &ProviderKey) -> String {
    if key.name.is_empty() {
        key.redacted.clone()
    } else {
        format!("“{}” ({})", key.name, key.redacted)
    }
}
