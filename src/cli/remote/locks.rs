//! `latchkey locks …`

use super::failure::Failure;
use super::session::{Connection, Session};
use super::table::{Table, moment};
use clap::{Args, Subcommand};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The panic switch of a running Latchkey.
#[derive(Clone, Debug, Args)]
pub struct Locks {
    /// Where to work, and how to answer.
    #[command(flatten)]
    pub connection: Connection,
    /// What to do.
    #[command(subcommand)]
    pub command: LocksCommand,
}

/// What to do about locks.
#[derive(Clone, Debug, Subcommand)]
pub enum LocksCommand {
    /// List what is locked
    List,
    /// Let no call pass
    Add(AddLock),
    /// Let calls pass again
    Remove(RemoveLock),
}

/// Which calls to lock.
#[derive(Clone, Debug, Args)]
pub struct AddLock {
    /// Those of this project, by id or slug
    #[arg(long, required_unless_present_any = ["provider", "everything"])]
    pub project: Option<String>,
    /// Those to this provider
    #[arg(long)]
    pub provider: Option<String>,
    /// All of the organization's
    #[arg(long, conflicts_with_all = ["project", "provider"])]
    pub everything: bool,
    /// Why
    #[arg(long)]
    pub reason: Option<String>,
}

/// The lock to remove.
#[derive(Clone, Debug, Args)]
pub struct RemoveLock {
    /// The lock's id
    pub lock: String,
    /// Why calls may pass again
    #[arg(long)]
    pub reason: String,
}

#[derive(Deserialize)]
struct Lock {
    id: String,
    project_id: Option<String>,
    provider: Option<String>,
    reason: String,
    locked_by: String,
    locked_at: String,
}

/// Does what was asked for.
pub(super) async fn run(locks: Locks) -> Result<(), Failure> {
    let session = Session::open(&locks.connection)?;
    let api = &session.api;
    match locks.command {
        LocksCommand::List => {
            let list = api.list(&["locks"], &[], "locks").await?;
            session.show_list(&list, table)
        }
        LocksCommand::Add(add) => {
            let call = api.call(Method::POST, &["locks"])?;
            let locked = call.json(&body(add).into()).send().await?;
            session.show(&locked, |lock| table(vec![lock]))
        }
        LocksCommand::Remove(RemoveLock { lock, reason }) => {
            let call = api.call(Method::DELETE, &["locks", &lock])?;
            call.query(&[("reason", &reason)]).send().await?;
            session.tell("Calls may pass again.");
            Ok(())
        }
    }
}

fn body(add: AddLock) -> Map<String, Value> {
    let fields = [
        ("project", add.project),
        ("provider", add.provider),
        ("reason", add.reason),
    ];
    let said = fields
        .into_iter()
        .filter_map(|(field, value)| Some((field.to_owned(), value?.into())));
    said.collect()
}

fn table(locks: Vec<Lock>) -> Table {
    let everything = |what: Option<String>| what.unwrap_or_else(|| "all".to_owned());
    let mut table = Table::new(&["project", "provider", "reason", "by", "since", "id"]);
    for lock in locks {
        table.row([
            everything(lock.project_id),
            everything(lock.provider),
            lock.reason,
            lock.locked_by,
            moment(Some(&lock.locked_at)),
            lock.id,
        ]);
    }
    table
}
