//! Invitations, for the dashboard and for those who are invited.

use super::backend::Bound;
use super::error::from_service;
use super::members::{reaches, read_role};
use super::moment::moment;
use crate::domain::{Actor, InvitationId};
use crate::service::invitations::{Accepted, Invitation, NewInvitation, OpenInvitation};
use crate::service::{Missing, ServiceError};
use crate::web::auth::{Caller, KnownCaller};
use app::contract::{CreatedInvitation, InvitationView, InvitedView, OfferView, UiError, VisitorView};
use app::ports::{AccountPort, InvitationPort, Password};
use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use time::OffsetDateTime;

#[async_trait]
impl InvitationPort for Bound {
    async fn create(&self, organization: String, email: String, role: String) -> Result<CreatedInvitation, UiError> {
        let actor = self.actor_in(&organization)?;
        let new = NewInvitation {
            email,
            role: read_role(&role)?,
            invited_by_name: self.known()?.name.clone(),
        };
        let minted = self.app.services.invitations.create(actor, new).await;
        let minted = minted.map_err(|error| from_service(&error))?;
        Ok(CreatedInvitation {
            email: minted.invitation.email,
            role: minted.invitation.role.to_string(),
            link: minted.link.map(|link| link.expose_secret().to_owned()),
            replaces_another: minted.replaces_another,
        })
    }

    async fn revoke(&self, organization: String, invitation: String) -> Result<(), UiError> {
        let actor = self.actor_in(&organization)?;
        let missing = |_| from_service(&ServiceError::Missing(Missing::Invitation));
        let invitation: InvitationId = invitation.parse().map_err(missing)?;
        let revoked = self.app.services.invitations.revoke(actor, invitation).await;
        revoked.map(drop).map_err(|error| from_service(&error))
    }

    async fn offer(&self, link: Password) -> Result<InvitedView, UiError> {
        let found = self.app.services.invitations.find(&SecretString::from(link.0)).await;
        let found = found.map_err(|error| from_service(&error))?;
        let invitation = match found {
            Some(invitation) => Some(self.offer_of(invitation)?),
            None => None,
        };
        Ok(InvitedView { invitation })
    }

    async fn accept(&self, link: Password, password: Password) -> Result<(), UiError> {
        let link = SecretString::from(link.0);
        let invitations = &self.app.services.invitations;
        if let Some(known) = self.visitor()? {
            return self.begin(invitations.accept(&known.actor, &link).await).await;
        }
        let secret = SecretString::from(password.0.as_str());
        let accepted = invitations.accept_with_password(&link, &secret, self.request).await;
        match accepted.map_err(|error| from_service(&error))? {
            Accepted::New(place) => self.begin(Ok(place)).await,
            Accepted::Known(email) => AccountPort::sign_in(self, email, password).await,
        }
    }
}

impl Bound {
    /// Whoever is signed in; a program with a token is nobody here.
    fn visitor(&self) -> Result<Option<&KnownCaller>, UiError> {
        match &self.caller {
            Caller::Anonymous => Ok(None),
            _ => self.known().map(|known| known.actor.user().map(|_| known)),
        }
    }

    fn offer_of(&self, invitation: OpenInvitation) -> Result<OfferView, UiError> {
        let visitor = match (self.visitor()?, invitation.user) {
            (Some(known), user) if user.is_some() && known.actor.user() == user => VisitorView::Invited,
            (Some(known), _) => VisitorView::Other(known.name.clone()),
            (None, Some(_)) => VisitorView::Known,
            (None, None) => VisitorView::New,
        };
        Ok(OfferView {
            organization: invitation.organization,
            email: invitation.email,
            role: invitation.role.to_string(),
            invited_by: invitation.invited_by_name,
            expires_at: moment(invitation.expires_at, self.app.clock.now()),
            visitor,
        })
    }
}

/// An invitation as the Members page shows it to `actor`.
pub(super) fn view(invitation: Invitation, actor: &Actor, now: OffsetDateTime) -> InvitationView {
    InvitationView {
        id: invitation.id.to_string(),
        is_open: invitation.is_open(now),
        can_revoke: reaches(actor, invitation.role),
        role: invitation.role.to_string(),
        expires_at: moment(invitation.expires_at, now),
        email: invitation.email,
        invited_by: invitation.invited_by_name,
    }
}
