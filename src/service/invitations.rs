//! Invitations: made, revoked, and accepted by the person they are for.

mod accept;

pub use accept::Accepted;

use super::accounts::{Accounts, check_email};
use super::audit::{Audit, Event, Target};
use super::mail::{self, Mail, Mailer};
use super::members::{require_reach, require_writer};
use super::throttle::InvitationThrottle;
use super::{Foundation, Missing, ServiceError};
use crate::domain::{Actor, InvitationId, Role};
pub use crate::store::invitations::{Invitation, OpenInvitation};
use crate::store::{OrgTx, invitations, memberships, organizations};
use crate::vault::{Token, TokenKind};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::sync::Arc;
use time::Duration;
use url::Url;

const LIFE: Duration = Duration::days(7);

/// An invitation to be made.
#[derive(Clone, Debug)]
pub struct NewInvitation {
    /// Whom it is for.
    pub email: String,
    /// The role that they get.
    pub role: Role,
    /// The maker's address or name, which the invited person sees.
    pub invited_by_name: String,
}

/// An invitation just made.
#[derive(Debug)]
pub struct MintedInvitation {
    /// What is kept of it.
    pub invitation: Invitation,
    /// Its link, to be shown once; `None` when it was mailed: then only who reads that mail can accept.
    pub link: Option<SecretString>,
    /// Whether an earlier link to this address stopped working for it.
    pub replaces_another: bool,
}

/// Makes, revokes, shows and accepts invitations.
pub struct Invitations {
    foundation: Arc<Foundation>,
    accounts: Arc<Accounts>,
    audit: Arc<Audit>,
    throttle: InvitationThrottle,
    mailer: Option<Arc<dyn Mailer>>,
    public_url: Url,
}

impl Invitations {
    pub(crate) fn new(
        foundation: Arc<Foundation>,
        accounts: Arc<Accounts>,
        audit: Arc<Audit>,
        mailer: Option<Arc<dyn Mailer>>,
        public_url: Url,
    ) -> Self {
        Self {
            foundation,
            accounts,
            audit,
            throttle: InvitationThrottle::default(),
            mailer,
            public_url,
        }
    }

    /// Invitations that were neither accepted nor revoked, the newest first; those that have run out among them.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:members`; [`ServiceError::OneProjectOnly`].
    pub async fn list(&self, actor: &Actor) -> Result<Vec<Invitation>, ServiceError> {
        require_writer(actor)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        Ok(invitations::list(&mut tx).await?)
    }

    /// Makes an invitation that works once, within a week, for the person with this address, and mails it where there is
    /// a mail server. An earlier one to the same address is revoked: it may have gone astray.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:members`, or for a role, the earlier invitation's too, that holds more
    /// than the actor does; [`ServiceError::OneProjectOnly`]; [`ServiceError::SignInAgain`] for an owner;
    /// [`ServiceError::Invalid`] for the address; [`ServiceError::Conflict`] for a member; [`ServiceError::Throttled`]; [`ServiceError::Mail`] when the
    /// mail server did not take it: nobody is invited then.
    pub async fn create(&self, actor: &Actor, new: NewInvitation) -> Result<MintedInvitation, ServiceError> {
        require_writer(actor)?;
        let Foundation {
            store,
            clock,
            random,
            roots,
        } = &*self.foundation;
        let now = clock.now();
        require_reach(actor, new.role, now)?;
        let email = check_email(&new.email)?;
        self.throttle.check(actor.org)?;
        let mut tx = store.org(actor.org).await?;
        let everybody = memberships::lock(&mut tx, now).await?;
        if everybody.iter().any(|member| member.email == email) {
            return Err(ServiceError::Conflict(format!(
                "{email} belongs to the organization already."
            )));
        }
        let earlier = invitations::list(&mut tx).await?;
        let earlier = earlier.into_iter().find(|invitation| invitation.email == email);
        if let Some(earlier) = &earlier {
            require_reach(actor, earlier.role, now)?;
            self.end(&mut tx, actor, earlier).await?;
        }
        let token = Token::mint(TokenKind::Invitation, &**random);
        let invitation = Invitation {
            id: InvitationId::new(&**clock, &**random),
            email,
            role: new.role,
            invited_by: actor.user(),
            invited_by_name: new.invited_by_name,
            created_at: now,
            expires_at: now + LIFE,
        };
        invitations::insert(&mut tx, &invitation, &token.hash(&roots.token)).await?;
        self.record(&mut tx, actor, Event::InvitationCreated, &invitation)
            .await?;
        tx.commit().await?;
        let link = self.link(&token.text());
        let link = if let Some(mailer) = &self.mailer {
            self.mail(&**mailer, actor, &invitation, &link).await?;
            None
        } else {
            Some(link)
        };
        Ok(MintedInvitation {
            invitation,
            link,
            replaces_another: earlier.is_some_and(|earlier| earlier.is_open(now)),
        })
    }

    /// Ends an invitation.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `write:members`, or for a role that holds more than the actor does;
    /// [`ServiceError::OneProjectOnly`]; [`ServiceError::SignInAgain`] for an owner's; [`ServiceError::Missing`].
    pub async fn revoke(&self, actor: &Actor, id: InvitationId) -> Result<Invitation, ServiceError> {
        require_writer(actor)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let invitation = invitations::find(&mut tx, id).await?;
        let invitation = invitation.ok_or(ServiceError::Missing(Missing::Invitation))?;
        require_reach(actor, invitation.role, self.foundation.clock.now())?;
        self.end(&mut tx, actor, &invitation).await?;
        tx.commit().await?;
        Ok(invitation)
    }

    /// Mails an invitation; one that cannot be is revoked, since nobody knows its link.
    async fn mail(
        &self,
        mailer: &dyn Mailer,
        actor: &Actor,
        invitation: &Invitation,
        link: &SecretString,
    ) -> Result<(), ServiceError> {
        let mut tx = self.foundation.store.org(actor.org).await?;
        let organization = organizations::name(&mut tx).await?.unwrap_or_default();
        drop(tx);
        let id = mail::stable_id("invitation", &invitation.id.to_string());
        let subject = format!("You are invited to {organization} on Latchkey");
        let text = mail_text(invitation, &organization, link);
        let mail = Mail::plain(id, invitation.email.clone(), subject, text);
        let sent = mailer.send(mail).await;
        if sent.is_err() {
            let mut tx = self.foundation.store.org(actor.org).await?;
            self.end(&mut tx, actor, invitation).await?;
            tx.commit().await?;
        }
        Ok(sent?)
    }

    fn link(&self, token: &SecretString) -> SecretString {
        let path = format!("/invitations/{}", token.expose_secret());
        SecretString::from(mail::address(&self.public_url, &path))
    }

    async fn end(&self, tx: &mut OrgTx, actor: &Actor, invitation: &Invitation) -> Result<(), ServiceError> {
        invitations::revoke(tx, invitation.id, self.foundation.clock.now()).await?;
        self.record(tx, actor, Event::InvitationRevoked, invitation).await
    }

    async fn record(
        &self,
        tx: &mut OrgTx,
        actor: &Actor,
        event: Event,
        invitation: &Invitation,
    ) -> Result<(), ServiceError> {
        let details = json!({ "email": invitation.email, "role": invitation.role.as_str() });
        let target = Target::new("invitation", &invitation.id);
        Ok(self.audit.record(tx, actor, event, &target, details).await?)
    }
}

fn mail_text(invitation: &Invitation, organization: &str, link: &SecretString) -> SecretString {
    let Invitation {
        role, invited_by_name, ..
    } = invitation;
    SecretString::from(format!(
        "{invited_by_name} invites you to join {organization} on Latchkey, as {role}.\n\
         \n\
         To accept, open this link within 7 days. It works once, and for this address only.\n\
         \n\
         {}\n\
         \n\
         If you expected no such invitation, ignore this mail: nothing happens then.\n",
        link.expose_secret()
    ))
}
