//! What the people and things on the trail are called.

use super::{Audit, AuditEvent};
use crate::domain::Actor;
use crate::service::ServiceError;
use crate::store::audit;
pub use crate::store::audit::{KeyOnTrail, ProjectOnTrail};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// So many can be chosen among.
const MOST_ACTORS: i64 = 500;

/// What is known of those whom some events tell of, by their ids as texts.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// People's addresses.
    pub people: HashMap<String, String>,
    /// Tokens' names.
    pub tokens: HashMap<String, String>,
    /// Projects.
    pub projects: HashMap<String, ProjectOnTrail>,
    /// Provider keys.
    pub keys: HashMap<String, KeyOnTrail>,
}

impl Audit {
    /// The names behind the ids in these events of the organization, as far as they are known.
    ///
    /// # Errors
    /// As [`Audit::page`].
    pub async fn names(&self, actor: &Actor, events: &[AuditEvent]) -> Result<Names, ServiceError> {
        super::trail::authorize(actor)?;
        let of = |kind: &str| ids_of(events, kind);
        let mut tx = self.foundation.store.org(actor.org).await?;
        let people = audit::people_named(&mut tx, &of("user")).await?;
        let tokens = audit::tokens_named(&mut tx, &of("token")).await?;
        let projects = audit::projects_named(&mut tx, &of("project")).await?;
        let keys = audit::keys_named(&mut tx, &of("provider_key")).await?;
        Ok(Names {
            people: people.into_iter().map(|(id, email)| (id.to_string(), email)).collect(),
            tokens: tokens.into_iter().map(|(id, name)| (id.to_string(), name)).collect(),
            projects: projects
                .into_iter()
                .map(|found| (found.id.to_string(), found))
                .collect(),
            keys: keys.into_iter().map(|found| (found.id.to_string(), found)).collect(),
        })
    }

    /// The people and tokens that ever did something in the organization, with their names, by name; not all of them
    /// where there are very many.
    ///
    /// # Errors
    /// As [`Audit::page`].
    pub async fn actors(&self, actor: &Actor) -> Result<Vec<(Uuid, String)>, ServiceError> {
        super::trail::authorize(actor)?;
        let mut tx = self.foundation.store.org(actor.org).await?;
        let found = audit::actors(&mut tx, MOST_ACTORS).await?;
        let of = |kind: &str| -> Vec<Uuid> {
            let same = found.iter().filter(|(found, _)| found == kind);
            same.map(|(_, id)| *id).collect()
        };
        let people = audit::people_named(&mut tx, &of("user")).await?.into_iter();
        let tokens = audit::tokens_named(&mut tx, &of("token")).await?.into_iter();
        let people = people.map(|(id, email)| (id.as_uuid(), email));
        let mut named: Vec<_> = people.chain(tokens.map(|(id, name)| (id.as_uuid(), name))).collect();
        named.sort_by_key(|(_, name)| name.to_lowercase());
        Ok(named)
    }
}

/// The ids of those of a kind who did something, or to whom something was done.
fn ids_of(events: &[AuditEvent], kind: &str) -> Vec<Uuid> {
    let actors = events
        .iter()
        .filter(|event| event.actor_kind == kind)
        .filter_map(|event| event.actor_id);
    let targets = events
        .iter()
        .filter(|event| event.target_kind == kind)
        .filter_map(|event| event.target_id.parse().ok());
    let ids: BTreeSet<_> = actors.chain(targets).collect();
    ids.into_iter().collect()
}
