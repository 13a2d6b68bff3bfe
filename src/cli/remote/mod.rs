//! The plural commands: they work on a running Latchkey, here or elsewhere, over its REST API and nothing else.

mod api;
pub mod apply;
pub mod audit;
pub mod completions;
mod failure;
pub mod keys;
pub mod locks;
pub mod login;
mod login_file;
pub mod page;
pub mod projects;
pub mod range;
pub mod secret;
pub mod session;
mod table;
pub mod tokens;
pub mod usage;

pub use failure::{Exit, Failure};

use super::Outcome;
use clap::Subcommand;

/// What to do on a running Latchkey.
#[derive(Clone, Debug, Subcommand)]
pub enum RemoteCommand {
    /// Sign in to a running Latchkey with a token, for the commands below
    Login(login::SignIn),
    /// Forget the token
    Logout,
    /// Bring, test, rotate and delete provider keys
    Keys(keys::Keys),
    /// Make and end tokens
    Tokens(tokens::Tokens),
    /// Make and rename projects
    Projects(projects::Projects),
    /// List calls and what they used, or sum them up
    Usage(usage::Usage),
    /// Lock calls, and let them pass again
    Locks(locks::Locks),
    /// Print completions for a shell
    Completions(completions::Completions),
}

/// Does what was asked for.
pub(super) async fn run(command: RemoteCommand) -> Outcome {
    let done = match command {
        RemoteCommand::Login(sign_in) => login::login(sign_in).await,
        RemoteCommand::Logout => login::logout(),
        RemoteCommand::Keys(keys) => keys::run(keys).await,
        RemoteCommand::Tokens(tokens) => tokens::run(tokens).await,
        RemoteCommand::Projects(projects) => projects::run(projects).await,
        RemoteCommand::Usage(usage) => usage::run(usage).await,
        RemoteCommand::Locks(locks) => locks::run(locks).await,
        RemoteCommand::Completions(completions) => completions::print(completions),
    };
    Ok(done?)
}
