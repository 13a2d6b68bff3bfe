//! Set-up, sign-in, and who a session's person is.

use super::audit::{Audit, Event, Target};
use super::passwords::{Passwords, judge};
use super::projects::check_name;
use super::throttle::SignInThrottle;
use super::{Foundation, Missing, ServiceError};
use crate::domain::{Actor, OrgId, Principal, RequestContext, Role, Scope, Scopes, UserId};
pub use crate::store::organizations::Membership;
use crate::store::{StoreError, organizations, setup, users};
use crate::vault::{Token, TokenKind};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::sync::Arc;
use time::Duration;

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
    /// The organization that the session begins in.
    pub org: OrgId,
}

/// Set-up, sign-in, and who a session's person is.
pub struct Accounts {
    foundation: Arc<Foundation>,
    audit: Arc<Audit>,
    passwords: Passwords,
    throttle: SignInThrottle,
    allows_platform_keys: bool,
}

impl Accounts {
    pub(crate) fn new(foundation: Arc<Foundation>, audit: Arc<Audit>, allows_platform_keys: bool) -> Self {
        Self {
            foundation,
            audit,
            passwords: Passwords::default(),
            throttle: SignInThrottle::default(),
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
        self.insert(tx, &new, &password_hash, request).await
    }

    /// Creates a person at the command line, and their organization if there is none of that name.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] for a field; [`ServiceError::Conflict`] for a known address.
    pub async fn create_member(&self, member: NewMember, request: RequestContext) -> Result<SignedIn, ServiceError> {
        let member = NewMember {
            organization: check_name("organization", &member.organization)?,
            email: check_email(&member.email)?,
            ..member
        };
        let password_hash = self.judged_hash(&member).await?;
        let tx = self.foundation.store.system().await?;
        self.insert(tx, &member, &password_hash, request).await
    }

    /// Checks address and password. Known and unknown addresses get the same answer, as slowly.
    ///
    /// # Errors
    /// [`ServiceError::InvalidCredentials`]; [`ServiceError::Throttled`].
    pub async fn sign_in(
        &self,
        email: &str,
        password: &SecretString,
        request: RequestContext,
    ) -> Result<SignedIn, ServiceError> {
        self.throttle.check(email, request.client)?;
        let mut tx = self.foundation.store.system().await?;
        let known = users::find_by_email(&mut tx, email.trim()).await?;
        drop(tx);
        let hash = known.as_ref().map(|known| known.password_hash.as_str());
        if !self.passwords.matches(password, hash).await? {
            return Err(ServiceError::InvalidCredentials);
        }
        let user = known.ok_or(ServiceError::InvalidCredentials)?.id;
        let membership = self.memberships(user).await?.into_iter().next();
        let org = membership.ok_or(ServiceError::InvalidCredentials)?.org;
        let signed_in = SignedIn { user, org };
        self.note(signed_in, Event::SignedIn, request).await?;
        Ok(signed_in)
    }

    /// Tells the audit trail that a session ended.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn sign_out(&self, actor: &Actor) -> Result<(), ServiceError> {
        if let Some(user) = actor.user() {
            let signed_in = SignedIn { user, org: actor.org };
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
            request,
        })
    }

    async fn memberships(&self, user: UserId) -> Result<Vec<Membership>, ServiceError> {
        let mut tx = self.foundation.store.system().await?;
        Ok(organizations::memberships_of(&mut tx, user).await?)
    }

    async fn judged_hash(&self, member: &NewMember) -> Result<String, ServiceError> {
        let name = member.email.split('@').next().unwrap_or_default();
        judge(
            &member.password,
            &[&member.email, name, &member.organization, "latchkey"],
        )?;
        self.passwords.hash(&member.password).await
    }

    async fn insert(
        &self,
        mut tx: crate::store::SystemTx,
        member: &NewMember,
        password_hash: &str,
        request: RequestContext,
    ) -> Result<SignedIn, ServiceError> {
        let Foundation { clock, random, .. } = &*self.foundation;
        let now = clock.now();
        let existing = organizations::find_by_name(&mut tx, &member.organization).await?;
        let org = existing.unwrap_or_else(|| OrgId::new(&**clock, &**random));
        if existing.is_none() {
            let allowed = self.allows_platform_keys;
            organizations::create(&mut tx, org, &member.organization, allowed, now).await?;
        }
        let user = users::NewUser {
            id: UserId::new(&**clock, &**random),
            email: &member.email,
            password_hash,
            is_operator: member.is_operator,
            org,
            role: member.role,
        };
        users::create(&mut tx, &user, now).await.map_err(address_taken)?;
        let mut tx = tx.enter(org).await?;
        let actor = Actor {
            org,
            principal: Principal::User(user.id),
            scopes: member.role.scopes(),
            project: None,
            request,
        };
        if existing.is_none() {
            let details = json!({ "name": member.organization });
            let target = Target::new("organization", &org);
            self.audit
                .record(&mut tx, &actor, Event::OrganizationCreated, &target, details)
                .await?;
        }
        let details = json!({ "email": member.email, "role": member.role.as_str() });
        let target = Target::new("user", &user.id);
        self.audit
            .record(&mut tx, &actor, Event::UserCreated, &target, details)
            .await?;
        tx.commit().await?;
        Ok(SignedIn { user: user.id, org })
    }

    async fn note(&self, signed_in: SignedIn, event: Event, request: RequestContext) -> Result<(), ServiceError> {
        let actor = Actor {
            org: signed_in.org,
            principal: Principal::User(signed_in.user),
            scopes: Scopes::default(),
            project: None,
            request,
        };
        let mut tx = self.foundation.store.org(signed_in.org).await?;
        let target = Target::new("user", &signed_in.user);
        self.audit.record(&mut tx, &actor, event, &target, json!({})).await?;
        Ok(tx.commit().await?)
    }

    fn link_hash(&self, link: &SecretString) -> Option<[u8; 32]> {
        let token = Token::parse(TokenKind::Setup, link.expose_secret().trim()).ok()?;
        Some(token.hash(&self.foundation.roots.token))
    }
}

fn address_taken(error: StoreError) -> ServiceError {
    if error.breaks("users_email_key") {
        ServiceError::Conflict("Somebody with that address exists already.".to_owned())
    } else {
        error.into()
    }
}

/// An address, in lower case. Whether it exists only a mail can tell; this catches typing errors.
fn check_email(email: &str) -> Result<String, ServiceError> {
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
