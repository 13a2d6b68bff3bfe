//! A running server: found by its own notes, asked whether it is ours, and stopped.

use super::folders::{PORT, socket_path};
use super::{ADMINISTRATOR, ClusterError};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{Connection, PgConnection};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

const BETWEEN_LOOKS: Duration = Duration::from_millis(10);
const ANSWER_LIMIT: Duration = Duration::from_secs(2);
/// How long each way of stopping may take.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// What the server wrote into `postmaster.pid`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Postmaster {
    pub(super) process: Pid,
    /// `None` until the server has come that far.
    pub(super) socket_folder: Option<PathBuf>,
}

/// What stands behind the process id of a `postmaster.pid`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Liveness {
    /// A server that works in this cluster.
    Ours,
    /// No process.
    Gone,
    /// Another process, which came to the same id after a crash of the machine.
    Stranger,
    /// A process that cannot be looked at; systems without `/proc`.
    Unclear,
}

/// Where a server says who it is.
pub(super) fn notes(cluster: &Path) -> PathBuf {
    cluster.join("postmaster.pid")
}

impl Postmaster {
    /// The server that works in `cluster`, or did when it died.
    pub(super) fn read(cluster: &Path) -> Result<Option<Self>, ClusterError> {
        let path = notes(cluster);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ClusterError::files("read", path)(error)),
        }
    }

    /// Line 1 is the process, line 5 the first socket folder (`miscadmin.h` of Postgres, `LOCK_FILE_LINE_…`).
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let process = Pid::from_raw(lines.next()?.trim().parse().ok()?)?;
        let socket_folder = lines.nth(3).filter(|folder| !folder.is_empty()).map(PathBuf::from);
        Some(Self { process, socket_folder })
    }

    /// The server of `cluster`, if it answers and says that it works in this cluster.
    pub(super) async fn answering(cluster: &Path) -> Option<Self> {
        let found = Self::read(cluster).ok()??;
        let folder = found.socket_folder.as_deref()?;
        if !socket_path(folder).exists() {
            return None;
        }
        let ask = async {
            let mut connection = PgConnection::connect_with(&connect_options(folder, "postgres")).await?;
            let works_in: String = sqlx::query_scalar("show data_directory")
                .fetch_one(&mut connection)
                .await?;
            connection.close().await?;
            Ok::<_, sqlx::Error>(works_in)
        };
        let works_in = timeout(ANSWER_LIMIT, ask).await.ok()?.ok()?;
        (Path::new(&works_in) == cluster).then_some(found)
    }

    /// A server changes into its cluster's folder, which tells it from a process that got its id later.
    pub(super) fn liveness(&self, cluster: &Path) -> Liveness {
        let process = Path::new("/proc").join(self.process.as_raw_pid().to_string());
        match fs::read_link(process.join("cwd")) {
            Ok(folder) if folder == cluster => Liveness::Ours,
            Ok(_) => Liveness::Stranger,
            // Dead, but not yet waited for, looks like gone.
            Err(error) if error.kind() == io::ErrorKind::NotFound && Path::new("/proc/self").exists() => Liveness::Gone,
            Err(_) if test_kill_process(self.process).is_ok() => Liveness::Unclear,
            Err(_) => Liveness::Gone,
        }
    }

    /// Ends the server: its clients are cut off, what they committed is on disk. One that takes too long
    /// is told to drop everything and recovers at its next start.
    pub(super) async fn stop(&self, cluster: &Path) -> Result<(), ClusterError> {
        for signal in [Signal::INT, Signal::QUIT] {
            // It may be gone already, which is what is wanted.
            let _ = kill_process(self.process, signal);
            let deadline = Instant::now() + STOP_LIMIT;
            while Instant::now() < deadline {
                if !self.works_in(cluster) {
                    return Ok(());
                }
                sleep(BETWEEN_LOOKS).await;
            }
            tracing::warn!(
                process = self.process.as_raw_pid(),
                ?signal,
                "the database is slow to stop"
            );
        }
        Err(ClusterError::Stop {
            process: self.process.as_raw_pid(),
        })
    }

    /// Whether the folder of its socket was cleared away, so that it never will answer again.
    pub(super) fn has_lost_its_socket(&self) -> bool {
        self.socket_folder
            .as_deref()
            .is_some_and(|folder| !socket_path(folder).exists())
    }

    /// Whether this very server still runs.
    pub(super) fn works_in(&self, cluster: &Path) -> bool {
        match self.liveness(cluster) {
            Liveness::Ours => true,
            Liveness::Gone | Liveness::Stranger => false,
            Liveness::Unclear => Self::read(cluster)
                .ok()
                .flatten()
                .is_some_and(|found| found.process == self.process),
        }
    }
}

/// How to connect to the server whose socket is in `folder`.
pub(super) fn connect_options(folder: &Path, database: &str) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .host("localhost")
        .socket(folder)
        .port(PORT)
        .username(ADMINISTRATOR)
        .database(database)
        .ssl_mode(PgSslMode::Disable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_read_as_far_as_they_go() {
        let whole = Postmaster::parse("42\n/data/postgres\n1795239060\n5432\n/run/x\n\n 1 2\nready\n");
        let folder = whole.and_then(|found| found.socket_folder);
        assert_eq!(folder.as_deref(), Some(Path::new("/run/x")));
        let early = Postmaster::parse("42\n/data/postgres\n").unwrap();
        assert_eq!((early.process.as_raw_pid(), early.socket_folder), (42, None));
        assert_eq!(Postmaster::parse(""), None);
    }
}
