//! The same answer for a request that is sent again with the same `Idempotency-Key`.

use super::{Foundation, ServiceError};
use crate::domain::{Actor, Principal};
use crate::store::idempotency::{self, StoredReply};
use crate::vault::Values;
use std::sync::Arc;
use time::Duration;

/// How long an answer is remembered.
const REMEMBERED: Duration = Duration::hours(24);
/// A request that has been in flight this long died with its server, and may be made anew.
const ABANDONED_AFTER: Duration = Duration::minutes(2);
const PURPOSE: &str = "idempotent reply";

/// What to do with a request.
#[derive(Debug)]
pub enum Begin {
    /// It is new: do it, then call [`Idempotency::finish`] or [`Idempotency::abandon`].
    New,
    /// It was done: answer this again.
    Replay {
        /// The HTTP status.
        status: u16,
        /// The body.
        body: Vec<u8>,
    },
    /// It is being done right now.
    InFlight,
    /// The key was used for another request.
    Mismatch,
}

/// Remembers answers, sealed: one of them may hold a token that is shown once. Of the requests
/// only a keyed hash is kept.
pub struct Idempotency {
    foundation: Arc<Foundation>,
    values: Values,
}

impl Idempotency {
    pub(crate) const fn new(foundation: Arc<Foundation>, values: Values) -> Self {
        Self { foundation, values }
    }

    /// Claims `key` for the request made of `parts` (method, path, body), or says what became of it.
    ///
    /// # Errors
    /// Whatever store and vault say.
    pub async fn begin(&self, actor: &Actor, key: &str, parts: &[&[u8]]) -> Result<Begin, ServiceError> {
        let mac = self.foundation.roots.idempotency.mac(parts);
        let now = self.foundation.clock.now();
        let who = who(actor);
        let mut tx = self.foundation.store.org(actor.org).await?;
        if let Some(seen) = idempotency::find(&mut tx, &who, key).await? {
            let age = now - seen.created_at;
            let stale = age > REMEMBERED || (seen.reply.is_none() && age > ABANDONED_AFTER);
            if !stale {
                if !self.foundation.roots.idempotency.verify(parts, &seen.request_mac) {
                    return Ok(Begin::Mismatch);
                }
                return match seen.reply {
                    Some(reply) => self.replay(actor, key, &reply).await,
                    None => Ok(Begin::InFlight),
                };
            }
        }
        idempotency::release_stale(&mut tx, now - REMEMBERED, now - ABANDONED_AFTER).await?;
        let claimed = idempotency::claim(&mut tx, &who, key, &mac, now).await?;
        tx.commit().await?;
        Ok(if claimed { Begin::New } else { Begin::InFlight })
    }

    /// Remembers the answer.
    ///
    /// # Errors
    /// Whatever store and vault say.
    pub async fn finish(&self, actor: &Actor, key: &str, status: u16, body: &[u8]) -> Result<(), ServiceError> {
        let who = who(actor);
        let org = actor.org.to_string();
        let sealed = self
            .values
            .seal_bytes(PURPOSE, &[org.as_bytes(), who.as_bytes(), key.as_bytes()], body)
            .await?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        idempotency::finish(&mut tx, &who, key, &StoredReply { status, sealed }).await?;
        Ok(tx.commit().await?)
    }

    /// Gives `key` free again, for a request that failed on our side.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn abandon(&self, actor: &Actor, key: &str) -> Result<(), ServiceError> {
        let mut tx = self.foundation.store.org(actor.org).await?;
        idempotency::release(&mut tx, &who(actor), key).await?;
        Ok(tx.commit().await?)
    }

    async fn replay(&self, actor: &Actor, key: &str, reply: &StoredReply) -> Result<Begin, ServiceError> {
        let org = actor.org.to_string();
        let place: [&[u8]; 3] = [org.as_bytes(), &who(actor).into_bytes(), key.as_bytes()];
        let body = self
            .values
            .open_bytes(PURPOSE, &place, &reply.sealed)
            .await
            .map_err(ServiceError::Open)?;
        Ok(Begin::Replay {
            status: reply.status,
            body: body.to_vec(),
        })
    }
}

fn who(actor: &Actor) -> String {
    match actor.principal {
        Principal::User(user) => format!("user:{user}"),
        Principal::Token(token) => format!("token:{token}"),
        Principal::CommandLine => "command_line".to_owned(),
        Principal::System => "system".to_owned(),
    }
}
