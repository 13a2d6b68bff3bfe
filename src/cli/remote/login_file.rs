//! Where one is signed in: a file in the user's configuration folder, for the user's eyes only.

use super::failure::{Exit, Failure};
use crate::config::{PublicUrl, configuration_folder};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Where one is signed in, and with what.
#[derive(Debug)]
pub(super) struct Login {
    /// Where Latchkey is.
    pub(super) address: PublicUrl,
    /// What is presented there, and nowhere else.
    pub(super) token: SecretString,
}

/// The file that keeps it.
#[derive(Debug)]
pub(super) struct LoginFile(PathBuf);

#[derive(Deserialize)]
struct Kept {
    url: String,
    token: SecretString,
}

impl LoginFile {
    /// The file's place in the configuration folder that the environment names.
    pub(super) fn of(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        configuration_folder(lookup)
            .map(|folder| Self(folder.join("latchkey").join("login.json")))
            .ok_or_else(|| Failure::usage("there is no home folder: set HOME or XDG_CONFIG_HOME"))
    }

    /// What is kept; `None` while nobody is signed in.
    pub(super) fn read(&self) -> Result<Option<Login>, Failure> {
        let text = match fs::read_to_string(&self.0) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.unusable(error)),
        };
        let mode = fs::metadata(&self.0)
            .map_err(|error| self.unusable(error))?
            .permissions()
            .mode();
        if mode & 0o077 != 0 {
            let path = self.0.display();
            let message = format!("{path} is open to other users: run chmod 600 {path}");
            return Err(Failure::new(Exit::NotAllowed, message));
        }
        // What a parser says of a broken file may quote it, the token too.
        let broken = || {
            Failure::new(
                Exit::NotAllowed,
                format!("{} is damaged: sign in again", self.0.display()),
            )
        };
        let Kept { url, token } = serde_json::from_str(&text).map_err(|_| broken())?;
        let address = PublicUrl::parse(&url).map_err(|_| broken())?;
        Ok(Some(Login { address, token }))
    }

    /// Keeps it in place of what was there, mode 0600 in a 0700 folder.
    pub(super) fn write(&self, login: &Login) -> Result<(), Failure> {
        self.try_write(login).map_err(|error| self.unusable(error))
    }

    /// Forgets it; whether there was one.
    pub(super) fn remove(&self) -> Result<bool, Failure> {
        match fs::remove_file(&self.0) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(self.unusable(error)),
        }
    }

    fn try_write(&self, login: &Login) -> io::Result<()> {
        let folder = self.0.parent().unwrap_or(Path::new("."));
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let draft = self.0.with_extension(format!("{}.draft", std::process::id()));
        let kept = json!({ "url": login.address.to_string(), "token": login.token.expose_secret() });
        let written = write_new(&draft, &Zeroizing::new(format!("{kept}\n")));
        let written = written.and_then(|()| fs::rename(&draft, &self.0));
        if written.is_err() {
            let _ = fs::remove_file(&draft);
        }
        written
    }

    fn unusable(&self, error: io::Error) -> Failure {
        Failure::new(Exit::Failed, format!("{} cannot be used", self.0.display())).because(error)
    }
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
