//! Who uses the cluster, across processes.
//!
//! Everyone who uses it holds the lock shared; who holds it alone may start and stop the server.
//! The kernel lets go of it when a process dies, however it dies.

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The lock of one data folder, not held yet.
#[derive(Debug)]
pub(super) struct Lock(File);

impl Lock {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(path)
            .map(Self)
    }

    /// Holds it alone, unless others hold it.
    pub(super) fn try_alone(&self) -> io::Result<bool> {
        self.attempt(FlockOperation::NonBlockingLockExclusive)
    }

    /// Holds it shared, unless somebody holds it alone.
    pub(super) fn try_shared(&self) -> io::Result<bool> {
        self.attempt(FlockOperation::NonBlockingLockShared)
    }

    pub(super) fn release(&self) -> io::Result<()> {
        Ok(flock(&self.0, FlockOperation::Unlock)?)
    }

    /// A change that fails may lose what was held before; see flock(2).
    fn attempt(&self, operation: FlockOperation) -> io::Result<bool> {
        match flock(&self.0, operation) {
            Ok(()) => Ok(true),
            Err(Errno::WOULDBLOCK) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}
