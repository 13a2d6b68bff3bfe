//! Accepting an invitation, by the person whom it is for.

use super::{Invitations, OpenInvitation};
use crate::domain::{Actor, Principal, RequestContext, UserId};
use crate::service::accounts::{SignedIn, address_taken};
use crate::service::audit::{Event, Target};
use crate::service::{Foundation, Missing, ServiceError};
use crate::store::{OrgTx, StoreError, SystemTx, invitations, memberships, users};
use crate::vault::{Token, TokenKind};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

/// Who accepted an invitation with a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Somebody new; they are signed in by it.
    New(SignedIn),
    /// Somebody who was here before, with this address; they sign in as ever, second step included.
    Known(String),
}

impl Invitations {
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
