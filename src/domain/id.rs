//! Typed identifiers: a key's id cannot be passed where a project's is wanted.

use super::{Clock, Random};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id (UUID version 7: sorted by the time it was made).
            #[must_use]
            pub fn new(clock: &dyn Clock, random: &dyn Random) -> Self {
                Self(uuid_v7(clock, random))
            }

            /// The id that this UUID stands for.
            #[must_use]
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The UUID behind this id.
            #[must_use]
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )+};
}

ids! {
    /// An organization, the tenant.
    OrgId,
    /// A project of an organization.
    ProjectId,
    /// A provider key of a project.
    KeyId,
    /// A token, what a caller of Latchkey presents.
    TokenId,
    /// A person.
    UserId,
    /// An invitation to join an organization.
    InvitationId,
    /// A session, as its own person names it; not what it is found by.
    SessionId,
    /// A lock on calls.
    LockId,
    /// One request, echoed in `x-request-id` and in every log line about it.
    RequestId,
    /// One call through the gateway.
    CallId,
    /// What people are told of.
    NotificationId,
    /// A mail about a notification, the same on every try.
    MailId,
    /// An address of an organization's own that is told.
    WebhookId,
    /// A message to a webhook.
    DeliveryId,
    /// This deployment, bound into every sealed value.
    DeploymentId,
}

fn uuid_v7(clock: &dyn Clock, random: &dyn Random) -> Uuid {
    let milliseconds = clock.now().unix_timestamp_nanos() / 1_000_000;
    let milliseconds = u64::try_from(milliseconds).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &random.bytes()).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{FixedClock, SeededRandom};

    #[test]
    fn a_later_id_sorts_behind_an_earlier_one() {
        let clock = FixedClock::at_unix(1_790_000_000);
        let random = SeededRandom::new(7);
        let earlier = KeyId::new(&clock, &random);
        clock.advance(time::Duration::milliseconds(1));
        let later = KeyId::new(&clock, &random);
        assert!(earlier < later);
        assert_eq!(earlier.as_uuid().get_version_num(), 7);
    }
}
