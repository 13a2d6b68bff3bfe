//! Tokens, for the dashboard.

mod expiry;
mod view;

use super::backend::{Bound, project_ref, project_view};
use super::curl;
use super::error::from_service;
use super::keys::overlap;
use super::moment::moment;
use crate::domain::{Overlap, Scope, Scopes, TokenId};
use crate::service::tokens::{self, MintedToken, NewToken, RotateToken, Token};
use crate::service::{Missing, ServiceError};
use app::contract::{CreatedToken, OptionView, ReplacedTokenView, TokensView, UiError};
use app::ports::{CreateTokenInput, TokenPort};
use async_trait::async_trait;
use secrecy::ExposeSecret;
use view::Seen;

#[async_trait]
impl TokenPort for Bound {
    async fn page(&self, project: String) -> Result<TokensView, UiError> {
        let actor = self.actor()?;
        let listed = self.app.services.tokens.list(actor, &project_ref(&project)?).await;
        let (project, tokens) = listed.map_err(|error| from_service(&error))?;
        let now = self.app.clock.now();
        let seen = Seen {
            actor,
            project: &project,
            tokens: &tokens,
            now,
        };
        let (tokens, ended) = seen.views();
        let (earliest_end, latest_end) = expiry::bounds(now);
        Ok(TokensView {
            project: project_view(&project),
            can_write: actor.scopes.permit(Scope::WriteTokens),
            scopes: view::grantable(actor),
            expiries: expiry::options(now),
            earliest_end,
            latest_end,
            overlaps: overlaps(),
            tokens,
            ended,
            pattern: tokens::PATTERN.to_owned(),
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
            expires_days: expiry::days(&input.expires_days, &input.expires_on, self.app.clock.now())?,
            whole_organization: input.whole_organization,
            created_by_name: known.name.clone(),
        };
        let project = project_ref(&input.project)?;
        let minted = self.app.services.tokens.create(&known.actor, Some(&project), new).await;
        let minted = minted.map_err(|error| from_service(&error))?;
        Ok(self.shown_once(&minted, &input.project, None))
    }

    async fn rotate(&self, project: String, token: String, overlap_of: String) -> Result<CreatedToken, UiError> {
        let known = self.known()?;
        let rotate = RotateToken {
            overlap: overlap(&overlap_of)?,
            rotated_by_name: known.name.clone(),
        };
        let (asked, token) = (project_ref(&project)?, token_id(&token)?);
        let tokens = &self.app.services.tokens;
        let rotated = tokens.rotate(&known.actor, Some(&asked), token, rotate).await;
        let rotated = rotated.map_err(|error| from_service(&error))?;
        Ok(self.shown_once(&rotated.minted, &project, Some(&rotated.replaced)))
    }

    async fn end_overlap(&self, project: String, token: String) -> Result<(), UiError> {
        let (project, token) = (project_ref(&project)?, token_id(&token)?);
        let tokens = &self.app.services.tokens;
        let ended = tokens.end_overlap(self.actor()?, Some(&project), token).await;
        ended.map(drop).map_err(|error| from_service(&error))
    }

    async fn revoke(&self, project: String, token: String) -> Result<(), UiError> {
        let actor = self.actor()?;
        let (project, token) = (project_ref(&project)?, token_id(&token)?);
        let revoked = self.app.services.tokens.revoke(actor, &project, token).await;
        revoked.map(drop).map_err(|error| from_service(&error))
    }
}

impl Bound {
    /// How Latchkey is reached, without a slash at the end.
    pub(super) fn base_url(&self) -> String {
        self.app.settings.public_url.as_str().trim_end_matches('/').to_owned()
    }

    /// A token with its text, a call that shows it at work in `project`, and what becomes of the one it took over from.
    fn shown_once(&self, minted: &MintedToken, project: &str, replaced: Option<&Token>) -> CreatedToken {
        let token = minted.text.expose_secret().to_owned();
        let base_url = self.base_url();
        let curl = if minted.token.scopes.permit(Scope::UseGateway) {
            let named = minted.token.project.is_none().then_some(project);
            curl::of_a_model(&base_url, &token, named)
        } else {
            curl::of_the_keys(&base_url, &token, project)
        };
        let now = self.app.clock.now();
        let before = replaced.map(|old| ReplacedTokenView {
            prefix: tokens::shown(old),
            until: old
                .expires_at
                .filter(|_| old.is_active(now))
                .map(|end| moment(end, now)),
        });
        CreatedToken {
            name: minted.token.name.clone(),
            token,
            curl,
            replaces: before,
        }
    }
}

fn overlaps() -> Vec<OptionView> {
    let option = |overlap: &Overlap| OptionView::new(overlap.as_str(), overlap_in_words(*overlap));
    Overlap::EVERY.iter().map(option).collect()
}

const fn overlap_in_words(overlap: Overlap) -> &'static str {
    match overlap {
        Overlap::Now => "stops at once",
        Overlap::Hour => "works for 1 more hour",
        Overlap::Day => "works for 24 more hours",
        Overlap::Week => "works for 7 more days",
    }
}

fn token_id(token: &str) -> Result<TokenId, UiError> {
    let missing = |_| from_service(&ServiceError::Missing(Missing::Token));
    token.parse().map_err(missing)
}
