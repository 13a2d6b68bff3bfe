//! The words of Latchkey as types: ids, actors, scopes, health, sealed values, endpoints.
//!
//! Pure: no I/O, no async, nothing of ours imported from elsewhere.

mod actor;
mod clock;
mod endpoint;
mod health;
mod id;
mod key;
mod scope;
mod sealed;
mod slug;

pub use actor::{Actor, Principal, Refusal, RequestContext};
pub use clock::{Clock, Random, SystemClock, SystemRandom};
pub use endpoint::{AZURE_HOST_SUFFIXES, Endpoint, EndpointError, EndpointPolicy, is_public_address};
pub use health::{Health, HealthReason, HealthStatus, Verdict};
pub use id::{DeploymentId, KeyId, OrgId, ProjectId, RequestId, TokenId, UserId};
pub use key::{MAX_SECRET_BYTES, ProviderKey, ShapeError, ShapedSecret, redact};
pub use scope::{Role, Scope, Scopes, UnknownRole, UnknownScope};
pub use sealed::{SealContext, Sealed};
pub use slug::{ProjectSlug, ProviderSlug, SlugError};

#[cfg(test)]
pub(crate) use clock::testing::{FixedClock, SeededRandom};
