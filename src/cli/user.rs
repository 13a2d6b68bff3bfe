//! `latchkey user …`

use super::deployment::{Deployment, Sandboxed, read_config};
use super::{Outcome, output};
use crate::domain::Role;
use crate::service::accounts::NewMember;
use clap::{Args, Subcommand};
use secrecy::SecretString;

/// What to do about people.
#[derive(Clone, Debug, Subcommand)]
pub enum UserCommand {
    /// Create a user, and the organization where there is none of that name
    Create(CreateUser),
    /// Set a user's password when they cannot sign in any more; their sessions end
    SetPassword(SetPassword),
    /// Ask a user for no code any more, who lost authenticator and recovery codes; their sessions end
    RemoveSecondStep(RemoveSecondStep),
}

/// Whose password to set.
#[derive(Clone, Debug, Args)]
pub struct SetPassword {
    /// The address they sign in with
    #[arg(long, value_name = "ADDRESS")]
    pub email: String,
    /// Read the password from the first line of standard input (there is no other way)
    #[arg(long, required = true)]
    pub password_stdin: bool,
}

/// Who is asked for no code any more.
#[derive(Clone, Debug, Args)]
pub struct RemoveSecondStep {
    /// The address they sign in with
    #[arg(long, value_name = "ADDRESS")]
    pub email: String,
}

/// Does what was asked for.
pub(super) async fn run(command: UserCommand) -> Outcome {
    match command {
        UserCommand::Create(user) => create(user).await,
        UserCommand::SetPassword(user) => set_password(user).await,
        UserCommand::RemoveSecondStep(user) => remove_second_step(user).await,
    }
}

async fn set_password(user: SetPassword) -> Outcome {
    let password = read_password()?;
    let deployment = Deployment::open(&read_config()?, Sandboxed::default()).await?;
    let accounts = &deployment.services.accounts;
    let set = accounts
        .set_password(&user.email, &password, deployment.request())
        .await;
    deployment.close().await?;
    set?;
    output::note("The user can sign in with the new password now.");
    Ok(())
}

async fn remove_second_step(user: RemoveSecondStep) -> Outcome {
    let deployment = Deployment::open(&read_config()?, Sandboxed::default()).await?;
    let accounts = &deployment.services.accounts;
    let removed = accounts.remove_second_factor(&user.email, deployment.request()).await;
    deployment.close().await?;
    removed?;
    output::note("The user signs in with the password alone now.");
    Ok(())
}

/// The first line of standard input.
fn read_password() -> Result<SecretString, std::io::Error> {
    let mut password = String::new();
    std::io::stdin().read_line(&mut password)?;
    Ok(SecretString::from(password.trim_end_matches(['\r', '\n'])))
}

/// The user to create.
#[derive(Clone, Debug, Args)]
pub struct CreateUser {
    /// The organization that the user belongs to
    #[arg(long, value_name = "NAME")]
    pub organization: String,
    /// The address to sign in with
    #[arg(long, value_name = "ADDRESS")]
    pub email: String,
    /// owner, admin, member or viewer
    #[arg(long)]
    pub role: Role,
    /// May also see the operator's pages, which show no customer's secrets
    #[arg(long)]
    pub operator: bool,
    /// Read the password from the first line of standard input (there is no other way)
    #[arg(long, required = true)]
    pub password_stdin: bool,
}

/// Creates a user whose password is the first line of standard input.
async fn create(user: CreateUser) -> Outcome {
    let password = read_password()?;
    let deployment = Deployment::open(&read_config()?, Sandboxed::default()).await?;
    let member = NewMember {
        organization: user.organization,
        email: user.email,
        password,
        role: user.role,
        is_operator: user.operator,
    };
    let created = deployment
        .services
        .accounts
        .create_member(member, deployment.request())
        .await;
    deployment.close().await?;
    created?;
    output::note("The user can sign in now.");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(subcommand)]
        command: UserCommand,
    }

    #[test]
    fn a_user_is_described() {
        let words = "user create --organization Acme --email a@example.com --role viewer --password-stdin";
        let UserCommand::Create(user) = Line::try_parse_from(words.split(' ')).unwrap().command else {
            panic!("create")
        };
        assert_eq!(
            (user.organization.as_str(), user.email.as_str()),
            ("Acme", "a@example.com")
        );
        assert_eq!((user.role, user.operator), (Role::Viewer, false));
        for wrong in [words.replace("viewer", "king"), words.replace(" --password-stdin", "")] {
            assert_eq!(
                Line::try_parse_from(wrong.split(' ')).unwrap_err().exit_code(),
                2,
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_password_comes_from_standard_input_only() {
        let parse = |words: &str| Line::try_parse_from(words.split(' '));
        assert!(parse("user set-password --email a@example.com --password-stdin").is_ok());
        assert!(parse("user set-password --email a@example.com").is_err());
        assert!(parse("user set-password --email a@example.com --password FAKE").is_err());
        assert!(parse("user remove-second-step --email a@example.com").is_ok());
    }
}
