//! `latchkey token …`

use super::deployment::{Deployment, Sandboxed, read_config};
use super::{Outcome, output};
use crate::domain::{Scope, Scopes};
use crate::service::ServiceError;
use crate::service::tokens::{MintedToken, NewToken};
use clap::{Args, Subcommand};
use secrecy::ExposeSecret;

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

/// Creates a token, and prints it and nothing else.
pub(super) async fn create(token: CreateToken) -> Outcome {
    let deployment = Deployment::open(&read_config()?, Sandboxed::default()).await?;
    let minted = mint(&deployment, token).await;
    deployment.close().await?;
    Ok(output::line(minted?.text.expose_secret())?)
}

async fn mint(deployment: &Deployment, token: CreateToken) -> Result<MintedToken, ServiceError> {
    let services = &deployment.services;
    let actor = services
        .accounts
        .command_line(&token.organization, deployment.request())
        .await?;
    let new = NewToken {
        name: token.name,
        scopes: Scopes::from_iter(token.scopes),
        expires_days: token.expires_days,
        whole_organization: token.project.is_none(),
        created_by_name: "command line".to_owned(),
    };
    let project = token.project.map(|project| project.parse()).transpose()?;
    services.tokens.create(&actor, project.as_ref(), new).await
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
