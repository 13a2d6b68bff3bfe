//! The command line: one file for each command, which wires the layers.

pub mod audit;
mod demo;
mod deployment;
mod doctor;
pub mod logging;
mod master_key;
mod migrate;
pub mod organization;
pub mod output;
pub mod remote;
pub mod rollup;
mod serve;
pub mod token;
pub mod user;

use clap::{Parser, Subcommand};

/// What a command came to. `main` prints the error with all its causes.
pub type Outcome = Result<(), Box<dyn std::error::Error + Send + Sync>>;

/// Bring your own key, self-hosted: keeps your customers' provider keys safely and shows whether they work.
#[derive(Debug, Parser)]
#[command(name = "latchkey", version, arg_required_else_help = true)]
#[command(after_help = "Settings are read from the environment; the README lists them.")]
pub struct CommandLine {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server
    Serve,
    /// Run the server with a sandbox of providers and sample data; no real key needed
    Demo,
    /// Bring the database to the shape that this version expects
    Migrate,
    /// Check configuration, database, master key and files
    Doctor,
    /// Create users, and recover their accounts
    #[command(subcommand)]
    User(user::UserCommand),
    /// Create tokens
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Say what an organization is allowed and charged
    #[command(subcommand)]
    Organization(organization::OrganizationCommand),
    /// Compute usage by the hour
    #[command(subcommand)]
    Rollup(rollup::RollupCommand),
    /// List who did what on a running Latchkey; export and verify the trail
    Audit(Box<audit::AuditCommand>),
    /// Make a master key
    #[command(subcommand)]
    MasterKey(MasterKeyCommand),
    /// What works on a running Latchkey
    #[command(flatten)]
    Remote(Box<remote::RemoteCommand>),
}

/// What to do about master keys.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum MasterKeyCommand {
    /// Print a new random master key: 32 bytes in base64
    Generate,
}

/// Does what was asked for.
///
/// # Errors
/// Whatever the command failed of.
pub async fn run(command: Command) -> Outcome {
    match command {
        Command::Serve => serve::serve().await,
        Command::Demo => demo::demo().await,
        Command::Migrate => migrate::migrate().await,
        Command::Doctor => doctor::doctor().await,
        Command::User(command) => user::run(command).await,
        Command::Token(token::TokenCommand::Create(token)) => token::create(token).await,
        Command::Organization(command) => organization::run(command).await,
        Command::Rollup(rollup::RollupCommand::Rebuild(rebuild)) => rollup::rebuild(rebuild).await,
        Command::Audit(audit) => audit::run(*audit).await,
        Command::MasterKey(MasterKeyCommand::Generate) => master_key::generate(),
        Command::Remote(command) => remote::run(*command).await,
    }
}

/// Tells what a command failed of, and says what the program ends with: 0 when it is done, else what
/// [`remote::Exit`] says, which is 1 for all that goes wrong on the server's own side.
#[must_use]
pub fn conclude(outcome: &Outcome) -> u8 {
    let Err(error) = outcome else { return 0 };
    let failure = error.downcast_ref::<remote::Failure>();
    if failure.is_none_or(remote::Failure::is_told) {
        output::error(&**error);
    }
    failure.map_or(remote::Exit::Failed, |failure| failure.exit) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn a_usage_error_has_code_2() {
        let parse = |arguments: &[&str]| CommandLine::try_parse_from(arguments);
        assert_eq!(parse(&["latchkey", "nonsense"]).unwrap_err().exit_code(), 2);
        assert_eq!(parse(&["latchkey"]).unwrap_err().exit_code(), 2);
        assert_eq!(parse(&["latchkey", "--help"]).unwrap_err().exit_code(), 0);
        assert!(parse(&["latchkey", "master-key", "generate"]).is_ok());
    }
}
