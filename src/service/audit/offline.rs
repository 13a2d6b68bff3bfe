//! Verifying an export, with the exported heads and the master key and nothing else.

use super::heads::Kept;
use super::verify::Walk;
use super::{ExportedEvent, ExportedHead, HeadsError, HeadsFile, Verification};
use crate::domain::OrgId;
use crate::vault::{HmacKey, Values};
use std::io::{self, BufRead};

/// What an export is compared with: exported heads, all of them genuine, and the key that events are bound by.
#[derive(Debug)]
pub struct Evidence {
    key: HmacKey,
    heads: Vec<ExportedHead>,
}

/// Why an export cannot be verified at all.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The file.
    #[error("the export cannot be read")]
    Io(#[from] io::Error),
    /// A line is none.
    #[error(
        "line {line} of the export is not as Latchkey writes it: it was altered, or the file is no export; \
         take another copy"
    )]
    Unreadable {
        /// Which line, from 1.
        line: usize,
    },
    /// There is no event in it, and nothing to say whose it is.
    #[error("the export is empty: export it anew")]
    Empty,
}

impl Evidence {
    /// Takes a file of heads, whose audit root the master key opens.
    ///
    /// # Errors
    /// [`HeadsError`]: the file cannot be read, was altered, or belongs to another master key.
    pub async fn open(file: &HeadsFile, values: &Values) -> Result<Self, HeadsError> {
        let Kept { root, heads } = file.read()?;
        let root = root.ok_or_else(|| HeadsError::NoRoot(file.path().to_owned()))?;
        let key = root.open(values).await?;
        if let Some((line, _)) = heads.iter().find(|(_, head)| !head.is_genuine(&key)) {
            return Err(file.forged(*line));
        }
        let heads = heads.into_iter().map(|(_, head)| head).collect();
        Ok(Self { key, heads })
    }

    #[cfg(test)]
    pub(super) const fn new(key: HmacKey, heads: Vec<ExportedHead>) -> Self {
        Self { key, heads }
    }
}

/// Reads an export, line by line, and says whose it is and what verifying it came to. An export `is_filtered` when it
/// does not hold all events; then only what is there can be verified.
///
/// # Errors
/// [`ExportError`] when it cannot be read as an export.
pub fn verify_export(
    export: impl BufRead,
    evidence: &Evidence,
    is_filtered: bool,
) -> Result<(OrgId, Verification), ExportError> {
    let mut walk: Option<(OrgId, Walk<'_>)> = None;
    for (number, line) in (1..).zip(export.lines()) {
        let event = ExportedEvent::read(&line?).ok_or(ExportError::Unreadable { line: number })?;
        let (org, event) = event.into_event();
        let begin = || {
            (
                org,
                Walk::new(&evidence.key, org, evidence.heads.clone()).filtered(is_filtered),
            )
        };
        let (_, walking) = walk.get_or_insert_with(begin);
        if let Err(finding) = walking.step(org, &event) {
            return ended(walk, Some(finding)).ok_or(ExportError::Empty);
        }
    }
    ended(walk, None).ok_or(ExportError::Empty)
}

fn ended(walk: Option<(OrgId, Walk<'_>)>, finding: Option<super::Finding>) -> Option<(OrgId, Verification)> {
    walk.map(|(org, walk)| (org, walk.end(finding)))
}
