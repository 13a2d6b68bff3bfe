//! Accounts whose person cannot sign in any more, as the operator recovers them.

use super::Accounts;
use crate::domain::{Actor, OrgId, Principal, RequestContext, Scopes, UserId};
use crate::service::audit::{Event, Target};
use crate::service::{Missing, ServiceError};
use crate::store::users::{self, Credentials};
use crate::store::{OrgTx, SystemTx, organizations, second_factors};
use secrecy::SecretString;
use serde_json::json;

impl Accounts {
    /// Sets somebody's password at the command line; every session of theirs ends.
    ///
    /// # Errors
    /// [`ServiceError::Missing`] for an unknown address; [`ServiceError::Invalid`] for a password that is too weak.
    pub async fn set_password(
        &self,
        email: &str,
        password: &SecretString,
        request: RequestContext,
    ) -> Result<(), ServiceError> {
        let known = self.named(email).await?;
        let hash = self.new_password(&known.email, "", password).await?;
        let mut tx = self.foundation.store.system().await?;
        if !users::set_password(&mut tx, &known, &hash).await? {
            let message = "The password was changed elsewhere meanwhile. Nothing was changed here.";
            return Err(ServiceError::Conflict(message.to_owned()));
        }
        users::renew_credentials(&mut tx, known.id).await?;
        self.commit_and_tell(tx, known.id, Principal::CommandLine, Event::PasswordChanged, request)
            .await
    }

    /// Takes somebody's second factor away at the command line, when they lost authenticator and recovery codes; every
    /// session of theirs ends.
    ///
    /// # Errors
    /// [`ServiceError::Missing`] for an unknown address; [`ServiceError::Conflict`] when there is none.
    pub async fn remove_second_factor(&self, email: &str, request: RequestContext) -> Result<(), ServiceError> {
        let known = self.named(email).await?;
        let mut tx = self.foundation.store.system().await?;
        if !second_factors::remove(&mut tx, known.id).await? {
            return Err(ServiceError::Conflict("No codes are asked for there.".to_owned()));
        }
        users::renew_credentials(&mut tx, known.id).await?;
        self.commit_and_tell(
            tx,
            known.id,
            Principal::CommandLine,
            Event::SecondFactorDisabled,
            request,
        )
        .await
    }

    /// Commits, and tells every organization that the person belongs to what happened to their account: the first one
    /// in the same transaction.
    pub(in crate::service) async fn commit_and_tell(
        &self,
        mut tx: SystemTx,
        user: UserId,
        principal: Principal,
        event: Event,
        request: RequestContext,
    ) -> Result<(), ServiceError> {
        let memberships = organizations::memberships_of(&mut tx, user).await?;
        let mut orgs = memberships.iter().map(|membership| membership.org);
        let Some(first) = orgs.next() else {
            return Ok(tx.commit().await?);
        };
        let actor = |org: OrgId| Actor {
            org,
            principal,
            scopes: Scopes::default(),
            project: None,
            verified_at: None,
            request,
        };
        self.tell_of(tx.enter(first).await?, &actor(first), user, event).await?;
        for org in orgs {
            let tx = self.foundation.store.org(org).await?;
            self.tell_of(tx, &actor(org), user, event).await?;
        }
        Ok(())
    }

    async fn tell_of(&self, mut tx: OrgTx, actor: &Actor, user: UserId, event: Event) -> Result<(), ServiceError> {
        let target = Target::new("user", &user);
        self.audit.record(&mut tx, actor, event, &target, json!({})).await?;
        Ok(tx.commit().await?)
    }

    async fn named(&self, email: &str) -> Result<Credentials, ServiceError> {
        let mut tx = self.foundation.store.system().await?;
        let known = users::find_by_email(&mut tx, email.trim()).await?;
        known.ok_or(ServiceError::Missing(Missing::Member))
    }
}
