//! A person's organizations, for the dashboard.

use super::backend::Bound;
use super::error::from_service;
use crate::domain::Actor;
use crate::service::organizations::Membership;
use crate::service::{Missing, ServiceError};
use app::contract::{OrganizationView, UiError};
use app::ports::OrganizationPort;
use async_trait::async_trait;

#[async_trait]
impl OrganizationPort for Bound {
    async fn enter(&self, organization: String) -> Result<(), UiError> {
        let actor = self.actor()?;
        let missing = |_| from_service(&ServiceError::Missing(Missing::Organization));
        let org = organization.parse().map_err(missing)?;
        let place = self.app.services.organizations.enter(actor, org).await;
        self.begin(place).await
    }

    async fn create(&self, name: String) -> Result<(), UiError> {
        let place = self.app.services.organizations.create(self.actor()?, &name).await;
        self.begin(place).await
    }
}

impl Bound {
    /// The organizations that the caller belongs to; none for a program with a token.
    pub(super) async fn memberships(&self, actor: &Actor) -> Result<Vec<Membership>, UiError> {
        if actor.user().is_none() {
            return Ok(Vec::new());
        }
        let memberships = self.app.services.organizations.of(actor).await;
        memberships.map_err(|error| from_service(&error))
    }
}

/// One of them, as pages show it to `actor`.
pub(super) fn view(membership: Membership, actor: &Actor) -> OrganizationView {
    OrganizationView {
        id: membership.org.to_string(),
        name: membership.organization,
        role: membership.role.to_string(),
        is_current: membership.org == actor.org,
    }
}
