//! The file that heads are kept in: one a line, added to and never changed.

use super::{ExportedHead, Line, SealedRoot};
use crate::domain::OrgId;
use crate::store::StoreError;
use crate::vault::{HmacKey, RootsError};
use std::collections::HashMap;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Why exported heads cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HeadsError {
    /// The file.
    #[error("the exported heads in {path} cannot be read or written")]
    Io {
        /// Where they are.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A line is none.
    #[error(
        "line {line} of the exported heads in {path} cannot be read: the file was altered; take a copy from elsewhere"
    )]
    Unreadable {
        /// Where they are.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
    /// A head is not this deployment's.
    #[error(
        "the head in line {line} of {path} was not signed by this deployment: the file was altered, or it is \
         another deployment's; take a copy from elsewhere"
    )]
    Forged {
        /// Where they are.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
    /// The file has no audit root.
    #[error("{0} holds no audit root, so nothing can be verified with it; export the heads anew")]
    NoRoot(PathBuf),
    /// The audit root is no base64.
    #[error("the audit root among the exported heads was altered")]
    RootUnreadable,
    /// The audit root does not open.
    #[error("the audit root among the exported heads cannot be opened")]
    Root(#[from] RootsError),
    /// The database.
    #[error("the chains could not be read from the database")]
    Store(#[from] StoreError),
}

/// All that a file of heads holds.
#[derive(Debug, Default)]
pub(in super::super) struct Kept {
    /// The newest audit root.
    pub(in super::super) root: Option<SealedRoot>,
    /// The heads, with their lines, from 1.
    pub(in super::super) heads: Vec<(usize, ExportedHead)>,
}

/// A file of heads.
#[derive(Clone, Debug)]
pub struct HeadsFile(PathBuf);

impl HeadsFile {
    /// The file at this path, which need not exist.
    #[must_use]
    pub const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The heads of one organization; none where there is no file.
    ///
    /// # Errors
    /// [`HeadsError::Unreadable`] and [`HeadsError::Forged`] when the file was altered.
    pub(in super::super) fn of(&self, key: &HmacKey, org: OrgId) -> Result<Vec<ExportedHead>, HeadsError> {
        let mut heads = Vec::new();
        let id = org.to_string();
        self.each_line(|number, text| {
            // Most lines are other organizations'; those are looked at when theirs are.
            if !text.contains(&id) {
                return Ok(());
            }
            match self.parse(number, text)? {
                Line::Head(head) if !head.is_genuine(key) => Err(self.forged(number)),
                Line::Head(head) if head.organization == org => {
                    heads.push(head);
                    Ok(())
                }
                Line::Head(_) | Line::Root(_) => Ok(()),
            }
        })?;
        Ok(heads)
    }

    /// All heads, with their lines, and the newest audit root.
    pub(in super::super) fn read(&self) -> Result<Kept, HeadsError> {
        let mut kept = Kept::default();
        self.each_line(|number, text| {
            match self.parse(number, text)? {
                Line::Root(newer) => kept.root = Some(newer),
                Line::Head(head) => kept.heads.push((number, head)),
            }
            Ok(())
        })?;
        Ok(kept)
    }

    /// What was told last: the audit root, and each organization's head. For who is about to add to the file.
    pub(super) fn last_told(&self) -> Result<Told, HeadsError> {
        self.mend()?;
        let mut told = Told::default();
        self.each_line(|number, text| {
            match self.parse(number, text)? {
                Line::Root(root) => told.root = Some(root),
                Line::Head(head) => drop(told.heads.insert(head.organization, (head.sequence, head.mac))),
            }
            Ok(())
        })?;
        Ok(told)
    }

    fn each_line(&self, mut then: impl FnMut(usize, &str) -> Result<(), HeadsError>) -> Result<(), HeadsError> {
        let file = match File::open(&self.0) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(self.failed(error)),
        };
        for (number, line) in (1..).zip(BufReader::new(file).lines()) {
            then(number, &line.map_err(|error| self.failed(error))?)?;
        }
        Ok(())
    }

    fn parse(&self, line: usize, text: &str) -> Result<Line, HeadsError> {
        let parsed: Option<Line> = serde_json::from_str(text).ok();
        // Exactly as it was written: what a line says twice, others may read otherwise.
        let parsed = parsed.filter(|parsed| parsed.text() == text);
        parsed.ok_or_else(|| HeadsError::Unreadable {
            path: self.0.clone(),
            line,
        })
    }

    /// Adds lines, for the owner's eyes only, and waits until they are on the disk.
    pub(super) fn append(&self, lines: &str) -> Result<(), HeadsError> {
        let write = || {
            if let Some(folder) = self.0.parent() {
                DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            }
            let mut options = OpenOptions::new();
            let mut file = options.append(true).create(true).mode(0o600).open(&self.0)?;
            file.write_all(lines.as_bytes())?;
            file.sync_all()
        };
        write().map_err(|error| self.failed(error))
    }

    /// Removes what a crash left of a line that was being written.
    fn mend(&self) -> Result<(), HeadsError> {
        match OpenOptions::new().read(true).write(true).open(&self.0) {
            Ok(mut file) => drop_torn_line(&mut file).map_err(|error| self.failed(error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(self.failed(error)),
        }
    }

    fn failed(&self, source: io::Error) -> HeadsError {
        HeadsError::Io {
            path: self.0.clone(),
            source,
        }
    }

    pub(in super::super) fn forged(&self, line: usize) -> HeadsError {
        HeadsError::Forged {
            path: self.0.clone(),
            line,
        }
    }
}

fn drop_torn_line(file: &mut File) -> io::Result<()> {
    /// No line is longer.
    const LONGEST: u64 = 64 * 1024;
    let length = file.seek(SeekFrom::End(0))?;
    let begin = length.saturating_sub(LONGEST);
    file.seek(SeekFrom::Start(begin))?;
    let mut tail = Vec::new();
    file.take(LONGEST).read_to_end(&mut tail)?;
    let whole = tail.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    if whole < tail.len() {
        file.set_len(begin + whole as u64)?;
    }
    Ok(())
}

/// What a file says last.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) root: Option<SealedRoot>,
    pub(super) heads: HashMap<OrgId, (i64, [u8; 32])>,
}
