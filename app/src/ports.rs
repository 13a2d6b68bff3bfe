//! What the server functions call. The server implements these traits, one for each page area, and
//! puts a [`Backend`], bound to the caller, into every request's extensions.

mod audit;
mod import;
mod jobs;
mod keys;
mod locks;
mod notifications;
mod organization_profile;
mod webhooks;

pub use audit::{AuditCursor, AuditPort};
pub use import::{ImportKeysInput, ImportPort};
pub use jobs::JobPort;
pub use keys::{AddKeyInput, KeyFallbackInput, KeyPort, RotateKeyInput, SaveKeyInput};
pub use locks::LockPort;
pub use notifications::{KindChoices, NotificationPort};
pub use organization_profile::{OrganizationProfileInput, OrganizationProfilePort};
pub use webhooks::{WebhookInput, WebhookPort};

use crate::contract::{
    ActivityFilter, ActivityView, CallDetailView, CreatedInvitation, CreatedToken, Flash, GatewaySettingsView,
    InvitedView, MembersView, ProfileView, ProjectView, RecoveryCodes, ResetLinkView, SecondFactorView, SessionView,
    SetupView, SignInView, TokensView, UiError,
};
use async_trait::async_trait;
use std::sync::Arc;

/// Everything that a page can ask for, as the caller of this request.
#[derive(Clone)]
pub struct Backend {
    /// Set-up, sign-in, sign-out, and who is here.
    pub account: Arc<dyn AccountPort>,
    /// Projects.
    pub projects: Arc<dyn ProjectPort>,
    /// Provider keys.
    pub keys: Arc<dyn KeyPort>,
    /// Many keys at once.
    pub import: Arc<dyn ImportPort>,
    /// The panic switch.
    pub locks: Arc<dyn LockPort>,
    /// What the organization says of itself.
    pub organization_profile: Arc<dyn OrganizationProfilePort>,
    /// Tokens.
    pub tokens: Arc<dyn TokenPort>,
    /// Calls through the gateway.
    pub activity: Arc<dyn ActivityPort>,
    /// Who did what.
    pub audit: Arc<dyn AuditPort>,
    /// Who belongs to the organization.
    pub members: Arc<dyn MemberPort>,
    /// Who is invited to it.
    pub invitations: Arc<dyn InvitationPort>,
    /// The person's organizations.
    pub organizations: Arc<dyn OrganizationPort>,
    /// The job queue, for operators.
    pub jobs: Arc<dyn JobPort>,
    /// The person's own account.
    pub profile: Arc<dyn ProfilePort>,
    /// What people are told of.
    pub notifications: Arc<dyn NotificationPort>,
    /// Addresses that are told.
    pub webhooks: Arc<dyn WebhookPort>,
}

/// A password on its way to be hashed; not shown by `Debug`.
pub struct Password(pub String);

impl std::fmt::Debug for Password {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Password(…)")
    }
}

/// What a person pasted as a key; not shown by `Debug`.
pub struct PastedKey(pub String);

impl std::fmt::Debug for PastedKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("PastedKey(…)")
    }
}

/// The first owner, as the set-up page asks for them.
#[derive(Debug)]
pub struct OwnerInput {
    /// The one-time link's token.
    pub link: Password,
    /// The organization's name.
    pub organization: String,
    /// The owner's address.
    pub email: String,
    /// The owner's password.
    pub password: Password,
}

/// Set-up, sign-in, sign-out, and who is here.
#[async_trait]
pub trait AccountPort: Send + Sync {
    /// Whether `link` can be used to create the owner.
    async fn setup(&self, link: Password) -> Result<SetupView, UiError>;
    /// Creates organization and owner, and signs them in.
    async fn create_owner(&self, input: OwnerInput) -> Result<(), UiError>;
    /// Signs a person in, under a new session id; or remembers that a code is still to come.
    async fn sign_in(&self, email: String, password: Password) -> Result<(), UiError>;
    /// What the sign-in page asks for.
    async fn sign_in_state(&self) -> Result<SignInView, UiError>;
    /// Takes the code that follows the password, and signs the person in.
    async fn second_step(&self, code: Password) -> Result<(), UiError>;
    /// Whether a code is asked for besides the person's password.
    async fn asks_for_code(&self) -> Result<bool, UiError>;
    /// Takes the person's password, and a code where there is a second factor, as proof of who is there now.
    async fn confirm(&self, password: Password, code: Password) -> Result<(), UiError>;
    /// Has a link to choose a new password mailed to this address, if anybody has it.
    async fn ask_for_reset(&self, email: String) -> Result<(), UiError>;
    /// Whose password this link can set.
    async fn reset_link(&self, link: Password) -> Result<ResetLinkView, UiError>;
    /// Sets a new password, once.
    async fn reset_password(&self, link: Password, password: Password) -> Result<(), UiError>;
    /// Ends the session.
    async fn sign_out(&self) -> Result<(), UiError>;
    /// Who is signed in.
    async fn session(&self) -> Result<SessionView, UiError>;
    /// What the last form came to, once.
    async fn take_flash(&self) -> Result<Option<Flash>, UiError>;
}

/// Projects.
#[async_trait]
pub trait ProjectPort: Send + Sync {
    /// Creates a project.
    async fn create(&self, name: String) -> Result<ProjectView, UiError>;
    /// Renames a project; its slug stays, so that nothing that uses it breaks.
    async fn rename(&self, project: String, name: String) -> Result<ProjectView, UiError>;
    /// What the project decided about its calls.
    async fn gateway_settings(&self, project: String) -> Result<GatewaySettingsView, UiError>;
    /// Decides it anew.
    async fn set_gateway_settings(&self, input: GatewaySettingsInput) -> Result<GatewaySettingsView, UiError>;
}

/// What a project is to decide about its calls.
#[derive(Debug)]
pub struct GatewaySettingsInput {
    /// The project's id or slug.
    pub project: String,
    /// When there is no key: `platform` or `fail`; empty to leave it as it is.
    pub on_missing: String,
    /// When the key fails, likewise.
    pub on_failure: String,
    /// Whether the rest of a provider's API is open.
    pub opens_all_paths: bool,
    /// Whether usage is asked for in streams.
    pub adds_stream_usage: bool,
}

/// A token to be made.
#[derive(Debug)]
pub struct CreateTokenInput {
    /// The project's id or slug.
    pub project: String,
    /// What to call it.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// In how many days it stops working; `0` or nothing for never, `own` for the day below.
    pub expires_days: String,
    /// The day on which it stops working: `2026-11-22`.
    pub expires_on: String,
    /// Whether it reaches every project of the organization.
    pub whole_organization: bool,
}

/// Tokens.
#[async_trait]
pub trait TokenPort: Send + Sync {
    /// The Tokens page.
    async fn page(&self, project: String) -> Result<TokensView, UiError>;
    /// Makes a token; its text is in this answer and nowhere else.
    async fn create(&self, input: CreateTokenInput) -> Result<CreatedToken, UiError>;
    /// Makes a token that takes over from another, which works for as long as `overlap` says: `now`, `1h`, `24h`, `7d`.
    async fn rotate(&self, project: String, token: String, overlap: String) -> Result<CreatedToken, UiError>;
    /// Ends a token that was rotated out before its time.
    async fn end_overlap(&self, project: String, token: String) -> Result<(), UiError>;
    /// Ends a token.
    async fn revoke(&self, project: String, token: String) -> Result<(), UiError>;
}

/// Where a page of calls begins. At most one is set.
#[derive(Debug, Default)]
pub struct ActivityCursor {
    /// Calls older than this, as [`ActivityView::older`] says it; else empty.
    pub before: String,
    /// Calls newer than this, as [`ActivityView::newest`] says it; else empty.
    pub after: String,
}

/// Calls through the gateway.
#[async_trait]
pub trait ActivityPort: Send + Sync {
    /// The Activity page.
    async fn page(
        &self,
        project: String,
        filter: ActivityFilter,
        cursor: ActivityCursor,
    ) -> Result<ActivityView, UiError>;
    /// One call.
    async fn call(&self, project: String, call: String) -> Result<CallDetailView, UiError>;
}

/// Who belongs to the organization. What names an organization, rather than none, is refused when the session has turned
/// to another one.
#[async_trait]
pub trait MemberPort: Send + Sync {
    /// The Members page.
    async fn page(&self) -> Result<MembersView, UiError>;
    /// Changes a person's role.
    async fn set_role(&self, organization: String, member: String, role: String) -> Result<(), UiError>;
    /// Removes a person.
    async fn remove(&self, organization: String, member: String) -> Result<(), UiError>;
    /// Takes the person who asks out of the organization; their session turns to another one, or ends.
    async fn leave(&self, organization: String) -> Result<(), UiError>;
}

/// Who is invited to the organization.
#[async_trait]
pub trait InvitationPort: Send + Sync {
    /// Makes an invitation; its link is mailed, or in this answer and nowhere else.
    async fn create(&self, organization: String, email: String, role: String) -> Result<CreatedInvitation, UiError>;
    /// Ends an invitation.
    async fn revoke(&self, organization: String, invitation: String) -> Result<(), UiError>;
    /// What somebody with this link is invited to.
    async fn offer(&self, link: Password) -> Result<InvitedView, UiError>;
    /// Lets whoever is signed in join, or else whoever has this password or chooses it.
    async fn accept(&self, link: Password, password: Password) -> Result<(), UiError>;
}

/// The person's organizations.
#[async_trait]
pub trait OrganizationPort: Send + Sync {
    /// Turns the session to another organization.
    async fn enter(&self, organization: String) -> Result<(), UiError>;
    /// Creates an organization and turns the session to it.
    async fn create(&self, name: String) -> Result<(), UiError>;
}

/// The person's own account.
#[async_trait]
pub trait ProfilePort: Send + Sync {
    /// The Profile page.
    async fn page(&self) -> Result<ProfileView, UiError>;
    /// Sets a new password; every other session of the person ends.
    async fn change_password(&self, current: Password, new: Password) -> Result<(), UiError>;
    /// Ends one of the person's sessions.
    async fn end_session(&self, session: String) -> Result<(), UiError>;
    /// Ends all of them but this one; how many.
    async fn end_other_sessions(&self) -> Result<u32, UiError>;
    /// How the person's second factor is.
    async fn second_factor(&self) -> Result<SecondFactorView, UiError>;
    /// Makes a secret for an authenticator app.
    async fn begin_second_factor(&self) -> Result<(), UiError>;
    /// Takes its first code; the recovery codes are in this answer and nowhere else.
    async fn confirm_second_factor(&self, code: Password) -> Result<RecoveryCodes, UiError>;
    /// Asks for no code any more.
    async fn disable_second_factor(&self) -> Result<(), UiError>;
    /// Makes new recovery codes; they are in this answer and nowhere else.
    async fn renew_recovery_codes(&self) -> Result<RecoveryCodes, UiError>;
}
