//! `latchkey login` and `latchkey logout`

use super::api::Api;
use super::failure::Failure;
use super::login_file::{Login, LoginFile};
use super::secret;
use super::session::{environment, named_address, usual_address};
use crate::cli::output;
use clap::Args;
use serde::Deserialize;
use std::path::PathBuf;

/// Where to sign in, and with what.
#[derive(Clone, Debug, Args)]
pub struct SignIn {
    /// Where Latchkey is; without it `LATCHKEY_URL`, else where you signed in before, else this machine
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Read the token from this file; without it, from standard input
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Organization {
    name: String,
}

/// Tries a token, and keeps it with the address that it is for.
pub(super) async fn login(sign_in: SignIn) -> Result<(), Failure> {
    let file = LoginFile::of(&environment)?;
    let address = match named_address(sign_in.url.as_deref(), &environment)? {
        Some(address) => address,
        // Whatever is wrong with what was kept, it is about to be replaced.
        None => match file.read() {
            Ok(Some(kept)) => kept.address,
            Ok(None) | Err(_) => usual_address()?,
        },
    };
    let token = match sign_in.token_file {
        Some(path) => secret::of_file(&path)?,
        None => secret::of_input("A token, from the Tokens page")?,
    };
    let api = Api::new(address.clone(), &token)?;
    let organization: Organization = api.get(&["organization"], &[]).await?.read()?;
    file.write(&Login { address, token })?;
    output::note(&format!("Signed in to {} at {}.", organization.name, api.address()));
    Ok(())
}

/// Forgets the kept token.
pub(super) fn logout() -> Result<(), Failure> {
    let told = if LoginFile::of(&environment)?.remove()? {
        "Signed out on this machine. The token itself still works; revoke it if nothing else uses it."
    } else {
        "You were not signed in."
    };
    output::note(told);
    Ok(())
}
