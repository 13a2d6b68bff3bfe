//! Verifying a chain where it stands, in the database.

use super::verify::Walk;
use super::{Audit, AuditFilter, ExportedHead, HeadsError, HeadsFile, Verification};
use crate::domain::{Actor, OrgId};
use crate::service::ServiceError;
use crate::store::audit::{self, Stretch};

/// Events are read in pages of so many.
const PAGE: i64 = 1_000;

/// An organization whose chain can be verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The organization.
    pub org: OrgId,
    /// Its name.
    pub name: String,
}

impl Audit {
    /// Reads the organization's chain from the first event to the last, and says whether each is as it was written and
    /// follows the one before, and whether the chain still holds all heads that this server exported.
    ///
    /// # Errors
    /// [`ServiceError::Refused`] without `read:audit`; [`ServiceError::OneProjectOnly`]; [`ServiceError::Heads`] when the
    /// exported heads were altered, or cannot be read.
    pub async fn verify(&self, actor: &Actor) -> Result<Verification, ServiceError> {
        super::trail::authorize(actor)?;
        let heads = self.heads.file.of(&self.foundation.roots.audit, actor.org)?;
        self.verify_against(actor, heads).await
    }

    /// The same against the heads of another file, too.
    ///
    /// # Errors
    /// As [`Audit::verify`].
    pub async fn verify_with(&self, actor: &Actor, file: &HeadsFile) -> Result<Verification, ServiceError> {
        super::trail::authorize(actor)?;
        let key = &self.foundation.roots.audit;
        let mut heads = self.heads.file.of(key, actor.org)?;
        heads.extend(file.of(key, actor.org)?);
        self.verify_against(actor, heads).await
    }

    async fn verify_against(&self, actor: &Actor, heads: Vec<ExportedHead>) -> Result<Verification, ServiceError> {
        // It is never closed.
        let _permit = self.verifying.acquire().await;
        let mut walk = Walk::new(&self.foundation.roots.audit, actor.org, heads);
        let verified = match self.walk(actor.org, &mut walk).await? {
            Ok(()) => walk.end(None),
            Err(finding) => walk.end(Some(finding)),
        };
        if let Some(finding) = &verified.finding {
            tracing::error!(
                alarm = "audit_chain_broken", org.id = %actor.org, sequence = finding.sequence,
                "an audit chain is not as it was written: {finding}"
            );
        }
        Ok(verified)
    }

    /// Up to what was the end when this began.
    async fn walk(&self, org: OrgId, walk: &mut Walk<'_>) -> Result<Result<(), super::Finding>, ServiceError> {
        let store = &self.foundation.store;
        let all = AuditFilter::default();
        let newest = audit::newest(&mut store.org(org).await?, &all, Stretch::WHOLE, 1).await?;
        let end = newest.first().map_or(0, |event| event.sequence);
        let mut stretch = Stretch {
            after: 0,
            before: end.saturating_add(1),
        };
        loop {
            let events = audit::oldest(&mut store.org(org).await?, &all, stretch, PAGE).await?;
            let Some(last) = events.last() else { return Ok(Ok(())) };
            stretch.after = last.sequence;
            for event in &events {
                if let Err(finding) = walk.step(org, event) {
                    return Ok(Err(finding));
                }
            }
            // Other requests have a turn between two pages.
            tokio::task::yield_now().await;
        }
    }

    /// Every organization, by name: for who verifies all of them at the command line.
    ///
    /// # Errors
    /// Whatever the store says.
    pub async fn subjects(&self) -> Result<Vec<Subject>, HeadsError> {
        let mut tx = self.foundation.store.system().await?;
        let heads = audit::heads(&mut tx).await?.into_iter();
        Ok(heads
            .map(|head| Subject {
                org: head.org,
                name: head.name,
            })
            .collect())
    }
}
