//! Set-up, sign-in, sign-out, and who is here, for the dashboard.

use super::backend::{Bound, project_view};
use super::error::from_service;
use super::no_script;
use crate::domain::Scope;
use crate::service::ServiceError;
use crate::service::accounts::{NewOwner, SignedIn};
use crate::web::session::{SignedInSession, unreadable};
use app::contract::{Flash, PermissionsView, SessionView, SetupView, UiError};
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
        let signed_in = self
            .app
            .services
            .accounts
            .sign_in(&email, &password, self.request)
            .await;
        self.begin(signed_in).await
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
        let (organization, role) = known.person.as_ref().map_or_else(
            || (String::new(), "token".to_owned()),
            |person| (person.organization.clone(), person.role.clone()),
        );
        Ok(SessionView {
            email: known.name.clone(),
            role,
            organization,
            permissions: PermissionsView {
                write_keys: scopes.permit(Scope::WriteByok),
                write_projects: scopes.permit(Scope::WriteProjects),
                write_tokens: scopes.permit(Scope::WriteTokens),
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
    async fn begin(&self, signed_in: Result<SignedIn, ServiceError>) -> Result<(), UiError> {
        let begun = match signed_in {
            Ok(signed_in) => SignedInSession::begin(&self.session, signed_in).await,
            Err(error) => Err(error),
        };
        begun.map_err(|error| from_service(&error))
    }
}
