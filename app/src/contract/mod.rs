//! What pages and server talk in: plain data, safe in a browser, without a secret in it.
//!
//! The exceptions are [`CreatedToken::token`], [`CreatedInvitation::link`], [`WebhookSecret::secret`], [`EnrolmentView`] and
//! [`RecoveryCodes`], which are shown once.

mod activity;
mod audit;
mod error;
mod flash;
mod gateway;
mod import;
mod invitation;
mod job;
mod key;
mod lock;
mod member;
mod moment;
mod notification;
mod organization;
mod organization_profile;
mod overview;
mod profile;
mod project;
mod session;
mod token;
mod webhook;

pub use activity::{
    ActivityFilter, ActivityView, AdviceView, CallDetailView, CallView, FactGroupView, FactView, FilterFieldView,
    LinkView, OptionView,
};
pub use audit::{AuditEventView, AuditFilter, AuditRowView, AuditVerifiedView, AuditView, NamedView};
pub use error::{ErrorCode, FieldError, UiError};
pub use flash::{Flash, FlashOutcome};
pub use gateway::{ChecklistView, GatewaySettingsView};
pub use import::{
    CandidateView, ImportChoice, ImportPreviewView, ImportProviderView, ImportView, ImportedLineView, ImportedView,
};
pub use invitation::{CreatedInvitation, InvitationView, InvitedView, OfferView, VisitorView};
pub use job::{JobErrorView, JobsView, ServerView, TaskStatus, TaskView};
pub use key::{
    CardView, DeletedKeyView, DependentsView, KeyChange, KeyStatus, KeyView, ProviderKeysView, ProviderView, TwinView,
    UndoneRotationView,
};
pub use lock::{LockView, LocksView};
pub use member::{ActionView, MemberView, MembersView};
pub use moment::Moment;
pub use notification::{
    KindChoiceView, NotificationChoicesView, NotificationView, NotificationsView, UnreadView, UnsubscribeView, Urgency,
};
pub use organization::OrganizationView;
pub use organization_profile::OrganizationProfileView;
pub use overview::{AttentionView, FirstCallView, OverviewView, ProjectDayView};
pub use profile::{EnrolmentView, OwnSessionView, ProfileView, QrView, RecoveryCodes, SecondFactorView};
pub use project::ProjectView;
pub use session::{PermissionsView, ResetLinkView, SessionView, SetupView, SignInView};
pub use token::{CreatedToken, ReplacedTokenView, ScopeView, TokenStatus, TokenView, TokensView};
pub use webhook::{
    AttemptView, DeliveryStatus, DeliveryView, WebhookDetailView, WebhookSecret, WebhookStatus, WebhookView,
    WebhooksView,
};
