//! `latchkey audit`

use super::failure::Failure;
use super::page::{Page, Rest};
use super::range::Range;
use super::session::{Connection, Session};
use super::table::{Table, moment};
use crate::domain::SystemClock;
use clap::Args;
use serde::Deserialize;
use serde_json::Value;

/// Which events to list.
#[derive(Clone, Debug, Args)]
pub struct Audit {
    /// Where to work, and how to answer.
    #[command(flatten)]
    pub connection: Connection,
    /// From when to when.
    #[command(flatten)]
    pub range: Range,
    /// What happened, such as key.replaced
    #[arg(long)]
    pub event: Option<String>,
    /// Who did it: the id of a person or a token
    #[arg(long, value_name = "ID")]
    pub actor: Option<String>,
    /// What it was done to: its id
    #[arg(long, value_name = "ID")]
    pub target: Option<String>,
    /// How many.
    #[command(flatten)]
    pub page: Page,
}

#[derive(Deserialize)]
struct Events {
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    occurred_at: String,
    #[serde(rename = "event")]
    name: String,
    actor_kind: String,
    actor_id: Option<String>,
    target_kind: String,
    target_id: String,
    details: Value,
}

/// Lists what happened, the newest first.
pub(in crate::cli) async fn run(audit: Audit) -> Result<(), Failure> {
    let session = Session::open(&audit.connection)?;
    let mut parameters = audit.range.parameters(&SystemClock)?;
    parameters.extend(audit.page.parameters());
    let filters = [("event", audit.event), ("actor", audit.actor), ("target", audit.target)];
    parameters.extend(filters.into_iter().filter_map(|(name, value)| Some((name, value?))));
    let query: Vec<_> = parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let answer = session.api.get(&["audit-events"], &query).await?;
    session.show(&answer, table)?;
    answer.read::<Rest>()?.tell(&session);
    Ok(())
}

fn table(Events { events }: Events) -> Table {
    let mut table = Table::new(&["time", "event", "by", "to", "details"]);
    for event in events {
        table.row([
            moment(Some(&event.occurred_at)),
            event.name,
            named(&event.actor_kind, event.actor_id.as_deref()),
            named(&event.target_kind, Some(&event.target_id)),
            event.details.to_string(),
        ]);
    }
    table
}

fn named(kind: &str, id: Option<&str>) -> String {
    match id {
        Some(id) => format!("{kind} {id}"),
        None => kind.to_owned(),
    }
}
