//! Where a command works and with what: the command line, then the environment, then where one is signed in.

use super::api::{Answer, Api, List};
use super::failure::{Exit, Failure};
use super::login_file::{Login, LoginFile};
use super::secret;
use super::table::Table;
use crate::cli::output;
use crate::config::{PublicUrl, REMOTE_TOKEN, REMOTE_URL, file_variable};
use clap::Args;
use secrecy::SecretString;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::Path;

/// Where a server listens that was told nothing.
const USUAL_ADDRESS: &str = "http://127.0.0.1:3000";

/// Where to work, and how to answer.
#[derive(Clone, Debug, Args)]
pub struct Connection {
    /// Where Latchkey is; without it `LATCHKEY_URL`, else where you signed in
    #[arg(long, global = true, value_name = "URL")]
    pub url: Option<String>,
    /// Print what the API answers, and nothing else
    #[arg(long, global = true)]
    pub json: bool,
}

/// Latchkey, and how to answer.
#[derive(Debug)]
pub(super) struct Session {
    /// The API.
    pub(super) api: Api,
    /// Whether the API's JSON is wanted.
    pub(super) json: bool,
}

/// What the environment says; a variable set to nothing counts as unset.
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// The address that the command line names, else the environment.
pub(super) fn named_address(
    url: Option<&str>,
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<Option<PublicUrl>, Failure> {
    let (from, text) = match (url, lookup(REMOTE_URL)) {
        (Some(url), _) => ("--url", url.to_owned()),
        (None, Some(url)) => (REMOTE_URL, url),
        (None, None) => return Ok(None),
    };
    let address = PublicUrl::parse(text.trim());
    address
        .map(Some)
        .map_err(|error| Failure::usage(format!("{from}: {error}; write for example https://keys.example.com")))
}

/// The address of a server that was told nothing.
pub(super) fn usual_address() -> Result<PublicUrl, Failure> {
    PublicUrl::parse(USUAL_ADDRESS).map_err(|error| Failure::usage(error.to_string()))
}

/// The token that the environment gives.
fn given_token(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Option<SecretString>, Failure> {
    let in_file = file_variable(REMOTE_TOKEN);
    match (lookup(REMOTE_TOKEN), lookup(&in_file)) {
        (Some(_), Some(_)) => Err(Failure::usage(format!(
            "{REMOTE_TOKEN} and {in_file} are set: set only one of them"
        ))),
        (Some(token), None) => Ok(Some(SecretString::from(token.trim()))),
        (None, Some(path)) => secret::of_file(Path::new(path.trim()))
            .map(Some)
            .map_err(|failure| failure.while_doing(&in_file)),
        (None, None) => Ok(None),
    }
}

/// Where to work and with what. A token that was kept goes only where it was kept for.
fn choose(url: Option<&str>, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Login, Failure> {
    let named = named_address(url, lookup)?;
    let given = given_token(lookup)?;
    match (named, given) {
        (Some(address), Some(token)) => Ok(Login { address, token }),
        (named, given) => {
            let kept = LoginFile::of(lookup)?.read()?;
            match (named, given, kept) {
                (None, Some(token), kept) => Ok(Login {
                    address: kept.map_or_else(usual_address, |kept| Ok(kept.address))?,
                    token,
                }),
                (None, None, Some(kept)) => Ok(kept),
                (Some(address), None, Some(kept)) if kept.address == address => Ok(kept),
                (named, ..) => Err(signed_out(named.as_ref())),
            }
        }
    }
}

fn signed_out(address: Option<&PublicUrl>) -> Failure {
    let place = address.map(|address| format!(" at {address}")).unwrap_or_default();
    let message =
        format!("you are not signed in{place}: run latchkey login, or set {REMOTE_URL} and {REMOTE_TOKEN}_FILE");
    Failure::new(Exit::NotAllowed, message)
}

#[derive(Deserialize)]
struct Identified {
    id: String,
}

#[derive(Deserialize)]
struct Organization {
    default_project_id: Option<String>,
}

impl Session {
    /// Finds out where to work and with what.
    pub(super) fn open(connection: &Connection) -> Result<Self, Failure> {
        let Login { address, token } = choose(connection.url.as_deref(), &environment)?;
        Ok(Self {
            api: Api::new(address, &token)?,
            json: connection.json,
        })
    }

    /// The project to work in: the one that was named, else the only one, else the organization's default.
    pub(super) async fn project(&self, named: Option<&str>) -> Result<String, Failure> {
        if let Some(named) = named {
            return Ok(named.to_owned());
        }
        let reached: Vec<Identified> = self.api.list(&["projects"], &[], "projects").await?.read()?;
        match <[Identified; 1]>::try_from(reached) {
            Ok([only]) => Ok(only.id),
            Err(none) if none.is_empty() => {
                let message = "there is no project yet: make one with latchkey projects create";
                Err(Failure::new(Exit::Missing, message))
            }
            Err(_several) => {
                let organization: Organization = self.api.get(&["organization"], &[]).await?.read()?;
                let unsaid = || Failure::usage("there are several projects: say which with --project");
                organization.default_project_id.ok_or_else(unsaid)
            }
        }
    }

    /// Prints an answer: as it came, or as the table that `rows` makes of it.
    pub(super) fn show<T: DeserializeOwned>(
        &self,
        answer: &Answer,
        table: impl FnOnce(T) -> Table,
    ) -> Result<(), Failure> {
        if self.json {
            return Ok(output::line(&answer.text)?);
        }
        print(&table(answer.read()?))
    }

    /// Prints a list, in the same way.
    pub(super) fn show_list<T: DeserializeOwned>(
        &self,
        list: &List,
        table: impl FnOnce(Vec<T>) -> Table,
    ) -> Result<(), Failure> {
        if self.json {
            return Ok(output::line(&list.text)?);
        }
        print(&table(list.read()?))
    }

    /// Tells a person something that the JSON says already.
    pub(super) fn tell(&self, text: &str) {
        if !self.json {
            output::note(text);
        }
    }
}

/// Prints a table, or says that there is nothing in it.
pub(super) fn print(table: &Table) -> Result<(), Failure> {
    if table.is_empty() {
        output::note("There are none.");
        return Ok(());
    }
    Ok(output::line(&table.lines())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    const HERE: &str = "http://127.0.0.1:3000";
    const THERE: &str = "https://keys.example.com";

    /// A home folder in which one is signed in at [`THERE`].
    struct Home(PathBuf);

    impl Home {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("latchkey-login-{}-{name}", std::process::id()));
            let home = Self(folder);
            let login = Login {
                address: PublicUrl::parse(THERE).unwrap(),
                token: SecretString::from("lk_api_kept"),
            };
            LoginFile::of(&|name| home.lookup(name, &[]))
                .unwrap()
                .write(&login)
                .unwrap();
            home
        }

        fn lookup(&self, name: &str, more: &[(&str, &str)]) -> Option<String> {
            let folder = self.0.display().to_string();
            let set = [("XDG_CONFIG_HOME", folder.as_str())];
            let value = set.iter().chain(more).find(|(variable, _)| *variable == name);
            value.map(|(_, value)| (*value).to_owned())
        }

        fn choose(&self, url: Option<&str>, more: &[(&str, &str)]) -> Result<(String, String), Exit> {
            choose(url, &|name| self.lookup(name, more))
                .map(|login| (login.address.to_string(), login.token.expose_secret().to_owned()))
                .map_err(|failure| failure.exit)
        }
    }

    impl Drop for Home {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn at(address: &str, token: &str) -> (String, String) {
        (address.to_owned(), token.to_owned())
    }

    #[test]
    fn the_command_line_goes_before_the_environment_and_that_before_the_file() {
        let home = Home::new("order");
        let given = [("LATCHKEY_TOKEN", "lk_api_given")];
        assert_eq!(home.choose(None, &[]), Ok(at(THERE, "lk_api_kept")));
        assert_eq!(home.choose(None, &given), Ok(at(THERE, "lk_api_given")));
        assert_eq!(home.choose(Some(HERE), &given), Ok(at(HERE, "lk_api_given")));
        let both = [given[0], ("LATCHKEY_URL", HERE)];
        assert_eq!(home.choose(None, &both), Ok(at(HERE, "lk_api_given")));
        assert_eq!(home.choose(Some(THERE), &both), Ok(at(THERE, "lk_api_given")));
        let twice = [given[0], ("LATCHKEY_TOKEN_FILE", "/dev/null")];
        assert_eq!(home.choose(None, &twice), Err(Exit::Usage));
    }

    #[test]
    fn a_kept_token_goes_nowhere_else() {
        let home = Home::new("elsewhere");
        assert_eq!(home.choose(Some(HERE), &[]), Err(Exit::NotAllowed));
        assert_eq!(home.choose(None, &[("LATCHKEY_URL", HERE)]), Err(Exit::NotAllowed));
        assert_eq!(home.choose(Some(THERE), &[]), Ok(at(THERE, "lk_api_kept")));
        assert_eq!(home.choose(Some("http://keys.example.com"), &[]), Err(Exit::Usage));
    }

    #[test]
    fn the_file_is_for_its_owner_alone() {
        let home = Home::new("mode");
        let path = home.0.join("latchkey/login.json");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(home.choose(None, &[]), Err(Exit::NotAllowed));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, "{").unwrap();
        assert_eq!(home.choose(None, &[]), Err(Exit::NotAllowed));
        let file = LoginFile::of(&|name| home.lookup(name, &[])).unwrap();
        assert!(file.remove().unwrap() && !file.remove().unwrap());
        assert_eq!(home.choose(None, &[]), Err(Exit::NotAllowed));
    }
}
