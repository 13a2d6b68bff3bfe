//! What is left of the limit on probing.

use super::Keys;
use crate::domain::Actor;
use crate::service::throttle::Share;

impl Keys {
    /// What the actor's organization has left of its probes.
    #[must_use]
    pub fn probe_share(&self, actor: &Actor) -> Share {
        self.throttle.share(actor.org)
    }
}
