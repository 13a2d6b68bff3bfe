//! Invitations: made, revoked, and accepted by the person they are for.

use super::accounts::{Accounts, SignedIn, address_taken, check_email};
use super::audit::{Audit, Event, Target};
use super::mail::{Mail, Mailer};
use super::members::{require_reach, require_writer};
use super::throttle::InvitationThrottle;
use super::{Foundation, Missing, ServiceError};
use crate::domain::{Actor, InvitationId, Principal, RequestContext, Role, UserId};
pub use crate::store::invitations::{Invitation, OpenInvitation};
use crate::store::{OrgTx, StoreError, SystemTx, invitations, memberships, organizations, users};
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

/// Who accepted an invitation with a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Somebody new; they are signed in by it.
    New(SignedIn),
    /// Somebody who was here before, with this address; they sign in as ever, second step included.
    Known(String),
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

    /// The invitation behind a link, while it can be accepted. Looking uses nothing up.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn find(&self, link: &SecretString) -> Result<Option<OpenInvitation>, ServiceError> {
        let mut tx = self.foundation.store.system().await?;
        self.find_in(&mut tx, link).await
    }

    /// Lets the person who is signed in join, and gives their session's new place.
    ///
    /// # Errors
    /// [`ServiceError::PersonsOnly`] to a token; [`ServiceError::Missing`] for a link that does not work (any more);
    /// [`ServiceError::Conflict`] for somebody with another address, or who belongs to the organization already.
    pub async fn accept(&self, actor: &Actor, link: &SecretString) -> Result<SignedIn, ServiceError> {
        let user = actor.user().ok_or(ServiceError::PersonsOnly)?;
        let mut tx = self.foundation.store.system().await?;
        let invitation = self.usable(&mut tx, link).await?;
        if invitation.user != Some(user) {
            return Err(ServiceError::Conflict(format!(
                "This invitation is for {}. Sign out, and sign in with that address.",
                invitation.email
            )));
        }
        self.join(tx, &invitation, user, actor.request).await?;
        Ok(SignedIn {
            user,
            org: invitation.org,
            verified_at: actor.verified_at,
            credentials_version: None,
        })
    }

    /// Lets somebody join who is not signed in: with the password that they have, or, where nobody has the address, with
    /// the one that they choose.
    ///
    /// # Errors
    /// [`ServiceError::Missing`] for a link that does not work (any more); [`ServiceError::InvalidCredentials`];
    /// [`ServiceError::Invalid`] for a password that is too weak; [`ServiceError::Conflict`] for somebody who belongs to
    /// the organization already; [`ServiceError::Throttled`].
    pub async fn accept_with_password(
        &self,
        link: &SecretString,
        password: &SecretString,
        request: RequestContext,
    ) -> Result<Accepted, ServiceError> {
        let invitation = self.find(link).await?.ok_or_else(spent)?;
        self.accounts.count_try(&invitation.email, request.client)?;
        if invitation.user.is_none() {
            return self.accept_as_new(&invitation, link, password, request).await;
        }
        let known = self.accounts.recognise(&invitation.email, password).await?;
        let user = known.ok_or(ServiceError::InvalidCredentials)?;
        let tx = self.foundation.store.system().await?;
        self.join(tx, &invitation, user, request).await?;
        Ok(Accepted::Known(invitation.email))
    }

    async fn accept_as_new(
        &self,
        invitation: &OpenInvitation,
        link: &SecretString,
        password: &SecretString,
        request: RequestContext,
    ) -> Result<Accepted, ServiceError> {
        let OpenInvitation {
            org,
            organization,
            email,
            role,
            ..
        } = invitation;
        let password_hash = self.accounts.new_password(email, organization, password).await?;
        let Foundation {
            store, clock, random, ..
        } = &*self.foundation;
        let now = clock.now();
        let mut tx = store.system().await?;
        // Hashing took its time.
        self.usable(&mut tx, link).await?;
        let user = users::NewUser {
            id: UserId::new(&**clock, &**random),
            email,
            password_hash: &password_hash,
            is_operator: false,
            org: *org,
            role: *role,
        };
        users::create(&mut tx, &user, now).await.map_err(address_taken)?;
        let mut tx = tx.enter(*org).await?;
        self.take(&mut tx, invitation, user.id, request).await?;
        tx.commit().await?;
        Ok(Accepted::New(SignedIn {
            user: user.id,
            org: *org,
            verified_at: Some(now),
            credentials_version: None,
        }))
    }

    /// Makes somebody who exists a member, and uses the invitation up.
    async fn join(
        &self,
        tx: SystemTx,
        invitation: &OpenInvitation,
        user: UserId,
        request: RequestContext,
    ) -> Result<(), ServiceError> {
        let now = self.foundation.clock.now();
        let mut tx = tx.enter(invitation.org).await?;
        memberships::insert(&mut tx, user, invitation.role, now)
            .await
            .map_err(|error| is_member(error, &invitation.organization))?;
        self.take(&mut tx, invitation, user, request).await?;
        Ok(tx.commit().await?)
    }

    /// Uses the invitation up, and tells the trail that `user` has joined.
    async fn take(
        &self,
        tx: &mut OrgTx,
        invitation: &OpenInvitation,
        user: UserId,
        request: RequestContext,
    ) -> Result<(), ServiceError> {
        if !invitations::take(tx, invitation.id, user, self.foundation.clock.now()).await? {
            return Err(spent());
        }
        let actor = Actor {
            org: invitation.org,
            principal: Principal::User(user),
            scopes: invitation.role.scopes(),
            project: None,
            verified_at: None,
            request,
        };
        let details = json!({
            "email": invitation.email,
            "role": invitation.role.as_str(),
            "invitation": invitation.id,
            "is_new": invitation.user.is_none(),
        });
        let target = Target::new("user", &user);
        Ok(self
            .audit
            .record(tx, &actor, Event::MemberJoined, &target, details)
            .await?)
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
        let mail = Mail {
            to: invitation.email.clone(),
            subject: format!("You are invited to {organization} on Latchkey"),
            text: mail_text(invitation, &organization, link),
        };
        let sent = mailer.send(mail).await;
        if sent.is_err() {
            let mut tx = self.foundation.store.org(actor.org).await?;
            self.end(&mut tx, actor, invitation).await?;
            tx.commit().await?;
        }
        Ok(sent?)
    }

    fn link(&self, token: &SecretString) -> SecretString {
        let base = self.public_url.as_str().trim_end_matches('/');
        SecretString::from(format!("{base}/invitations/{}", token.expose_secret()))
    }

    async fn usable(&self, tx: &mut SystemTx, link: &SecretString) -> Result<OpenInvitation, ServiceError> {
        self.find_in(tx, link).await?.ok_or_else(spent)
    }

    async fn find_in(&self, tx: &mut SystemTx, link: &SecretString) -> Result<Option<OpenInvitation>, ServiceError> {
        let Ok(token) = Token::parse(TokenKind::Invitation, link.expose_secret().trim()) else {
            return Ok(None);
        };
        let hash = token.hash(&self.foundation.roots.token);
        Ok(invitations::find_by_hash(tx, &hash, self.foundation.clock.now()).await?)
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

/// The same for a link that was never one.
const fn spent() -> ServiceError {
    ServiceError::Missing(Missing::OpenInvitation)
}

fn is_member(error: StoreError, organization: &str) -> ServiceError {
    if error.breaks("memberships_pkey") {
        ServiceError::Conflict(format!("You belong to {organization} already."))
    } else {
        error.into()
    }
}
