//! Who the server programs run as: they refuse to run as root.

use super::ClusterError;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;

/// What is left of the environment: no secret of Latchkey's goes to another program.
const KEPT_VARIABLES: &[&str] = &["PATH", "LD_LIBRARY_PATH", "TMPDIR"];
const UNSHARE: &[&str] = &["--user", "--map-user=1000", "--map-group=1000"];

/// Who the server programs run as.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Account {
    /// As Latchkey itself.
    Own,
    /// As root, who looks like an ordinary user to the programs (a user namespace).
    Mapped,
    /// As an existing account, which Latchkey as root changes to.
    Other(Entry),
}

/// An entry of the system's list of accounts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Entry {
    name: String,
    user: u32,
    group: u32,
}

impl Account {
    /// Whoever owns the cluster; for a new one whatever works.
    pub(super) async fn choose(cluster: &Path) -> Result<Self, ClusterError> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::Own);
        }
        let owner = fs::metadata(cluster).map(|metadata| metadata.uid()).ok();
        match owner {
            Some(owner) if owner != 0 => {
                let entry = find_entry(|entry| entry.user == owner).ok_or(ClusterError::OnlyRoot)?;
                Ok(Self::Other(entry))
            }
            _ if can_map().await => Ok(Self::Mapped),
            Some(_) => Err(ClusterError::OnlyRoot),
            None => find_entry(|entry| entry.name == "postgres")
                .or_else(|| find_entry(|entry| entry.name == "nobody"))
                .map(Self::Other)
                .ok_or(ClusterError::OnlyRoot),
        }
    }

    /// A command of a server program: no input, almost no environment, out of reach of the terminal's Ctrl-C.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = match self {
            Self::Own => Command::new(program),
            Self::Mapped => {
                let mut command = Command::new("unshare");
                command.args(UNSHARE).arg("--").arg(program);
                command
            }
            Self::Other(entry) => {
                let mut command = Command::new(program);
                command.uid(entry.user).gid(entry.group);
                command
            }
        };
        let kept = KEPT_VARIABLES
            .iter()
            .filter_map(|name| Some((name, std::env::var_os(name)?)));
        command
            .env_clear()
            .envs(kept)
            .env("LC_ALL", "C")
            .current_dir("/")
            .stdin(Stdio::null())
            .process_group(0);
        command
    }

    /// The user id that owns what the programs make, as seen from here.
    pub(super) fn user(&self) -> u32 {
        match self {
            Self::Own | Self::Mapped => rustix::process::geteuid().as_raw(),
            Self::Other(entry) => entry.user,
        }
    }

    /// Whether the programs run as somebody else than Latchkey.
    pub(super) fn is_other(&self) -> bool {
        matches!(self, Self::Other(_))
    }

    /// Gives a folder to whom the programs run as.
    pub(super) fn give(&self, folder: &Path) -> Result<(), ClusterError> {
        match self {
            Self::Own | Self::Mapped => Ok(()),
            Self::Other(entry) => {
                chown(folder, Some(entry.user), Some(entry.group)).map_err(ClusterError::files("give away", folder))
            }
        }
    }

    /// Lets another account pass through the data folder, and sees that it comes to `cluster`.
    pub(super) async fn reach(&self, data_dir: &Path, cluster: &Path) -> Result<(), ClusterError> {
        let Self::Other(entry) = self else { return Ok(()) };
        fs::set_permissions(data_dir, fs::Permissions::from_mode(0o711))
            .map_err(ClusterError::files("open", data_dir))?;
        let mut command = self.command(Path::new("test"));
        let status = command.arg("-x").arg(cluster).status().await;
        if status.is_ok_and(|status| status.success()) {
            return Ok(());
        }
        Err(ClusterError::Unreachable {
            account: entry.name.clone(),
            path: cluster.to_owned(),
        })
    }
}

/// Whether a user namespace may be made; hardened containers forbid it.
async fn can_map() -> bool {
    let mut command = Account::Mapped.command(Path::new("true"));
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().await.is_ok_and(|status| status.success())
}

/// The first fitting line of passwd(5).
fn find_entry(fits: impl Fn(&Entry) -> bool) -> Option<Entry> {
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    accounts.lines().filter_map(parse_entry).find(|entry| fits(entry))
}

fn parse_entry(line: &str) -> Option<Entry> {
    let mut fields = line.split(':');
    let (name, _password) = (fields.next()?, fields.next()?);
    let (user, group) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(Entry {
        name: name.to_owned(),
        user,
        group,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_read() {
        let entry = parse_entry("postgres:x:101:104:PostgreSQL:/var/lib/postgresql:/bin/bash");
        assert_eq!(
            entry,
            Some(Entry {
                name: "postgres".to_owned(),
                user: 101,
                group: 104
            })
        );
        assert_eq!(parse_entry("# a remark"), None);
    }

    #[tokio::test]
    async fn no_secret_of_ours_goes_to_another_program() {
        let output = Account::Own.command(Path::new("env")).output().await.unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let names: Vec<_> = text.lines().filter_map(|line| line.split('=').next()).collect();
        assert!(names.contains(&"LC_ALL"));
        let allowed = |name: &&str| *name == "LC_ALL" || KEPT_VARIABLES.contains(name);
        assert!(names.iter().all(allowed), "{names:?}");
    }
}
