//! The files of the private Postgres, and the short folder of its socket.

use super::ClusterError;
use super::account::Account;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The port only names the socket file; nothing listens on the network.
pub(super) const PORT: u16 = 5432;
/// Without the byte that ends it; see unix(7), `sun_path`. The shortest of the systems' limits is 103.
const LONGEST_SOCKET_PATH: usize = 103;
/// A log that is larger than this at a start is set aside.
const LARGE_LOG: u64 = 8 << 20;
const SHOWN_LOG: u64 = 2048;

/// The data folder, by its one name without links.
#[derive(Clone, Debug)]
pub(super) struct DataFolder(PathBuf);

impl DataFolder {
    /// Makes it if need be.
    pub(super) fn prepare(path: &Path) -> Result<Self, ClusterError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .and_then(|()| path.canonicalize())
            .map(Self)
            .map_err(ClusterError::files("make the data folder", path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    pub(super) fn cluster(&self) -> PathBuf {
        self.0.join("postgres")
    }

    /// Where a new cluster is made, before it gets its name.
    pub(super) fn draft(&self) -> PathBuf {
        self.0.join("postgres.new")
    }

    pub(super) fn lock(&self) -> PathBuf {
        self.0.join("postgres.lock")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.0.join("postgres.log")
    }

    /// The major version that made the cluster; `None` when there is no cluster yet.
    pub(super) fn made_by(&self) -> Result<Option<u32>, ClusterError> {
        let path = self.cluster().join("PG_VERSION");
        match fs::read_to_string(&path) {
            Ok(version) => Ok(version.trim().parse().ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ClusterError::files("read", path)(error)),
        }
    }

    /// The log, to be added to. Only one earlier log is kept.
    pub(super) fn open_log(&self) -> Result<File, ClusterError> {
        let path = self.log();
        if fs::metadata(&path).is_ok_and(|metadata| metadata.len() > LARGE_LOG) {
            let earlier = self.0.join("postgres.log.1");
            fs::rename(&path, earlier).map_err(ClusterError::files("set aside", &path))?;
        }
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&path)
            .map_err(ClusterError::files("write", path))
    }

    /// The end of the log from `start` on, in whole lines where it had to be cut.
    pub(super) fn log_since(&self, start: u64) -> String {
        let read = || {
            let mut file = File::open(self.log())?;
            let end = file.metadata()?.len();
            file.seek(SeekFrom::Start(start.max(end.saturating_sub(SHOWN_LOG))))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            io::Result::Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let text = read().unwrap_or_default();
        let cut = text.len() as u64 == SHOWN_LOG;
        let whole = text.split_once('\n').filter(|_| cut).map_or(&*text, |(_, rest)| rest);
        whole.trim_end().to_owned()
    }
}

/// The folder of the socket: in the user's runtime folder, or, where there is none or its name is too
/// long for a socket, in `/tmp`. Closed to everybody else.
pub(super) fn runtime_folder(
    data: &DataFolder,
    account: &Account,
    of_user: Option<&Path>,
) -> Result<PathBuf, ClusterError> {
    let owner = account.user();
    let mut hash = String::new();
    for byte in Sha256::digest(data.path().as_os_str().as_bytes()).iter().take(6) {
        let _ = write!(hash, "{byte:02x}");
    }
    let usable = |folder: &&Path| {
        // Another account could not come to the socket there, nor may a folder of someone else be used.
        !account.is_other()
            && folder.is_absolute()
            && fs::metadata(folder).is_ok_and(|found| found.is_dir() && found.uid() == owner)
    };
    let folder = of_user
        .filter(usable)
        .map(|folder| folder.join(format!("latchkey-{hash}")))
        .filter(|folder| fits_a_socket(folder))
        .unwrap_or_else(|| PathBuf::from(format!("/tmp/latchkey-{owner}-{hash}")));
    make_private(&folder, account)?;
    Ok(folder)
}

fn fits_a_socket(folder: &Path) -> bool {
    socket_path(folder).as_os_str().len() <= LONGEST_SOCKET_PATH
}

/// Where Postgres puts its socket.
pub(super) fn socket_path(folder: &Path) -> PathBuf {
    folder.join(format!(".s.PGSQL.{PORT}"))
}

/// Makes a folder that nobody else can enter. In `/tmp` anyone may have been there first.
fn make_private(folder: &Path, account: &Account) -> Result<(), ClusterError> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => return account.give(folder),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(ClusterError::files("make", folder)(error)),
    }
    let found = fs::symlink_metadata(folder).map_err(ClusterError::files("look at", folder))?;
    let problem = if !found.is_dir() {
        "is not a folder"
    } else if found.uid() != account.user() {
        "belongs to someone else"
    } else if found.mode() & 0o077 != 0 {
        "is open to others"
    } else {
        return Ok(());
    };
    Err(ClusterError::RuntimeFolder {
        path: folder.to_owned(),
        problem,
    })
}
