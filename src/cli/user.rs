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
pub(super) async fn create(user: CreateUser) -> Outcome {
    let mut password = String::new();
    std::io::stdin().read_line(&mut password)?;
    let password = SecretString::from(password.trim_end_matches(['\r', '\n']));
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
        let UserCommand::Create(user) = Line::try_parse_from(words.split(' ')).unwrap().command;
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
}
