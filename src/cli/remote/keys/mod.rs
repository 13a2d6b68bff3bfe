//! `latchkey keys …`

mod bring;
mod change;
mod key;
mod name;

pub(super) use key::{Fallback, Key, label};
pub use name::KeyName;

use super::apply::{self, Apply};
use super::failure::Failure;
use super::secret::SecretSource;
use super::session::{Connection, Session};
use crate::domain::Overlap;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

/// Provider keys of a running Latchkey.
#[derive(Clone, Debug, Args)]
pub struct Keys {
    /// Where to work, and how to answer.
    #[command(flatten)]
    pub connection: Connection,
    /// The project, by id or slug; without it the only one, or else the organization's default
    #[arg(long, global = true)]
    pub project: Option<String>,
    /// What to do.
    #[command(subcommand)]
    pub command: KeysCommand,
}

/// What to do about provider keys.
#[derive(Clone, Debug, Subcommand)]
pub enum KeysCommand {
    /// List the keys of a project
    List(ListKeys),
    /// Bring a key: replaces the provider's default key, or the one that is named, or adds it where there is none
    Set(SetKey),
    /// Add a key beside those that there are
    Add(AddKey),
    /// Ask the provider whether a key works
    Test(TestKey),
    /// Switch a key on; it is tested first
    Enable(OneKey),
    /// Switch a key off
    Disable(OneKey),
    /// Delete a key, recoverably unless told otherwise
    Delete(DeleteKey),
    /// Bring a deleted key back; it is tested first
    Restore(OneKey),
    /// Let a new key take over from one, which still works for a while
    Rotate(RotateKey),
    /// Take a key that was rotated out of use now
    EndOverlap(OneKey),
    /// Give a key another name
    Rename(RenameKey),
    /// Have calls use a key that name none
    Default(OneKey),
    /// Make a project's keys match a file
    Apply(Apply),
}

/// Which keys to list.
#[derive(Clone, Debug, Args)]
pub struct ListKeys {
    /// Of this provider only
    #[arg(long)]
    pub provider: Option<String>,
    /// Deleted ones that can be restored, in place of those in use
    #[arg(long)]
    pub deleted: bool,
}

/// A key.
#[derive(Clone, Debug, Args)]
pub struct OneKey {
    /// openai for the provider's default, openai/Name, or an id
    pub key: KeyName,
}

/// What belongs to a secret.
#[derive(Clone, Debug, Args)]
pub struct Secret {
    /// Where it comes from.
    #[command(flatten)]
    pub source: SecretSource,
    /// Azure OpenAI: the address of your resource
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    /// Azure OpenAI: such as 2024-10-21
    #[arg(long, value_name = "VERSION")]
    pub api_version: Option<String>,
}

/// The key to bring.
#[derive(Clone, Debug, Args)]
pub struct SetKey {
    /// openai for the provider's default, openai/Name, or an id
    pub key: KeyName,
    /// Its secret.
    #[command(flatten)]
    pub secret: Secret,
}

/// The key to add.
#[derive(Clone, Debug, Args)]
pub struct AddKey {
    /// The provider, such as openai
    pub provider: String,
    /// What to call it
    #[arg(long, default_value = "")]
    pub name: String,
    /// Have calls use it that name none
    #[arg(long)]
    pub default: bool,
    /// Keep it, switched off, even when the provider cannot be reached
    #[arg(long)]
    pub allow_unverified: bool,
    /// Its secret.
    #[command(flatten)]
    pub secret: Secret,
}

/// The key to test.
#[derive(Clone, Debug, Args)]
pub struct TestKey {
    /// openai for the provider's default, openai/Name, or an id
    pub key: KeyName,
    /// Spend a token where a list of models proves too little
    #[arg(long)]
    pub deep: bool,
}

/// The key to delete.
#[derive(Clone, Debug, Args)]
pub struct DeleteKey {
    /// openai for the provider's default, openai/Name, or an id
    pub key: KeyName,
    /// Erase its secret at once and for ever, deleted before or not; for owners
    #[arg(long, requires = "yes")]
    pub purge: bool,
    /// Yes, for ever
    #[arg(long)]
    pub yes: bool,
}

/// The key to rotate, and how.
#[derive(Clone, Debug, Args)]
pub struct RotateKey {
    /// openai for the provider's default, openai/Name, or an id
    pub key: KeyName,
    /// What to call the new key; without it, it takes the old one's name
    #[arg(long)]
    pub name: Option<String>,
    /// How long the old key still works
    #[arg(long, default_value = Overlap::Day.as_str(), value_parser = overlaps())]
    pub overlap: String,
    /// The new secret.
    #[command(flatten)]
    pub secret: Secret,
}

/// The key to rename.
#[derive(Clone, Debug, Args)]
pub struct RenameKey {
    /// openai for the provider's default, openai/Name, or an id
    pub key: KeyName,
    /// What to call it
    pub name: String,
}

/// Every overlap, as the command line writes it.
pub(super) fn overlaps() -> PossibleValuesParser {
    PossibleValuesParser::new(Overlap::EVERY.iter().map(|overlap| overlap.as_str()))
}

/// A project's keys.
struct Here<'session> {
    session: &'session Session,
    project: String,
}

/// Does what was asked for.
pub(super) async fn run(keys: Keys) -> Result<(), Failure> {
    let session = Session::open(&keys.connection)?;
    let named = keys.project.as_deref();
    if let KeysCommand::Apply(apply) = keys.command {
        return apply::run(&session, named, apply).await;
    }
    let here = Here {
        session: &session,
        project: session.project(named).await?,
    };
    match keys.command {
        KeysCommand::List(list) => here.list(&list).await,
        KeysCommand::Set(set) => here.set(&set).await,
        KeysCommand::Add(add) => here.add(&add).await,
        KeysCommand::Test(test) => here.test(&test).await,
        KeysCommand::Enable(OneKey { key }) => here.enable(&key).await,
        KeysCommand::Disable(OneKey { key }) => here.disable(&key).await,
        KeysCommand::Delete(delete) => here.delete(&delete).await,
        KeysCommand::Restore(OneKey { key }) => here.restore(&key).await,
        KeysCommand::Rotate(rotate) => here.rotate(&rotate).await,
        KeysCommand::EndOverlap(OneKey { key }) => here.end_overlap(&key).await,
        KeysCommand::Rename(rename) => here.rename(&rename).await,
        KeysCommand::Default(OneKey { key }) => here.make_default(&key).await,
        KeysCommand::Apply(_) => Ok(()),
    }
}

impl Here<'_> {
    /// Where the keys stand.
    fn path(&self) -> [&str; 3] {
        ["projects", &self.project, "keys"]
    }

    /// Where one stands.
    fn path_of<'key>(&'key self, key: &'key Key) -> [&'key str; 4] {
        ["projects", &self.project, "keys", &key.id]
    }

    /// Where one's sub-resource stands.
    fn path_to<'key>(&'key self, key: &'key Key, what: &'key str) -> [&'key str; 5] {
        ["projects", &self.project, "keys", &key.id, what]
    }

    async fn find(&self, key: &KeyName) -> Result<Key, Failure> {
        key.find(&self.session.api, &self.project, false).await
    }

    async fn list(&self, list: &ListKeys) -> Result<(), Failure> {
        let mut query = Vec::new();
        query.extend(list.provider.iter().map(|provider| ("provider", provider.as_str())));
        if list.deleted {
            query.push(("deleted", "true"));
        }
        let found = self.session.api.list(&self.path(), &query, "keys").await?;
        self.session.show_list(&found, key::table)
    }
}
