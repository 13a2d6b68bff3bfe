//! People who are put into an organization by whoever sets it up, or at the command line.

use super::{Accounts, NewMember, SignedIn, check_email};
use crate::domain::{Actor, OrgId, Principal, RequestContext, UserId};
use crate::service::audit::{Event, Target};
use crate::service::projects::check_name;
use crate::service::{Foundation, ServiceError};
use crate::store::{OrgTx, StoreError, SystemTx, memberships, organizations, users};
use serde_json::json;

impl Accounts {
    /// Puts a person into an organization, at the command line, and makes the organization if there is none of that name.
    /// Somebody who is here already joins when the password is theirs: nobody is given another's account.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] for a field; [`ServiceError::Conflict`] for an address that somebody has with another
    /// password, or who belongs to the organization already, and for an operator who is not new.
    pub async fn create_member(&self, member: NewMember, request: RequestContext) -> Result<SignedIn, ServiceError> {
        let member = NewMember {
            organization: check_name("organization", &member.organization)?,
            email: check_email(&member.email)?,
            ..member
        };
        let mut tx = self.foundation.store.system().await?;
        let is_known = users::find_by_email(&mut tx, &member.email).await?.is_some();
        drop(tx);
        if is_known {
            return self.add_known(&member, request).await;
        }
        let password_hash = self.judged_hash(&member).await?;
        let tx = self.foundation.store.system().await?;
        self.add_new(tx, &member, &password_hash, request).await
    }

    pub(super) async fn judged_hash(&self, member: &NewMember) -> Result<String, ServiceError> {
        self.new_password(&member.email, &member.organization, &member.password)
            .await
    }

    /// Adds a person who is new.
    pub(super) async fn add_new(
        &self,
        mut tx: SystemTx,
        member: &NewMember,
        password_hash: &str,
        request: RequestContext,
    ) -> Result<SignedIn, ServiceError> {
        let Foundation { clock, random, .. } = &*self.foundation;
        let (org, is_new) = self.organization(&mut tx, &member.organization).await?;
        let user = users::NewUser {
            id: UserId::new(&**clock, &**random),
            email: &member.email,
            password_hash,
            is_operator: member.is_operator,
            org,
            role: member.role,
        };
        users::create(&mut tx, &user, clock.now())
            .await
            .map_err(address_taken)?;
        let tx = tx.enter(org).await?;
        let added = Added {
            user: user.id,
            // Who is the first one there has nobody to join.
            event: if is_new {
                Event::UserCreated
            } else {
                Event::MemberJoined
            },
            is_new_organization: is_new,
        };
        self.tell(tx, member, added, request).await
    }

    async fn add_known(&self, member: &NewMember, request: RequestContext) -> Result<SignedIn, ServiceError> {
        if member.is_operator {
            let message = "Somebody with that address exists already; only who is new can be made an operator.";
            return Err(ServiceError::Conflict(message.to_owned()));
        }
        let known = self.recognise(&member.email, &member.password).await?;
        let user = known.ok_or_else(|| {
            let message =
                "Somebody with that address exists already, with another password. Give theirs, or invite them.";
            ServiceError::Conflict(message.to_owned())
        })?;
        let mut tx = self.foundation.store.system().await?;
        let (org, is_new) = self.organization(&mut tx, &member.organization).await?;
        let mut tx = tx.enter(org).await?;
        memberships::insert(&mut tx, user, member.role, self.foundation.clock.now())
            .await
            .map_err(|error| is_member(error, &member.organization))?;
        let added = Added {
            user,
            event: Event::MemberJoined,
            is_new_organization: is_new,
        };
        self.tell(tx, member, added, request).await
    }

    /// The organization of that name, and whether it was made for this.
    async fn organization(&self, tx: &mut SystemTx, name: &str) -> Result<(OrgId, bool), ServiceError> {
        if let Some(org) = organizations::find_by_name(tx, name).await? {
            return Ok((org, false));
        }
        let Foundation { clock, random, .. } = &*self.foundation;
        let org = OrgId::new(&**clock, &**random);
        organizations::create(tx, org, name, self.allows_platform_keys, clock.now()).await?;
        Ok((org, true))
    }

    async fn tell(
        &self,
        mut tx: OrgTx,
        member: &NewMember,
        added: Added,
        request: RequestContext,
    ) -> Result<SignedIn, ServiceError> {
        let Added { user, event, .. } = added;
        let org = tx.org();
        let actor = Actor {
            org,
            principal: Principal::User(user),
            scopes: member.role.scopes(),
            project: None,
            verified_at: None,
            request,
        };
        if added.is_new_organization {
            let details = json!({ "name": member.organization });
            let target = Target::new("organization", &org);
            self.audit
                .record(&mut tx, &actor, Event::OrganizationCreated, &target, details)
                .await?;
        }
        let details = json!({ "email": member.email, "role": member.role.as_str() });
        let target = Target::new("user", &user);
        self.audit.record(&mut tx, &actor, event, &target, details).await?;
        tx.commit().await?;
        Ok(SignedIn {
            user,
            org,
            verified_at: Some(self.foundation.clock.now()),
            credentials_version: None,
        })
    }
}

/// Somebody who was just put into an organization.
struct Added {
    user: UserId,
    event: Event,
    is_new_organization: bool,
}

pub(in crate::service) fn address_taken(error: StoreError) -> ServiceError {
    if error.breaks("users_email_key") {
        ServiceError::Conflict("Somebody with that address exists already.".to_owned())
    } else {
        error.into()
    }
}

fn is_member(error: StoreError, organization: &str) -> ServiceError {
    if error.breaks("memberships_pkey") {
        ServiceError::Conflict(format!("That person belongs to {organization} already."))
    } else {
        error.into()
    }
}
