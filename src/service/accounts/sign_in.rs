//! Who one is: shown with a password, and with a code where there is a second factor.

use super::{Accounts, SignedIn};
use crate::domain::{Actor, RequestContext, UserId};
use crate::service::ServiceError;
use crate::service::audit::Event;
use crate::store::users::{self, Credentials};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// The code must follow the password within this time.
const SECOND_STEP_LIFE: Duration = Duration::minutes(10);

/// What address and password came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// The person is signed in.
    Done(SignedIn),
    /// A code is asked for as well. Nobody is signed in until then.
    CodeWanted(SecondStep),
}

/// Somebody who showed their password, and has a code to show yet. Kept by the server, never given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecondStep {
    user: UserId,
    credentials_version: i64,
    #[serde(with = "time::serde::timestamp")]
    began_at: OffsetDateTime,
}

impl Accounts {
    /// Checks address and password. Known and unknown addresses get the same answer, as slowly.
    ///
    /// # Errors
    /// [`ServiceError::InvalidCredentials`]; [`ServiceError::Throttled`].
    pub async fn sign_in(
        &self,
        email: &str,
        password: &SecretString,
        request: RequestContext,
    ) -> Result<SignIn, ServiceError> {
        self.throttle.check(email, request.client)?;
        let known = self.credentials(email, password).await?;
        let known = known.ok_or(ServiceError::InvalidCredentials)?;
        if known.has_second_factor {
            return Ok(SignIn::CodeWanted(SecondStep {
                user: known.id,
                credentials_version: known.version,
                began_at: self.foundation.clock.now(),
            }));
        }
        self.admit(&known, request).await.map(SignIn::Done)
    }

    /// Whether a code may still follow.
    #[must_use]
    pub fn is_open(&self, step: &SecondStep) -> bool {
        self.foundation.clock.now() - step.began_at < SECOND_STEP_LIFE
    }

    /// Checks the code that follows the password: the authenticator's, or a recovery code.
    ///
    /// # Errors
    /// [`ServiceError::Unauthenticated`] when the password has to be shown again; [`ServiceError::Invalid`] for the
    /// code; [`ServiceError::Throttled`].
    pub async fn second_step(
        &self,
        step: SecondStep,
        code: &SecretString,
        request: RequestContext,
    ) -> Result<SignedIn, ServiceError> {
        let known = self.find(step.user).await?;
        let known = known
            .filter(|known| self.is_open(&step) && known.version == step.credentials_version)
            .ok_or(ServiceError::Unauthenticated)?;
        self.throttle.check(&known.email, request.client)?;
        let used = self.second_factors.check(known.id, code).await?;
        let signed_in = self.admit(&known, request).await?;
        if used.is_recovery_code() {
            self.note(signed_in, Event::RecoveryCodeUsed, request).await?;
        }
        Ok(signed_in)
    }

    /// Whether a code is asked for besides the actor's password.
    ///
    /// # Errors
    /// [`ServiceError::PersonsOnly`] to a token.
    pub async fn asks_for_code(&self, actor: &Actor) -> Result<bool, ServiceError> {
        Ok(self.own(actor).await?.has_second_factor)
    }

    /// Lets the person who is signed in show once more who they are.
    ///
    /// # Errors
    /// [`ServiceError::PersonsOnly`] to a token; [`ServiceError::Invalid`] for the password or the code;
    /// [`ServiceError::Throttled`].
    pub async fn confirm(
        &self,
        actor: &Actor,
        password: &SecretString,
        code: &SecretString,
    ) -> Result<SignedIn, ServiceError> {
        let known = self.own(actor).await?;
        self.check_own_password(&known, "password", password, actor.request)
            .await?;
        let signed_in = SignedIn {
            user: known.id,
            org: actor.org,
            verified_at: Some(self.foundation.clock.now()),
            credentials_version: None,
        };
        if known.has_second_factor && self.second_factors.check(known.id, code).await?.is_recovery_code() {
            self.note(signed_in, Event::RecoveryCodeUsed, actor.request).await?;
        }
        Ok(signed_in)
    }

    /// The credentials of the person who acts.
    pub(in crate::service) async fn own(&self, actor: &Actor) -> Result<Credentials, ServiceError> {
        let user = actor.user().ok_or(ServiceError::PersonsOnly)?;
        self.find(user).await?.ok_or(ServiceError::Unauthenticated)
    }

    /// Counts a try, and compares a password with the person's own.
    pub(in crate::service) async fn check_own_password(
        &self,
        known: &Credentials,
        field: &'static str,
        password: &SecretString,
        request: RequestContext,
    ) -> Result<(), ServiceError> {
        self.throttle.check(&known.email, request.client)?;
        if self.passwords.matches(password, Some(&known.password_hash)).await? {
            Ok(())
        } else {
            Err(ServiceError::invalid(field, "This is not your password."))
        }
    }

    /// The person with this address and this password. Known and unknown addresses take as long.
    pub(in crate::service) async fn recognise(
        &self,
        email: &str,
        password: &SecretString,
    ) -> Result<Option<UserId>, ServiceError> {
        Ok(self.credentials(email, password).await?.map(|known| known.id))
    }

    async fn credentials(&self, email: &str, password: &SecretString) -> Result<Option<Credentials>, ServiceError> {
        let mut tx = self.foundation.store.system().await?;
        let known = users::find_by_email(&mut tx, email.trim()).await?;
        drop(tx);
        let hash = known.as_ref().map(|known| known.password_hash.as_str());
        let fits = self.passwords.matches(password, hash).await?;
        Ok(known.filter(|_| fits))
    }

    async fn find(&self, user: UserId) -> Result<Option<Credentials>, ServiceError> {
        let mut tx = self.foundation.store.system().await?;
        Ok(users::find(&mut tx, user).await?)
    }

    /// Signs somebody in who has shown all there is to show.
    async fn admit(&self, known: &Credentials, request: RequestContext) -> Result<SignedIn, ServiceError> {
        let membership = self.memberships(known.id).await?.into_iter().next();
        let signed_in = SignedIn {
            user: known.id,
            org: membership.ok_or(ServiceError::InvalidCredentials)?.org,
            verified_at: Some(self.foundation.clock.now()),
            credentials_version: Some(known.version),
        };
        self.note(signed_in, Event::SignedIn, request).await?;
        Ok(signed_in)
    }
}
