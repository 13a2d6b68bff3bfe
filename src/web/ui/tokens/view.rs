//! Tokens as the page shows them.

use crate::domain::{Actor, Scope};
use crate::service::projects::Project;
use crate::service::tokens::{self, Token};
use crate::web::ui::moment::moment;
use app::contract::{ScopeView, TokenStatus, TokenView};
use time::OffsetDateTime;

/// What the actor sees of a project's tokens, and when.
pub(super) struct Seen<'seen> {
    pub(super) actor: &'seen Actor,
    pub(super) project: &'seen Project,
    pub(super) tokens: &'seen [Token],
    pub(super) now: OffsetDateTime,
}

impl Seen<'_> {
    /// The tokens that work, and those that work no longer.
    pub(super) fn views(&self) -> (Vec<TokenView>, Vec<TokenView>) {
        let views = self.tokens.iter().map(|token| self.view(token));
        views.partition(|view| view.status.is_working())
    }

    fn view(&self, token: &Token) -> TokenView {
        let now = self.now;
        let status = status(token, now);
        let successor = self.tokens.iter().find(|other| Some(other.id) == token.superseded_by);
        let left = token.expires_at.map(|end| end - now);
        let left = left.filter(|_| status == TokenStatus::RotatedOut);
        TokenView {
            id: token.id.to_string(),
            name: token.name.clone(),
            prefix: tokens::shown(token),
            scopes: token.scopes.to_strings(),
            project: token.project.map(|_| self.project.name.clone()),
            created_at: moment(token.created_at, now),
            created_by: token.created_by_name.clone(),
            last_used_at: token.last_used_at.map(|time| moment(time, now)),
            expires_at: token.expires_at.map(|time| moment(time, now)),
            seconds_left: left.map(|left| left.whole_seconds().unsigned_abs()),
            successor: successor.map(tokens::shown),
            status,
            can_rotate: tokens::may_rotate(self.actor, token, now),
        }
    }
}

fn status(token: &Token, now: OffsetDateTime) -> TokenStatus {
    if token.revoked_at.is_some() {
        TokenStatus::Revoked
    } else if !token.is_active(now) {
        TokenStatus::Expired
    } else if token.superseded_by.is_some() {
        TokenStatus::RotatedOut
    } else if token.expires_soon(now) {
        TokenStatus::ExpiresSoon
    } else {
        TokenStatus::Working
    }
}

/// The scopes that the actor may give away.
pub(super) fn grantable(actor: &Actor) -> Vec<ScopeView> {
    let held = Scope::EVERY.iter().filter(|scope| actor.scopes.permit(**scope));
    held.map(|scope| ScopeView {
        name: scope.to_string(),
        meaning: meaning(*scope).to_owned(),
    })
    .collect()
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
        Scope::WriteTokens => "Create, rotate and revoke tokens.",
        Scope::WriteMembers => "Invite, change and remove members.",
        Scope::WriteLimits => "Change limits.",
    }
}
