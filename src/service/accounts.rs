//! Set-up, sign-in, and who a session's person is.

mod people;
mod recover;
mod sign_in;

pub(super) use people::address_taken;
pub use sign_in::{SecondStep, SignIn};

use super::audit::{Audit, Event};
use super::passwords::{Passwords, judge};
use super::projects::check_name;
use super::throttle::SignInThrottle;
use super::totp::SecondFactors;
use super::{Foundation, Missing, ServiceError};
use crate::domain::{Actor, OrgId, Principal, RequestContext, Role, Scope, Scopes, UserId};
pub use crate::store::organizations::Membership;
use crate::store::{organizations, setup, users};
use crate::vault::{Token, TokenKind};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::net::IpAddr;
use std::sync::Arc;
use time::{Duration, OffsetDateTime};

const SETUP_LINK_LIFE: Duration = Duration::hours(24);
const MAX_EMAIL: usize = 254;

/// The first owner.
#[derive(Debug)]
pub struct NewOwner {
    /// The token of the set-up link.
    pub link: SecretString,
    /// The organization's name.
    pub organization: String,
    /// The owner's address.
    pub email: String,
    /// The owner's password.
    pub password: SecretString,
}

/// A person created at the command line.
#[derive(Debug)]
pub struct NewMember {
    /// The organization's name; created when there is none of that name.
    pub organization: String,
    /// The person's address.
    pub email: String,
    /// Their password.
    pub password: SecretString,
    /// Their role.
    pub role: Role,
    /// Whether they operate this deployment.
    pub is_operator: bool,
}

/// Who signed in, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The person.
    pub user: UserId,
    /// The organization that the session is in.
    pub org: OrgId,
    /// When they last showed who they are.
    pub verified_at: Option<OffsetDateTime>,
    /// The version of the credentials that they showed; `None` when it is the one that their session has already, or
    /// the first, of somebody new.
    pub credentials_version: Option<i64>,
}

/// Set-up, sign-in, and who a session's person is.
pub struct Accounts {
    foundation: Arc<Foundation>,
    audit: Arc<Audit>,
    passwords: Passwords,
    throttle: SignInThrottle,
    second_factors: Arc<SecondFactors>,
    allows_platform_keys: bool,
}

impl Accounts {
    pub(crate) fn new(
        foundation: Arc<Foundation>,
        audit: Arc<Audit>,
        second_factors: Arc<SecondFactors>,
        allows_platform_keys: bool,
    ) -> Self {
        Self {
            foundation,
            audit,
            passwords: Passwords::default(),
            throttle: SignInThrottle::default(),
            second_factors,
            allows_platform_keys,
        }
    }

    /// A one-time link's token with which the first owner is created within a day; `None` once
    /// anybody exists.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn make_setup_link(&self) -> Result<Option<SecretString>, ServiceError> {
        let Foundation {
            store,
            clock,
            random,
            roots,
        } = &*self.foundation;
        let mut tx = store.system().await?;
        if users::any_exist(&mut tx).await? {
            return Ok(None);
        }
        let token = Token::mint(TokenKind::Setup, &**random);
        let until = clock.now() + SETUP_LINK_LIFE;
        setup::add_link(&mut tx, &token.hash(&roots.token), until).await?;
        tx.commit().await?;
        Ok(Some(token.text()))
    }

    /// Whether anybody exists yet.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn is_set_up(&self) -> Result<bool, ServiceError> {
        let mut tx = self.foundation.store.system().await?;
        Ok(users::any_exist(&mut tx).await?)
    }

    /// Whether a set-up link can be used.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn setup_link_is_valid(&self, link: &SecretString) -> Result<bool, ServiceError> {
        let Some(hash) = self.link_hash(link) else {
            return Ok(false);
        };
        let mut tx = self.foundation.store.system().await?;
        Ok(setup::link_is_valid(&mut tx, &hash, self.foundation.clock.now()).await?)
    }

    /// Creates the organization and its owner, and uses the link up. A refused password leaves the
    /// link as it was.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] for a field, the link among them; [`ServiceError::Throttled`].
    pub async fn create_owner(&self, owner: NewOwner, request: RequestContext) -> Result<SignedIn, ServiceError> {
        let spent = || {
            let message = "This set-up link was used or has run out. Restart the server for a new one.";
            ServiceError::invalid("link", message)
        };
        self.throttle.check(&owner.email, request.client)?;
        let hash = self.link_hash(&owner.link).ok_or_else(spent)?;
        let new = NewMember {
            organization: check_name("organization", &owner.organization)?,
            email: check_email(&owner.email)?,
            password: owner.password,
            role: Role::Owner,
            is_operator: true,
        };
        let password_hash = self.judged_hash(&new).await?;
        let mut tx = self.foundation.store.system().await?;
        if !setup::take_link(&mut tx, &hash, self.foundation.clock.now()).await? {
            return Err(spent());
        }
        self.add_new(tx, &new, &password_hash, request).await
    }

    /// Tells the audit trail that a session ended.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn sign_out(&self, actor: &Actor) -> Result<(), ServiceError> {
        if let Some(user) = actor.user() {
            let signed_in = SignedIn {
                user,
                org: actor.org,
                verified_at: actor.verified_at,
                credentials_version: None,
            };
            self.note(signed_in, Event::SignedOut, actor.request).await?;
        }
        Ok(())
    }

    /// The person's place in the organization that their session is in, as it is now.
    ///
    /// # Errors
    /// [`ServiceError::Unauthenticated`] when they no longer belong to it.
    pub async fn membership(&self, signed_in: SignedIn) -> Result<Membership, ServiceError> {
        let memberships = self.memberships(signed_in.user).await?;
        memberships
            .into_iter()
            .find(|membership| membership.org == signed_in.org)
            .ok_or(ServiceError::Unauthenticated)
    }

    /// The command line as an actor that may do everything in the organization of that name.
    ///
    /// # Errors
    /// [`ServiceError::Missing`] when there is none.
    pub async fn command_line(&self, organization: &str, request: RequestContext) -> Result<Actor, ServiceError> {
        let mut tx = self.foundation.store.system().await?;
        let org = organizations::find_by_name(&mut tx, organization.trim())
            .await?
            .ok_or(ServiceError::Missing(Missing::Organization))?;
        Ok(Actor {
            org,
            principal: Principal::CommandLine,
            scopes: Scopes::from_iter([Scope::All]),
            project: None,
            verified_at: None,
            request,
        })
    }

    async fn memberships(&self, user: UserId) -> Result<Vec<Membership>, ServiceError> {
        let mut tx = self.foundation.store.system().await?;
        Ok(organizations::memberships_of(&mut tx, user).await?)
    }

    /// The hash of the password that somebody chose, once it was judged.
    pub(super) async fn new_password(
        &self,
        email: &str,
        organization: &str,
        password: &SecretString,
    ) -> Result<String, ServiceError> {
        let name = email.split('@').next().unwrap_or_default();
        judge(password, &[email, name, organization, "latchkey"])?;
        self.passwords.hash(password).await
    }

    /// Counts a try to show who one is.
    pub(super) fn count_try(&self, email: &str, client: Option<IpAddr>) -> Result<(), ServiceError> {
        self.throttle.check(email, client)
    }

    async fn note(&self, signed_in: SignedIn, event: Event, request: RequestContext) -> Result<(), ServiceError> {
        let actor = Actor {
            org: signed_in.org,
            principal: Principal::User(signed_in.user),
            scopes: Scopes::default(),
            project: None,
            verified_at: None,
            request,
        };
        let tx = self.foundation.store.org(signed_in.org).await?;
        self.audit.record_own(tx, &actor, event, json!({})).await
    }

    fn link_hash(&self, link: &SecretString) -> Option<[u8; 32]> {
        let token = Token::parse(TokenKind::Setup, link.expose_secret().trim()).ok()?;
        Some(token.hash(&self.foundation.roots.token))
    }
}

/// An address, in lower case. Whether it exists only a mail can tell; this catches typing errors.
pub(super) fn check_email(email: &str) -> Result<String, ServiceError> {
    let email = email.trim().to_lowercase();
    let (name, host) = email.rsplit_once('@').unwrap_or_default();
    let host_is_whole = host.split('.').count() > 1 && host.split('.').all(|part| !part.is_empty());
    let printable = email
        .chars()
        .all(|character| !character.is_whitespace() && !character.is_control());
    if name.is_empty() || !host_is_whole || !printable || email.len() > MAX_EMAIL {
        return Err(ServiceError::invalid(
            "email",
            "Enter an address such as name@example.com.",
        ));
    }
    Ok(email)
}

#[cfg(test)]
mod tests {
    use super::check_email;

    #[test]
    fn an_address_has_a_name_and_a_host() {
        assert_eq!(check_email(" Ada@Example.com ").unwrap(), "ada@example.com");
        for wrong in [
            "",
            "ada",
            "ada@",
            "@example.com",
            "ada@example",
            "a b@example.com",
            "a@b..c",
        ] {
            assert!(check_email(wrong).is_err(), "{wrong:?}");
        }
    }
}
