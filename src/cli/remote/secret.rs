//! Secrets on their way in: from a file, from standard input, or typed unseen; never from the command line, which
//! others on the machine and the shell's history can read.

use super::failure::{Exit, Failure};
use clap::Args;
use secrecy::SecretString;
use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// More than any secret has.
const MOST_BYTES: u64 = 64 * 1024;

/// Where a provider's key comes from.
#[derive(Clone, Debug, Args)]
pub struct SecretSource {
    /// Read the provider's key from this file; without it, from standard input
    #[arg(long, value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
}

impl SecretSource {
    /// The provider's key.
    pub(super) fn read(&self) -> Result<SecretString, Failure> {
        self.secret_file
            .as_deref()
            .map_or_else(|| of_input("The provider's key"), of_file)
    }
}

/// The secret that stands alone in a file, without the white space around it.
pub(super) fn of_file(path: &Path) -> Result<SecretString, Failure> {
    of_file_unnamed(path).map_err(|failure| failure.while_doing(&path.display().to_string()))
}

/// The same; what fails does not name the file, since somebody may have written the secret in place of its name.
pub(super) fn of_file_unnamed(path: &Path) -> Result<SecretString, Failure> {
    let unreadable = |error| Failure::usage("the file with the secret cannot be read").because(error);
    trimmed(File::open(path).map_err(unreadable)?)
}

/// The secret on standard input; typed at a terminal, it is not shown. `what` says what is asked for.
pub(super) fn of_input(what: &str) -> Result<SecretString, Failure> {
    if !io::stdin().is_terminal() {
        return trimmed(io::stdin().lock()).map_err(|failure| failure.while_doing("standard input"));
    }
    let typed = rpassword::prompt_password(format!("{what} (it is not shown): "));
    let typed =
        Zeroizing::new(typed.map_err(|error| Failure::new(Exit::Failed, "nothing can be asked").because(error))?);
    non_empty(&typed)
}

fn trimmed(from: impl Read) -> Result<SecretString, Failure> {
    let mut text = Zeroizing::new(String::new());
    let read = from.take(MOST_BYTES + 1).read_to_string(&mut text);
    match read {
        Ok(bytes) if bytes as u64 > MOST_BYTES => Err(Failure::usage("that is too long for a secret")),
        Ok(_) => non_empty(&text),
        Err(error) => Err(Failure::usage("it cannot be read").because(error)),
    }
}

fn non_empty(text: &str) -> Result<SecretString, Failure> {
    match text.trim() {
        "" => Err(Failure::usage("there is nothing in it")),
        secret => Ok(SecretString::from(secret)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn white_space_around_a_secret_is_dropped() {
        let read = |bytes: &[u8]| trimmed(bytes).map(|secret| secret.expose_secret().to_owned());
        assert_eq!(read(b" sk-FAKE\r\n").unwrap(), "sk-FAKE");
        let too_long = vec![b'x'; 64 * 1024 + 1];
        for wrong in [&b""[..], b" \n", b"\xff", &too_long] {
            assert_eq!(read(wrong).unwrap_err().exit, Exit::Usage);
        }
    }
}
