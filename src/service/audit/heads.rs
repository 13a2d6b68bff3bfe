//! The ends of all chains, signed and kept outside of the database: whoever can write to that can cut a chain off or
//! bring back an old one, and these tell.

mod file;

pub(super) use file::Kept;
pub use file::{HeadsError, HeadsFile};

use super::Audit;
use crate::domain::{Actor, DeploymentId, OrgId, Sealed};
use crate::service::ServiceError;
use crate::store::{audit, deployment};
use crate::vault::{self, HmacKey};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use file::Told;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};
use tokio::sync::Mutex;
use uuid::Uuid;

/// What a head's signature is over, so that it is never taken for an event's code.
const PURPOSE: &[u8] = b"latchkey audit head";

/// The end of an organization's chain at a time, signed under the deployment's audit root.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExportedHead {
    /// The organization.
    #[serde(with = "organization")]
    pub organization: OrgId,
    /// The last event's place.
    pub sequence: i64,
    /// The last event's code, in hexadecimal.
    #[serde(with = "hex::serde")]
    pub mac: [u8; 32],
    /// When: RFC 3339 in UTC.
    #[serde(with = "time::serde::rfc3339")]
    pub exported_at: OffsetDateTime,
    /// The code over all of this, in hexadecimal.
    #[serde(with = "hex::serde")]
    pub signature: [u8; 32],
}

mod organization {
    use crate::domain::OrgId;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use uuid::Uuid;

    pub(super) fn serialize<S: Serializer>(org: &OrgId, serializer: S) -> Result<S::Ok, S::Error> {
        org.as_uuid().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<OrgId, D::Error> {
        Uuid::deserialize(deserializer).map(OrgId::from_uuid)
    }
}

impl ExportedHead {
    /// The end of a chain, signed.
    pub(super) fn sign(key: &HmacKey, org: OrgId, (sequence, mac): (i64, [u8; 32]), now: OffsetDateTime) -> Self {
        let mut head = Self {
            organization: org,
            sequence,
            mac,
            exported_at: now.to_offset(UtcOffset::UTC),
            signature: [0; 32],
        };
        head.signature = head.with_message(|parts| key.mac(parts));
        head
    }

    /// Whether the deployment signed it.
    pub(super) fn is_genuine(&self, key: &HmacKey) -> bool {
        self.with_message(|parts| key.verify(parts, &self.signature))
    }

    /// When, as the signature covers it.
    #[must_use]
    pub fn time_as_signed(&self) -> String {
        self.exported_at
            .to_offset(UtcOffset::UTC)
            .format(&Rfc3339)
            .unwrap_or_default()
    }

    fn with_message<T>(&self, then: impl FnOnce(&[&[u8]]) -> T) -> T {
        let exported_at = self.time_as_signed();
        let (org, sequence) = (self.organization.to_string(), self.sequence.to_string());
        then(&[
            PURPOSE,
            org.as_bytes(),
            sequence.as_bytes(),
            &self.mac,
            exported_at.as_bytes(),
        ])
    }
}

/// The audit root, sealed as the database keeps it: so that who holds the master key can verify without the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SealedRoot {
    deployment: Uuid,
    /// In base64.
    audit_root: String,
}

impl SealedRoot {
    /// The root as a deployment keeps it.
    pub(super) fn new(deployment: DeploymentId, sealed: &Sealed) -> Self {
        Self {
            deployment: deployment.as_uuid(),
            audit_root: BASE64_STANDARD.encode(sealed.as_bytes()),
        }
    }

    /// Opens it.
    pub(super) async fn open(&self, values: &vault::Values) -> Result<HmacKey, HeadsError> {
        let sealed = BASE64_STANDARD
            .decode(&self.audit_root)
            .map_err(|_| HeadsError::RootUnreadable)?;
        let deployment = DeploymentId::from_uuid(self.deployment);
        Ok(vault::Roots::open_audit(values, deployment, &Sealed::from_bytes(sealed)).await?)
    }
}

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Line {
    Root(SealedRoot),
    Head(ExportedHead),
}

impl Line {
    pub(super) fn text(&self) -> String {
        // Texts and numbers only.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// This server's file, and what it says last.
#[derive(Debug)]
pub(super) struct Heads {
    pub(super) file: HeadsFile,
    told: Mutex<Option<Told>>,
}

impl Heads {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            file: HeadsFile::new(path),
            told: Mutex::default(),
        }
    }
}

impl Audit {
    /// Writes down the ends of all chains that went on since they were last written down, in this server's data folder.
    /// How many.
    ///
    /// # Errors
    /// [`HeadsError`] from the database or the file.
    pub async fn export_heads(&self) -> Result<usize, HeadsError> {
        let mut told = self.heads.told.lock().await;
        // A file that was moved away begins anew, and with everything.
        if !self.heads.file.path().exists() {
            *told = None;
        }
        let mut known = match told.take() {
            Some(known) => known,
            None => self.heads.file.last_told()?,
        };
        let count = self.add_heads(&self.heads.file, &mut known).await?;
        *told = Some(known);
        tracing::info!(heads = count, path = %self.heads.file.path().display(), "the ends of the audit chains were written down");
        Ok(count)
    }

    /// The same into another file. How many.
    ///
    /// # Errors
    /// As [`Audit::export_heads`].
    pub async fn export_heads_to(&self, file: &HeadsFile) -> Result<usize, HeadsError> {
        self.add_heads(file, &mut file.last_told()?).await
    }

    /// All heads of now as the lines of a file.
    ///
    /// # Errors
    /// [`HeadsError::Store`].
    pub async fn head_lines(&self) -> Result<String, HeadsError> {
        Ok(self.new_lines(&mut Told::default()).await?.1)
    }

    async fn add_heads(&self, file: &HeadsFile, told: &mut Told) -> Result<usize, HeadsError> {
        let (count, lines) = self.new_lines(told).await?;
        if !lines.is_empty() {
            file.append(&lines)?;
        }
        Ok(count)
    }

    /// Lines for what was not told yet, which it counts as told from here on; and how many heads are among them.
    async fn new_lines(&self, told: &mut Told) -> Result<(usize, String), HeadsError> {
        let mut tx = self.foundation.store.system().await?;
        let stored = deployment::roots(&mut tx).await?;
        let ends = audit::heads(&mut tx).await?;
        drop(tx);
        let mut lines = String::new();
        let mut add = |line: &Line| {
            lines.push_str(&line.text());
            lines.push('\n');
        };
        let sealed = stored.iter().find(|root| root.purpose == vault::AUDIT);
        let root = sealed.map(|root| SealedRoot::new(self.foundation.roots.deployment, &root.sealed));
        if let Some(root) = root.filter(|root| told.root.as_ref() != Some(root)) {
            add(&Line::Root(root.clone()));
            told.root = Some(root);
        }
        let now = self.foundation.clock.now();
        let mut count = 0;
        for (org, end) in ends.into_iter().filter_map(|head| Some((head.org, head.end?))) {
            if told.heads.insert(org, end) != Some(end) {
                add(&Line::Head(ExportedHead::sign(
                    &self.foundation.roots.audit,
                    org,
                    end,
                    now,
                )));
                count += 1;
            }
        }
        Ok((count, lines))
    }

    /// The end of the organization's chain at this moment, signed; `None` when there is no event.
    ///
    /// # Errors
    /// As [`Audit::page`].
    pub async fn signed_head(&self, actor: &Actor) -> Result<Option<ExportedHead>, ServiceError> {
        let newest = self.head(actor).await?;
        let now = self.foundation.clock.now();
        let sign = |end| ExportedHead::sign(&self.foundation.roots.audit, actor.org, end, now);
        Ok(newest.map(|event| sign((event.sequence, event.mac))))
    }
}
