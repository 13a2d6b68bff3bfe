//! The private Postgres of `latchkey serve`, when no `DATABASE_URL` is set.
//!
//! It lives in `<data folder>/postgres` and listens on a Unix socket only, in a folder that nobody else
//! can enter. Whoever comes first starts it, whoever leaves last stops it: the server and commands
//! beside it never take it away from one another. It outlives a Latchkey that was killed; the next one adopts it.

mod account;
mod error;
mod folders;
mod lock;
mod postmaster;
mod programs;
mod start;

#[cfg(test)]
mod tests;

pub use error::ClusterError;

use folders::DataFolder;
use lock::Lock;
use postmaster::{Postmaster, connect_options};
use sqlx::postgres::PgConnectOptions;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The database superuser; nobody else can come to the socket.
const ADMINISTRATOR: &str = "latchkey_admin";
const DATABASE: &str = "latchkey";
/// How long to wait for others who start or stop it, and for its recovery after a crash.
const PATIENCE: Duration = Duration::from_mins(1);
const BETWEEN_TRIES: Duration = Duration::from_millis(25);

/// How this process came to the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Origin {
    /// It was not running, and this process started it.
    Started,
    /// It was running on its own, left behind by a Latchkey that was killed.
    Adopted,
    /// Another Latchkey uses it too.
    Shared,
}

/// The use of a private Postgres. Dropped without [`PrivateCluster::close`], it leaves the server running,
/// to be adopted later.
#[derive(Debug)]
pub struct PrivateCluster {
    data: DataFolder,
    lock: Lock,
    postmaster: Postmaster,
    socket_folder: PathBuf,
    origin: Origin,
}

impl PrivateCluster {
    /// Starts the Postgres of a data folder, or joins it. Makes the folder, the cluster and the database
    /// `latchkey` where there are none. Needs a tokio runtime; reads `PATH` and `XDG_RUNTIME_DIR`.
    ///
    /// # Errors
    /// [`ClusterError`], each of which says what to do.
    pub async fn open(data_dir: &Path) -> Result<Self, ClusterError> {
        let of_user = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        Self::open_in(data_dir, of_user.as_deref()).await
    }

    async fn open_in(data_dir: &Path, of_user: Option<&Path>) -> Result<Self, ClusterError> {
        let data = DataFolder::prepare(data_dir)?;
        let locked = |source| ClusterError::files("lock", data.lock())(source);
        let lock = Lock::open(&data.lock()).map_err(locked)?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let origin = if lock.try_alone().map_err(locked)? {
                start::start_or_adopt(&data, of_user).await?
            } else {
                Origin::Shared
            };
            // Between being alone and sharing the lock is free for a moment: hence the look afterwards.
            if lock.try_shared().map_err(locked)? {
                if let Some(postmaster) = Postmaster::answering(&data.cluster()).await
                    && let Some(socket_folder) = postmaster.socket_folder.clone()
                {
                    tracing::info!(?origin, folder = %data.path().display(), "the private database is up");
                    return Ok(Self {
                        data,
                        lock,
                        postmaster,
                        socket_folder,
                        origin,
                    });
                }
                lock.release().map_err(locked)?;
            }
            if Instant::now() >= deadline {
                return Err(ClusterError::Busy {
                    path: data.path().to_owned(),
                });
            }
            sleep(BETWEEN_TRIES).await;
        }
    }

    /// How this process came to the server.
    #[must_use]
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// How to connect, as the superuser, to the database `latchkey`.
    #[must_use]
    pub fn connect_options(&self) -> PgConnectOptions {
        connect_options(&self.socket_folder, DATABASE)
    }

    /// Stops the server, unless another Latchkey still uses it. Close all pools first: a connection
    /// that is still open is cut off.
    ///
    /// # Errors
    /// [`ClusterError::Stop`] when it does not stop within 20 seconds.
    pub async fn close(self) -> Result<(), ClusterError> {
        let cluster = self.data.cluster();
        let alone = self
            .lock
            .try_alone()
            .map_err(ClusterError::files("lock", self.data.lock()))?;
        if alone && self.postmaster.works_in(&cluster) {
            self.postmaster.stop(&cluster).await?;
            // Only when empty; whatever stays is used again.
            let _ = std::fs::remove_dir(&self.socket_folder);
            tracing::info!(folder = %self.data.path().display(), "the private database is stopped");
        }
        Ok(())
    }
}

/// As `psql` takes it.
impl fmt::Display for PrivateCluster {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = self.socket_folder.display();
        write!(formatter, "postgresql:///{DATABASE}?host={folder}&user={ADMINISTRATOR}")
    }
}
