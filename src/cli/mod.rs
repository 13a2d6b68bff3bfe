//! The command line: one file for each command, which wires the layers.

mod master_key;
pub mod output;
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
    /// Make a master key
    #[command(subcommand)]
    MasterKey(MasterKeyCommand),
}

/// What to do about master keys.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum MasterKeyCommand {
    /// Print a new random master key, for LATCHKEY_MASTER_KEY or a file that LATCHKEY_MASTER_KEY_FILE names
    Generate,
}

/// Does what was asked for.
///
/// # Errors
/// Whatever the command failed of.
#[expect(clippy::unused_async, reason = "all commands but master-key work on the database")]
pub async fn run(command: Command) -> Outcome {
    match command {
        Command::MasterKey(MasterKeyCommand::Generate) => master_key::generate(),
    }
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
