//! `latchkey tokens …`

use super::api::Answer;
use super::failure::Failure;
use super::keys::overlaps;
use super::session::{Connection, Session};
use super::table::{Table, moment};
use crate::cli::output;
use crate::domain::{Overlap, Scope, Scopes};
use clap::{Args, Subcommand};
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

/// Tokens of a running Latchkey.
#[derive(Clone, Debug, Args)]
pub struct Tokens {
    /// Where to work, and how to answer.
    #[command(flatten)]
    pub connection: Connection,
    /// What to do.
    #[command(subcommand)]
    pub command: TokensCommand,
}

/// What to do about tokens.
#[derive(Clone, Debug, Subcommand)]
pub enum TokensCommand {
    /// List the organization's tokens
    List,
    /// Make a token, and print it and nothing else
    Create(CreateToken),
    /// End a token
    Revoke {
        /// The token's id
        token: String,
    },
    /// Make a token that takes over from one, which still works for a while; print it and nothing else
    Rotate(RotateToken),
    /// End a token that was rotated out now
    EndOverlap {
        /// The token's id
        token: String,
    },
}

/// The token to make.
#[derive(Clone, Debug, Args)]
pub struct CreateToken {
    /// What the token is for
    #[arg(long)]
    pub name: String,
    /// What the token may do, such as read:byok; repeat it, or separate several with commas
    #[arg(long = "scope", required = true, value_name = "SCOPE", value_delimiter = ',')]
    pub scopes: Vec<Scope>,
    /// The only project that the token works in: its id or slug; without it, all of the organization's
    #[arg(long)]
    pub project: Option<String>,
    /// In how many days it expires; with 0, never
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub expires_days: u32,
}

/// The token to rotate, and how.
#[derive(Clone, Debug, Args)]
pub struct RotateToken {
    /// The token's id
    pub token: String,
    /// How long the old token still works
    #[arg(long, default_value = Overlap::Day.as_str(), value_parser = overlaps())]
    pub overlap: String,
}

#[derive(Deserialize)]
struct Token {
    id: String,
    prefix: String,
    name: String,
    scopes: Vec<String>,
    project_id: Option<String>,
    is_active: bool,
    expires_at: Option<String>,
    last_used_at: Option<String>,
}

#[derive(Deserialize)]
struct Minted {
    text: String,
    token: Token,
}

/// Does what was asked for.
pub(super) async fn run(tokens: Tokens) -> Result<(), Failure> {
    let session = Session::open(&tokens.connection)?;
    let api = &session.api;
    match tokens.command {
        TokensCommand::List => {
            let list = api.list(&["tokens"], &[], "tokens").await?;
            session.show_list(&list, table)
        }
        TokensCommand::Create(create) => {
            let body = json!({
                "name": create.name,
                "scopes": Scopes::from_iter(create.scopes).to_strings(),
                "project": create.project,
                "expires_days": create.expires_days,
            });
            let call = api.call(Method::POST, &["tokens"])?;
            show_minted(&session, &call.json(&body).send().await?)
        }
        TokensCommand::Revoke { token } => {
            let revoked = api.call(Method::DELETE, &["tokens", &token])?.send().await?;
            session.show(&revoked, |token| table(vec![token]))
        }
        TokensCommand::Rotate(RotateToken { token, overlap }) => {
            let call = api.call(Method::POST, &["tokens", &token, "rotate"])?;
            show_minted(&session, &call.json(&json!({ "overlap": overlap })).send().await?)
        }
        TokensCommand::EndOverlap { token } => {
            let ended = api
                .call(Method::POST, &["tokens", &token, "end-overlap"])?
                .send()
                .await?;
            session.show(&ended, |token| table(vec![token]))
        }
    }
}

/// Prints a new token's text, which is told this once.
fn show_minted(session: &Session, answer: &Answer) -> Result<(), Failure> {
    if session.json {
        return Ok(output::line(&answer.text)?);
    }
    let minted: Minted = answer.read()?;
    output::line(&minted.text)?;
    session.tell(&format!("Its id is {}. It is shown this once.", minted.token.id));
    Ok(())
}

fn table(tokens: Vec<Token>) -> Table {
    let mut table = Table::new(&[
        "name",
        "token",
        "scopes",
        "project",
        "state",
        "expires",
        "last used",
        "id",
    ]);
    for token in tokens {
        table.row([
            token.name,
            token.prefix,
            token.scopes.join(","),
            token.project_id.unwrap_or_else(|| "all".to_owned()),
            if token.is_active { "works" } else { "ended" }.to_owned(),
            moment(token.expires_at.as_deref()),
            moment(token.last_used_at.as_deref()),
            token.id,
        ]);
    }
    table
}
