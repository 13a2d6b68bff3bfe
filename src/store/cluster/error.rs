//! Why the private Postgres cannot be used.

use std::io;
use std::path::PathBuf;

/// Why the private Postgres cannot be used. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// No server programs are installed.
    #[error(
        "no Postgres server programs (version 14 or newer) were found; install them with `{install}`, \
         or set DATABASE_URL to a server that runs already"
    )]
    NoPrograms {
        /// The command that installs them.
        install: &'static str,
    },
    /// Only other versions are installed than the one that made the data folder.
    #[error(
        "{path} was made by Postgres {made_by}, whose server programs are not installed; install that \
         version (Debian and Ubuntu: the package postgresql-{made_by})"
    )]
    OtherVersion {
        /// The cluster.
        path: PathBuf,
        /// The major version that made it.
        made_by: u32,
    },
    /// Postgres refuses to run as root, and nothing else is possible.
    #[error(
        "Postgres does not run as root, `unshare --user` is forbidden here, and there is neither an account \
         `postgres` nor `nobody`; run Latchkey as an ordinary user, or set DATABASE_URL"
    )]
    OnlyRoot,
    /// The account that Postgres runs as cannot come to its folder.
    #[error(
        "Postgres runs here as the account {account}, which cannot reach {path}: a folder above it is closed to \
         others; set LATCHKEY_DATA_DIR to a folder elsewhere, such as /var/lib/latchkey"
    )]
    Unreachable {
        /// The account.
        account: String,
        /// The cluster's folder.
        path: PathBuf,
    },
    /// The folder for the socket is not safe to use.
    #[error("the folder {path}, meant for the database's socket, {problem}; remove it")]
    RuntimeFolder {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A file or folder could not be used.
    #[error("cannot {action} {path}")]
    Files {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A program could not be run.
    #[error("cannot run {program}")]
    Program {
        /// Which.
        program: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A new cluster could not be made.
    #[error("a new database could not be made; initdb said:\n{output}")]
    Initialize {
        /// The end of what it printed.
        output: String,
    },
    /// The server did not come up.
    #[error("the database did not start; its log {path} ends with:\n{last_lines}")]
    Start {
        /// The log.
        path: PathBuf,
        /// Its end.
        last_lines: String,
    },
    /// Others use the data folder, and their server does not answer.
    #[error("another Latchkey uses {path}, but its database does not answer; stop that Latchkey first")]
    Busy {
        /// The data folder.
        path: PathBuf,
    },
    /// The server does not stop.
    #[error("the database (process {process}) does not stop")]
    Stop {
        /// Its process.
        process: i32,
    },
    /// The server answers, but not as it should.
    #[error("the private database refuses to work")]
    Database(#[from] sqlx::Error),
}

impl ClusterError {
    /// For `map_err`: what was tried, and on what.
    pub(super) fn files(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Files { action, path, source }
    }
}
