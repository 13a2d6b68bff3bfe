//! The master key that Latchkey makes for itself: a file outside the data folder, so that no one
//! backup holds both the sealed secrets and what opens them.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};
use zeroize::Zeroizing;

/// Postgres writes this into every cluster it makes; see "Database File Layout" in its manual.
const CLUSTER_MARK: &str = "postgres/PG_VERSION";

/// Why the master key's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// Sealed secrets may exist, and the key that opens them is gone.
    #[error(
        "the data folder {data_dir} holds a database, but its master key is not at {path}: put the key's file \
         back there, or name it with LATCHKEY_MASTER_KEY_FILE; a new key could not open what is stored"
    )]
    Missing {
        /// Where the key is expected.
        path: PathBuf,
        /// The data folder that needs it.
        data_dir: PathBuf,
    },
    /// Others on this machine may read it.
    #[error("the master key's file {path} is open to other users: run chmod 600 {path}")]
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// Reading or writing failed.
    #[error("the master key's file {path} cannot be used")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

/// Where the key of `data_dir` stands within the user's configuration folder
/// (`$XDG_CONFIG_HOME` or `~/.config`); two data folders have two keys.
pub(super) fn key_file_path(configuration: &Path, data_dir: &Path) -> PathBuf {
    let folder = resolve(data_dir);
    let mut name = String::from("master-");
    for byte in Sha256::digest(folder.as_os_str().as_bytes()).iter().take(8) {
        let _ = write!(name, "{byte:02x}");
    }
    configuration.join("latchkey").join(name + ".key")
}

/// The one name of a folder that need not exist yet: its existing part without links, the rest behind it.
fn resolve(folder: &Path) -> PathBuf {
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    for existing in absolute.ancestors() {
        let Ok(mut resolved) = existing.canonicalize() else {
            continue;
        };
        for component in absolute.strip_prefix(existing).into_iter().flat_map(Path::components) {
            match component {
                Component::ParentDir => drop(resolved.pop()),
                other => resolved.push(other),
            }
        }
        return resolved;
    }
    absolute
}

/// The master key kept at `path`, or the one that `make` gives, kept there first (mode 0600 in a 0700
/// folder, synced to disk). An existing file is never overwritten; of two processes that begin at once
/// both get the same key. Call this before the private Postgres of `data_dir` is opened.
///
/// # Errors
/// [`KeyFileError::Missing`] when `data_dir` already holds a database but the key is gone.
pub fn load_or_make_key_file(
    path: &Path,
    data_dir: &Path,
    make: impl FnOnce() -> SecretString,
) -> Result<SecretString, KeyFileError> {
    let failed = |source| KeyFileError::Io {
        path: path.to_owned(),
        source,
    };
    if !path.try_exists().map_err(failed)? {
        if data_dir.join(CLUSTER_MARK).try_exists().map_err(failed)? {
            return Err(KeyFileError::Missing {
                path: path.to_owned(),
                data_dir: data_dir.to_owned(),
            });
        }
        write_once(path, &make()).map_err(failed)?;
    }
    let mode = fs::metadata(path).map_err(failed)?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(KeyFileError::Exposed { path: path.to_owned() });
    }
    read_secret(path).map_err(failed)
}

/// A secret that stands alone in a file, without the white space around it.
pub(super) fn read_secret(path: &Path) -> io::Result<SecretString> {
    let text = Zeroizing::new(fs::read_to_string(path)?);
    match text.trim() {
        "" => Err(io::Error::new(io::ErrorKind::InvalidData, "the file is empty")),
        secret => Ok(SecretString::from(secret)),
    }
}

/// Writes the file whole or not at all: a hard link, unlike a rename, never replaces what is there.
fn write_once(path: &Path, secret: &SecretString) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let name = path.file_name().unwrap_or(OsStr::new("master.key")).to_string_lossy();
    let draft = folder.join(format!(".{name}.{}", std::process::id()));
    let outcome = write_draft(&draft, secret).and_then(|()| fs::hard_link(&draft, path));
    let _ = fs::remove_file(&draft);
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.exists() => Ok(()),
        Err(error) => Err(error),
        Ok(()) => File::open(folder)?.sync_all(),
    }
}

fn write_draft(draft: &Path, secret: &SecretString) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(draft)?;
    file.write_all(secret.expose_secret().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::TemporaryFolder;

    fn fake_key() -> SecretString {
        SecretString::from("RkFLRSBmYWtlIEZBS0UgZmFrZSBGQUtFIGZha2UgITE=")
    }

    #[test]
    fn the_key_is_made_once_and_kept_private() {
        let folder = TemporaryFolder::new();
        let (path, data) = (folder.path().join("conf/latchkey/a.key"), folder.path().join("data"));
        let made = load_or_make_key_file(&path, &data, fake_key).unwrap();
        let again = load_or_make_key_file(&path, &data, || panic!("made twice")).unwrap();
        assert_eq!(made.expose_secret(), again.expose_secret());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let parent = path.parent().unwrap();
        assert_eq!(fs::metadata(parent).unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(fs::read_dir(parent).unwrap().count(), 1, "no draft stays behind");
    }

    #[test]
    fn a_key_is_never_overwritten() {
        let folder = TemporaryFolder::new();
        let path = folder.path().join("a.key");
        write_once(&path, &SecretString::from("first")).unwrap();
        write_once(&path, &SecretString::from("second")).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "first\n");
    }

    #[test]
    fn a_lost_key_is_not_replaced() {
        let folder = TemporaryFolder::new();
        let (path, data) = (folder.path().join("a.key"), folder.path().join("data"));
        fs::create_dir_all(data.join("postgres")).unwrap();
        fs::write(data.join(CLUSTER_MARK), "15\n").unwrap();
        let error = load_or_make_key_file(&path, &data, || panic!("made anew")).unwrap_err();
        assert!(error.to_string().contains(&path.display().to_string()), "{error}");
        assert!(!path.exists());
    }

    #[test]
    fn an_open_or_empty_file_is_refused() {
        let folder = TemporaryFolder::new();
        let path = folder.path().join("a.key");
        write_once(&path, &fake_key()).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        let load = || load_or_make_key_file(&path, folder.path(), fake_key);
        assert!(matches!(load(), Err(KeyFileError::Exposed { .. })));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, " \n").unwrap();
        assert!(matches!(load(), Err(KeyFileError::Io { .. })));
    }

    #[test]
    fn two_data_folders_have_two_keys_and_one_folder_has_one() {
        let folder = TemporaryFolder::new();
        let path = |data: &str| key_file_path(Path::new("/conf"), &folder.path().join(data));
        assert_ne!(path("one"), path("two"));
        let before = path("one");
        assert_eq!(before, path("two/../one"));
        fs::create_dir(folder.path().join("one")).unwrap();
        assert_eq!(before, path("one"), "the name stays when the folder comes to exist");
        std::os::unix::fs::symlink(folder.path().join("one"), folder.path().join("link")).unwrap();
        assert_eq!(before, path("link"));
        assert!(before.starts_with("/conf/latchkey"));
    }
}
