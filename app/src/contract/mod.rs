//! What pages and server talk in: plain data, safe in a browser, without a secret in it.
//!
//! The one exception is [`CreatedToken::token`], which is shown once.

mod activity;
mod error;
mod flash;
mod gateway;
mod key;
mod moment;
mod project;
mod session;
mod token;

pub use activity::{
    ActivityFilter, ActivityView, AdviceView, CallDetailView, CallView, FactGroupView, FactView, FilterFieldView,
    LinkView, OptionView,
};
pub use error::{ErrorCode, FieldError, UiError};
pub use flash::{Flash, FlashOutcome};
pub use gateway::{ChecklistView, GatewaySettingsView};
pub use key::{CardView, DeletedKeyView, KeyChange, KeyStatus, KeyView, ProviderKeysView, ProviderView};
pub use moment::Moment;
pub use project::ProjectView;
pub use session::{PermissionsView, SessionView, SetupView};
pub use token::{CreatedToken, ScopeView, TokenView, TokensView};
