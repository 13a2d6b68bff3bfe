//! `latchkey completions …`

use super::failure::Failure;
use crate::cli::{CommandLine, output};
use clap::{Args, CommandFactory, ValueEnum};
use clap_complete::generate;
use clap_complete::shells::{Bash, Fish, Zsh};

/// Whose completions to print.
#[derive(Clone, Copy, Debug, Args)]
pub struct Completions {
    /// The shell
    pub shell: Shell,
}

/// A shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Shell {
    /// For ~/.local/share/bash-completion/completions/latchkey
    Bash,
    /// For a file _latchkey in a folder of $fpath
    Zsh,
    /// For ~/.config/fish/completions/latchkey.fish
    Fish,
}

/// Prints what the shell reads to complete this command line.
pub(super) fn print(completions: Completions) -> Result<(), Failure> {
    Ok(output::line(script(completions.shell).trim_end())?)
}

fn script(shell: Shell) -> String {
    let (mut command, mut script) = (CommandLine::command(), Vec::new());
    match shell {
        Shell::Bash => generate(Bash, &mut command, "latchkey", &mut script),
        Shell::Zsh => generate(Zsh, &mut command, "latchkey", &mut script),
        Shell::Fish => generate(Fish, &mut command, "latchkey", &mut script),
    }
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shell_is_told_of_the_commands() {
        for shell in Shell::value_variants() {
            let script = script(*shell);
            for command in ["rotate", "audit", "completions"] {
                assert!(script.contains(command), "{shell:?}: {command}");
            }
        }
    }
}
