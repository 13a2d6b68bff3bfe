//! Ending the mails of one kind by a link in one of them, without signing in.
//!
//! The link names person, organization and kind, and carries a MAC over them: nothing is stored for it, and it works as
//! long as the person belongs to the organization. It can do nothing else.

use super::Notifications;
use super::choices::Effective;
use crate::domain::{NotificationKind, OrgId, UserId};
use crate::service::ServiceError;
use crate::store::{OrgTx, StoreError, memberships, organizations};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

const PURPOSE: &[u8] = b"unsubscribe";

/// What a link ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsubscribing {
    /// Which mails.
    pub kind: NotificationKind,
    /// Of which organization.
    pub organization: String,
    /// Whether they come no more.
    pub is_done: bool,
}

#[derive(Clone, Copy)]
struct Link {
    org: OrgId,
    user: UserId,
    kind: NotificationKind,
}

impl Notifications {
    /// What stands behind `link=` in a mail.
    pub(super) fn unsubscribe_link(&self, org: OrgId, user: UserId, kind: NotificationKind) -> String {
        let link = Link { org, user, kind };
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(org.as_uuid().as_bytes());
        bytes.extend_from_slice(user.as_uuid().as_bytes());
        bytes.extend_from_slice(&self.mac(link));
        format!("{}.{kind}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What a link would end; `None` for one that does not work.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn unsubscribing(&self, link: &str) -> Result<Option<Unsubscribing>, ServiceError> {
        let Some(link) = self.read(link) else {
            return Ok(None);
        };
        let mut tx = self.foundation.store.org(link.org).await?;
        Ok(self.look_up(&mut tx, link).await?)
    }

    /// Ends the mails that a link stands in; `None` for one that does not work.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn unsubscribe(&self, link: &str) -> Result<Option<Unsubscribing>, ServiceError> {
        let Some(link) = self.read(link) else {
            return Ok(None);
        };
        let mut tx = self.foundation.store.org(link.org).await?;
        let members = memberships::list(&mut tx, self.foundation.clock.now()).await?;
        if let Some(member) = members.iter().find(|member| member.user == link.user) {
            self.stop_mails(&mut tx, member, link.kind).await?;
        }
        let ended = self.look_up(&mut tx, link).await?;
        tx.commit().await?;
        Ok(ended)
    }

    async fn look_up(&self, tx: &mut OrgTx, link: Link) -> Result<Option<Unsubscribing>, StoreError> {
        let members = memberships::list(tx, self.foundation.clock.now()).await?;
        let Some(member) = members.into_iter().find(|member| member.user == link.user) else {
            return Ok(None);
        };
        Ok(Some(Unsubscribing {
            kind: link.kind,
            organization: organizations::name(tx).await?.unwrap_or_default(),
            is_done: !Effective::of_kind(tx, link.kind).await?.mails(&member),
        }))
    }

    fn read(&self, text: &str) -> Option<Link> {
        let (encoded, kind) = text.trim().split_once('.')?;
        let bytes = URL_SAFE_NO_PAD.decode(encoded).ok()?;
        let (ids, mac) = bytes.split_at_checked(32)?;
        let (org, user) = ids.split_at_checked(16)?;
        let link = Link {
            org: OrgId::from_uuid(Uuid::from_slice(org).ok()?),
            user: UserId::from_uuid(Uuid::from_slice(user).ok()?),
            kind: kind.parse().ok()?,
        };
        let root = &self.foundation.roots.token;
        root.verify(&parts(&link.org.as_uuid(), &link.user.as_uuid(), link.kind), mac)
            .then_some(link)
    }

    fn mac(&self, Link { org, user, kind }: Link) -> [u8; 32] {
        let root = &self.foundation.roots.token;
        root.mac(&parts(&org.as_uuid(), &user.as_uuid(), kind))
    }
}

fn parts<'ids>(org: &'ids Uuid, user: &'ids Uuid, kind: NotificationKind) -> [&'ids [u8]; 4] {
    [PURPOSE, org.as_bytes(), user.as_bytes(), kind.as_str().as_bytes()]
}
