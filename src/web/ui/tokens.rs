//! Tokens, for the dashboard.

use super::backend::{Bound, project_ref, project_view};
use super::curl;
use super::error::from_service;
use super::moment::moment;
use crate::domain::{Scope, Scopes};
use crate::service::projects::Project;
use crate::service::tokens::{self, NewToken, Token};
use crate::service::{Missing, ServiceError};
use app::contract::{CreatedToken, ScopeView, TokenView, TokensView, UiError};
use app::ports::{CreateTokenInput, TokenPort};
use async_trait::async_trait;
use secrecy::ExposeSecret;
use time::OffsetDateTime;

#[async_trait]
impl TokenPort for Bound {
    async fn page(&self, project: String) -> Result<TokensView, UiError> {
        let actor = self.actor()?;
        let listed = self.app.services.tokens.list(actor, &project_ref(&project)?).await;
        let (project, tokens) = listed.map_err(|error| from_service(&error))?;
        let now = self.app.clock.now();
        let grantable = Scope::EVERY.iter().copied().filter(|scope| actor.scopes.permit(*scope));
        Ok(TokensView {
            project: project_view(&project),
            can_write: actor.scopes.permit(Scope::WriteTokens),
            scopes: grantable
                .map(|scope| ScopeView {
                    name: scope.to_string(),
                    meaning: meaning(scope).to_owned(),
                })
                .collect(),
            tokens: tokens.into_iter().map(|token| view(token, &project, now)).collect(),
            base_url: self.base_url(),
        })
    }

    async fn create(&self, input: CreateTokenInput) -> Result<CreatedToken, UiError> {
        let known = self.known()?;
        if input.scopes.is_empty() {
            return Err(UiError::at_field(
                "scopes",
                "Choose at least one thing the token may do.",
            ));
        }
        let scopes = Scopes::parse(&input.scopes).map_err(|error| UiError::at_field("scopes", error.to_string()))?;
        let new = NewToken {
            name: input.name,
            scopes,
            expires_days: input.expires_days,
            whole_organization: input.whole_organization,
            created_by_name: known.name.clone(),
        };
        let project = project_ref(&input.project)?;
        let minted = self.app.services.tokens.create(&known.actor, Some(&project), new).await;
        let minted = minted.map_err(|error| from_service(&error))?;
        let token = minted.text.expose_secret().to_owned();
        let base_url = self.base_url();
        let curl = if minted.token.scopes.permit(Scope::UseGateway) {
            let named = minted.token.project.is_none().then_some(input.project.as_str());
            curl::of_a_model(&base_url, &token, named)
        } else {
            curl::of_the_keys(&base_url, &token, &input.project)
        };
        Ok(CreatedToken {
            name: minted.token.name,
            token,
            curl,
        })
    }

    async fn revoke(&self, project: String, token: String) -> Result<(), UiError> {
        let actor = self.actor()?;
        let project = project_ref(&project)?;
        let missing = |_| from_service(&ServiceError::Missing(Missing::Token));
        let token = token.parse().map_err(missing)?;
        let revoked = self.app.services.tokens.revoke(actor, &project, token).await;
        revoked.map(drop).map_err(|error| from_service(&error))
    }
}

impl Bound {
    /// How Latchkey is reached, without a slash at the end.
    pub(super) fn base_url(&self) -> String {
        self.app.settings.public_url.as_str().trim_end_matches('/').to_owned()
    }
}

fn view(token: Token, project: &Project, now: OffsetDateTime) -> TokenView {
    TokenView {
        id: token.id.to_string(),
        prefix: tokens::shown(&token),
        scopes: token.scopes.to_strings(),
        project: token.project.map(|_| project.name.clone()),
        created_at: moment(token.created_at, now),
        last_used_at: token.last_used_at.map(|time| moment(time, now)),
        expires_at: token.expires_at.map(|time| moment(time, now)),
        is_active: token.is_active(now),
        name: token.name,
        created_by: token.created_by_name,
    }
}

const fn meaning(scope: Scope) -> &'static str {
    match scope {
        Scope::All => "Everything, now and in later versions.",
        Scope::ReadByok => "See provider keys and whether they work, never the keys themselves.",
        Scope::WriteByok => "Add, replace, test, disable and delete provider keys.",
        Scope::UseGateway => "Call models through the gateway.",
        Scope::ReadUsage => "See usage and cost.",
        Scope::ReadAudit => "See who did what.",
        Scope::WriteProjects => "Create and rename projects.",
        Scope::WriteSettings => "Change policies, webhooks and the panic switch.",
        Scope::WriteTokens => "Create and revoke tokens.",
        Scope::WriteMembers => "Invite, change and remove members.",
        Scope::WriteLimits => "Change limits.",
    }
}
