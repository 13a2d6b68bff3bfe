//! The words of Latchkey as types: ids, actors, scopes, health, sealed values, endpoints.
//!
//! Pure: no I/O, no async, nothing of ours imported from elsewhere.

mod action;
mod actor;
mod call_lock;
mod clock;
mod endpoint;
mod fee;
mod fingerprint;
mod health;
mod id;
mod key;
mod limits;
mod notification;
mod paste;
mod policy;
mod probing;
mod rotation;
mod scope;
mod sealed;
mod slug;
mod standing;
mod usage;
mod webhook;

pub use action::{ACTIONS, Action};
pub use actor::{Actor, NotRecent, OneProjectOnly, Principal, Refusal, RequestContext};
pub use call_lock::CallLock;
pub use clock::{Clock, Random, SystemClock, SystemRandom};
pub use endpoint::{AZURE_HOST_SUFFIXES, Endpoint, EndpointError, EndpointPolicy, is_public_address};
pub use fee::Fee;
pub use fingerprint::Fingerprint;
pub use health::{Health, HealthReason, HealthStatus, Verdict};
pub use id::{
    CallId, DeliveryId, DeploymentId, InvitationId, KeyId, LockId, MailId, NotificationId, OrgId, ProjectId, RequestId,
    SessionId, TokenId, UserId, WebhookId,
};
pub use key::{MAX_SECRET_BYTES, ProviderKey, ShapeError, ShapedSecret, redact};
pub use limits::GatewayLimits;
pub use notification::{NotificationKind, UnknownKind, Urgency};
pub use paste::{PastedLine, read_pasted};
pub use policy::{Fallback, FallbackChoice, FallbackPolicy};
pub use probing::NextProbe;
pub use rotation::{Overlap, is_same_name};
pub use scope::{Role, Scope, Scopes, UnknownRole, UnknownScope};
pub use sealed::{SealContext, Sealed};
pub use slug::{ProjectSlug, ProviderSlug, SlugError};
pub use standing::{CannotServe, newest_usable};
pub use usage::{FallbackReason, KeySource, MicroDollars, TokenCounts, UsageEvent, UsageSource};
pub use webhook::{WebhookUrl, WebhookUrlError};

#[cfg(test)]
pub(crate) use clock::testing::{FixedClock, SeededRandom};
