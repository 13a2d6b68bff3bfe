//! Finds the server programs that are installed.

use super::ClusterError;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// Older ones are out of support, or soon will be.
const OLDEST_MAJOR: u32 = 14;

/// The server programs of one version.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    folder: PathBuf,
    major: u32,
}

impl Programs {
    /// The first suitable ones: on the search path, then where distributions put them, newest first.
    /// `made_by` is the major version that made an existing cluster; no other can run it.
    pub(super) async fn find(cluster: &Path, made_by: Option<u32>) -> Result<Self, ClusterError> {
        let mut any = false;
        for folder in candidates() {
            let Some(major) = major_of(&folder).await else { continue };
            any |= major >= OLDEST_MAJOR;
            if made_by.map_or(major >= OLDEST_MAJOR, |made_by| made_by == major) {
                return Ok(Self { folder, major });
            }
        }
        match made_by {
            Some(made_by) if any => Err(ClusterError::OtherVersion {
                path: cluster.to_owned(),
                made_by,
            }),
            _ => Err(ClusterError::NoPrograms {
                install: install_command(),
            }),
        }
    }

    pub(super) fn initdb(&self) -> PathBuf {
        self.folder.join("initdb")
    }

    pub(super) fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    pub(super) fn major(&self) -> u32 {
        self.major
    }
}

fn candidates() -> impl Iterator<Item = PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path: Vec<_> = std::env::split_paths(&path).collect();
    on_path
        .into_iter()
        .chain(newest_first("/usr/lib/postgresql", ""))
        .chain(newest_first("/usr", "pgsql-"))
        .chain(newest_first("/usr/libexec", "postgresql"))
        .chain(newest_first("/opt/homebrew/opt", "postgresql@"))
        .chain(newest_first("/usr/local/opt", "postgresql@"))
        .chain(newest_first("/home/linuxbrew/.linuxbrew/opt", "postgresql@"))
        .filter(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

/// The program folders of the versions installed under `folder` as `<prefix><version>`.
fn newest_first(folder: &str, prefix: &str) -> Vec<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name();
            let version = name.to_str()?.strip_prefix(prefix)?.parse().ok()?;
            // Alpine keeps the programs in the version's folder itself.
            let bin = entry.path().join("bin");
            Some((version, if bin.is_dir() { bin } else { entry.path() }))
        })
        .collect();
    versions.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    versions.into_iter().map(|(_, folder)| folder).collect()
}

async fn major_of(folder: &Path) -> Option<u32> {
    let output = Command::new(folder.join("postgres"))
        .arg("--version")
        .output()
        .await
        .ok()?;
    parse_major(&String::from_utf8_lossy(&output.stdout))
}

/// `postgres (PostgreSQL) 15.18 (Debian …)`, `postgres (PostgreSQL) 18beta1`.
fn parse_major(version: &str) -> Option<u32> {
    let number = version.split_once("(PostgreSQL) ")?.1;
    let digits = number
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(number.len());
    number[..digits].parse().ok()
}

/// The command that installs the server programs on this system.
fn install_command() -> &'static str {
    if cfg!(target_os = "macos") {
        return "brew install postgresql@17";
    }
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    install_command_of(&release)
}

/// By the `ID` and `ID_LIKE` of an os-release file; see os-release(5).
fn install_command_of(release: &str) -> &'static str {
    let value = |name: &str| {
        let line = release
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        line.unwrap_or_default().trim_matches('"').to_owned()
    };
    let families = format!("{} {}", value("ID"), value("ID_LIKE"));
    let of = |family: &str| families.split(' ').any(|name| OsStr::new(name) == family);
    if of("fedora") || of("rhel") {
        "dnf install postgresql-server"
    } else if of("arch") {
        "pacman -S postgresql"
    } else if of("alpine") {
        "apk add postgresql"
    } else if of("suse") || of("opensuse") {
        "zypper install postgresql-server"
    } else {
        "apt-get install postgresql"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(
            parse_major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"),
            Some(15)
        );
        assert_eq!(parse_major("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(parse_major("something else 7"), None);
    }

    #[test]
    fn the_command_suits_the_system() {
        assert_eq!(install_command_of("ID=debian\n"), "apt-get install postgresql");
        assert_eq!(
            install_command_of("NAME=Rocky\nID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n"),
            "dnf install postgresql-server"
        );
        assert_eq!(install_command_of("ID=alpine"), "apk add postgresql");
    }

    #[tokio::test]
    async fn an_absent_version_is_named() {
        let error = Programs::find(Path::new("/data/postgres"), Some(7)).await.unwrap_err();
        assert!(
            matches!(error, ClusterError::OtherVersion { made_by: 7, .. }),
            "{error}"
        );
    }
}
