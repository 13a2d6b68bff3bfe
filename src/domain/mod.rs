//! The words of Latchkey as types: ids, actors, scopes, health, sealed values, endpoints.
//!
//! Pure: no I/O, no async, nothing of ours imported from elsewhere.

mod actor;
mod clock;
mod endpoint;
mod fee;
mod health;
mod id;
mod key;
mod limits;
mod policy;
mod probing;
mod scope;
mod sealed;
mod slug;
mod usage;

pub use actor::{Actor, Principal, Refusal, RequestContext};
pub use clock::{Clock, Random, SystemClock, SystemRandom};
pub use endpoint::{AZURE_HOST_SUFFIXES, Endpoint, EndpointError, EndpointPolicy, is_public_address};
pub use fee::Fee;
pub use health::{Health, HealthReason, HealthStatus, Verdict};
pub use id::{CallId, DeploymentId, KeyId, OrgId, ProjectId, RequestId, TokenId, UserId};
pub use key::{MAX_SECRET_BYTES, ProviderKey, ShapeError, ShapedSecret, redact};
pub use limits::GatewayLimits;
pub use policy::{Fallback, FallbackChoice, FallbackPolicy};
pub use probing::NextProbe;
pub use scope::{Role, Scope, Scopes, UnknownRole, UnknownScope};
pub use sealed::{SealContext, Sealed};
pub use slug::{ProjectSlug, ProviderSlug, SlugError};
pub use usage::{FallbackReason, KeySource, MicroDollars, TokenCounts, UsageEvent, UsageSource};

#[cfg(test)]
pub(crate) use clock::testing::{FixedClock, SeededRandom};
