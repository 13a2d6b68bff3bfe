//! `latchkey token …`

use crate::domain::Scope;
use clap::{Args, Subcommand};

/// What to do about tokens.
#[derive(Clone, Debug, Subcommand)]
pub enum TokenCommand {
    /// Create a token, and print it and nothing else
    Create(CreateToken),
}

/// The token to create.
#[derive(Clone, Debug, Args)]
pub struct CreateToken {
    /// The organization that the token belongs to
    #[arg(long, value_name = "NAME")]
    pub organization: String,
    /// The only project that the token works in: its id or slug; without it, all of the organization's
    #[arg(long)]
    pub project: Option<String>,
    /// What the token may do, such as read:byok; repeat it, or separate several with commas
    #[arg(long = "scope", required = true, value_name = "SCOPE", value_delimiter = ',')]
    pub scopes: Vec<Scope>,
    /// What the token is for
    #[arg(long)]
    pub name: String,
    /// In how many days it expires; without it, or with 0, never
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub expires_days: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(subcommand)]
        command: TokenCommand,
    }

    #[test]
    fn a_token_is_described() {
        let words = "token create --organization Acme --scope read:byok --scope write:byok,use:gateway --name ci";
        let TokenCommand::Create(token) = Line::try_parse_from(words.split(' ')).unwrap().command;
        assert_eq!(token.scopes, [Scope::ReadByok, Scope::WriteByok, Scope::UseGateway]);
        assert_eq!((token.project, token.expires_days), (None, 0));
        let wrong = words.replace("read:byok", "Read:byok");
        assert_eq!(Line::try_parse_from(wrong.split(' ')).unwrap_err().exit_code(), 2);
    }
}
