//! Set-up, sign-in, sign-out, and who is here, for the dashboard.

use super::backend::{Bound, project_view};
use super::error::from_service;
use super::{no_script, organizations};
use crate::domain::Scope;
use crate::service::ServiceError;
use crate::service::accounts::{NewOwner, SignIn, SignedIn};
use crate::web::session::{SignedInSession, unreadable};
use app::contract::{ErrorCode, Flash, PermissionsView, ResetLinkView, SessionView, SetupView, SignInView, UiError};
use app::ports::{AccountPort, OwnerInput, Password};
use async_trait::async_trait;
use secrecy::SecretString;

#[async_trait]
impl AccountPort for Bound {
    async fn setup(&self, link: Password) -> Result<SetupView, UiError> {
        let accounts = &self.app.services.accounts;
        let is_done = accounts.is_set_up().await.map_err(|error| from_service(&error))?;
        let link = SecretString::from(link.0);
        let valid = accounts
            .setup_link_is_valid(&link)
            .await
            .map_err(|error| from_service(&error))?;
        Ok(SetupView {
            link_is_valid: valid,
            is_done,
        })
    }

    async fn create_owner(&self, input: OwnerInput) -> Result<(), UiError> {
        let owner = NewOwner {
            link: SecretString::from(input.link.0),
            organization: input.organization,
            email: input.email,
            password: SecretString::from(input.password.0),
        };
        let signed_in = self.app.services.accounts.create_owner(owner, self.request).await;
        self.begin(signed_in).await
    }

    async fn sign_in(&self, email: String, password: Password) -> Result<(), UiError> {
        let password = SecretString::from(password.0);
        let accounts = &self.app.services.accounts;
        let outcome = match accounts.sign_in(&email, &password, self.request).await {
            Ok(SignIn::Done(signed_in)) => return self.begin(Ok(signed_in)).await,
            Ok(SignIn::CodeWanted(step)) => SignedInSession::await_code(&self.session, step).await,
            Err(error) => Err(error),
        };
        outcome.map_err(|error| from_service(&error))
    }

    async fn sign_in_state(&self) -> Result<SignInView, UiError> {
        let services = &self.app.services;
        let is_set_up = services.accounts.is_set_up().await;
        let step = SignedInSession::second_step(&self.session).await;
        let step = step.map_err(|error| from_service(&error))?;
        Ok(SignInView {
            is_set_up: is_set_up.map_err(|error| from_service(&error))?,
            awaits_code: step.is_some_and(|step| services.accounts.is_open(&step)),
            sends_mail: services.password_resets.sends_mail(),
        })
    }

    async fn second_step(&self, code: Password) -> Result<(), UiError> {
        let step = SignedInSession::second_step(&self.session).await;
        let step = step.map_err(|error| from_service(&error))?;
        let step = step.ok_or_else(too_late)?;
        let code = SecretString::from(code.0);
        match self.app.services.accounts.second_step(step, &code, self.request).await {
            Err(ServiceError::Unauthenticated) => Err(too_late()),
            signed_in => self.begin(signed_in).await,
        }
    }

    async fn asks_for_code(&self) -> Result<bool, UiError> {
        let asks = self.app.services.accounts.asks_for_code(self.actor()?).await;
        asks.map_err(|error| from_service(&error))
    }

    async fn confirm(&self, password: Password, code: Password) -> Result<(), UiError> {
        let (password, code) = (SecretString::from(password.0), SecretString::from(code.0));
        let confirmed = self
            .app
            .services
            .accounts
            .confirm(self.actor()?, &password, &code)
            .await;
        self.begin(confirmed).await
    }

    async fn ask_for_reset(&self, email: String) -> Result<(), UiError> {
        let asked = self.app.services.password_resets.ask(&email, self.request).await;
        asked.map_err(|error| from_service(&error))
    }

    async fn reset_link(&self, link: Password) -> Result<ResetLinkView, UiError> {
        let found = self
            .app
            .services
            .password_resets
            .find(&SecretString::from(link.0))
            .await;
        let email = found.map_err(|error| from_service(&error))?;
        Ok(ResetLinkView { email })
    }

    async fn reset_password(&self, link: Password, password: Password) -> Result<(), UiError> {
        let (link, password) = (SecretString::from(link.0), SecretString::from(password.0));
        let resets = &self.app.services.password_resets;
        let done = resets.reset(&link, &password, self.request).await;
        done.map_err(|error| from_service(&error))
    }

    async fn sign_out(&self) -> Result<(), UiError> {
        if let Ok(actor) = self.actor() {
            let noted = self.app.services.accounts.sign_out(actor).await;
            noted.map_err(|error| from_service(&error))?;
        }
        self.session
            .flush()
            .await
            .map_err(|error| from_service(&unreadable(error)))
    }

    async fn session(&self) -> Result<SessionView, UiError> {
        let known = self.known()?;
        let scopes = &known.actor.scopes;
        let projects = self.app.services.projects.list(&known.actor).await;
        let projects = projects.map_err(|error| from_service(&error))?;
        let memberships = self.memberships(&known.actor).await?;
        let (organization, role) = known.person.as_ref().map_or_else(
            || (String::new(), "token".to_owned()),
            |person| (person.organization.clone(), person.role.clone()),
        );
        Ok(SessionView {
            email: known.name.clone(),
            role,
            organization,
            organization_id: known.actor.org.to_string(),
            is_operator: memberships.iter().any(|membership| membership.is_operator),
            organizations: memberships
                .into_iter()
                .map(|membership| organizations::view(membership, &known.actor))
                .collect(),
            permissions: PermissionsView {
                write_keys: scopes.permit(Scope::WriteByok),
                write_projects: scopes.permit(Scope::WriteProjects),
                write_tokens: scopes.permit(Scope::WriteTokens),
                write_members: scopes.permit(Scope::WriteMembers),
                write_settings: scopes.permit(Scope::WriteSettings),
                read_audit: scopes.permit(Scope::ReadAudit),
                everything: scopes.permit(Scope::All),
            },
            projects: projects.iter().map(project_view).collect(),
        })
    }

    async fn take_flash(&self) -> Result<Option<Flash>, UiError> {
        let flash = no_script::take(&self.app, &self.session).await;
        flash.map_err(|error| from_service(&error))
    }
}

impl Bound {
    /// Lets a session begin, or says why it does not.
    pub(super) async fn begin(&self, signed_in: Result<SignedIn, ServiceError>) -> Result<(), UiError> {
        let begun = match signed_in {
            Ok(signed_in) => SignedInSession::begin(&self.session, signed_in, &self.newcomer()).await,
            Err(error) => Err(error),
        };
        begun.map_err(|error| from_service(&error))
    }
}

/// The password has to be shown again before a code counts.
fn too_late() -> UiError {
    let message = "Your code came too late, or your password was changed meanwhile. Sign in again.";
    UiError::new(ErrorCode::SignedOut, message)
}
