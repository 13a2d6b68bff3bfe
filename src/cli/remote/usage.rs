//! `latchkey usage`

mod sums;

use super::api::Query;
use super::failure::Failure;
use super::page::{Page, Rest};
use super::range::Range;
use super::session::{Connection, Session, print};
use super::table::{Table, moment};
use crate::cli::output;
use crate::domain::{MicroDollars, SystemClock};
use clap::Args;
use serde::Deserialize;
use sums::Sums;

/// Which calls to list or to sum up.
#[derive(Clone, Debug, Args)]
pub struct Usage {
    /// Where to work, and how to answer.
    #[command(flatten)]
    pub connection: Connection,
    /// The project, by id or slug; without it the only one, or else the organization's default
    #[arg(long)]
    pub project: Option<String>,
    /// From when to when.
    #[command(flatten)]
    pub range: Range,
    /// Which calls.
    #[command(flatten)]
    pub filter: CallFilter,
    /// Sum all of them up by provider and model, in place of listing them
    #[arg(long, conflicts_with_all = ["limit", "cursor"])]
    pub sums: bool,
    /// How many.
    #[command(flatten)]
    pub page: Page,
}

/// Which calls.
#[derive(Clone, Debug, Args)]
pub struct CallFilter {
    /// To this provider
    #[arg(long)]
    pub provider: Option<String>,
    /// Asked for or answered by this model
    #[arg(long)]
    pub model: Option<String>,
    /// Served by whose key: byok or platform
    #[arg(long)]
    pub source: Option<String>,
    /// ok, failed, or a status such as 429
    #[arg(long)]
    pub status: Option<String>,
    /// With the token of this id
    #[arg(long, value_name = "ID")]
    pub token: Option<String>,
    /// Of this series
    #[arg(long)]
    pub session: Option<String>,
    /// With this label
    #[arg(long, value_name = "NAME=VALUE")]
    pub label: Option<String>,
}

#[derive(Deserialize)]
struct Calls {
    calls: Vec<Call>,
}

/// A call through the gateway.
#[derive(Debug, Deserialize)]
struct Call {
    occurred_at: String,
    provider: String,
    model_asked: Option<String>,
    model_answered: Option<String>,
    key_source: Option<String>,
    status: u16,
    tokens: Tokens,
    cost_micros: Option<i64>,
    fee_micros: i64,
    latency_ms: i64,
}

#[derive(Debug, Default, Deserialize)]
struct Tokens {
    input: Option<i64>,
    output: Option<i64>,
}

/// Lists calls, the newest first, or sums them up.
pub(super) async fn run(usage: Usage) -> Result<(), Failure> {
    let session = Session::open(&usage.connection)?;
    let project = session.project(usage.project.as_deref()).await?;
    let path = ["projects", project.as_str(), "calls"];
    let mut parameters = usage.range.parameters(&SystemClock)?;
    parameters.extend(usage.filter.parameters());
    if usage.sums {
        return sum(&session, &path, &borrowed(&parameters)).await;
    }
    parameters.extend(usage.page.parameters());
    let answer = session.api.get(&path, &borrowed(&parameters)).await?;
    session.show(&answer, table)?;
    answer.read::<Rest>()?.tell(&session);
    Ok(())
}

async fn sum(session: &Session, path: &[&str], query: Query<'_>) -> Result<(), Failure> {
    let calls: Vec<Call> = session.api.list(path, query, "calls").await?.read()?;
    let sums = Sums::of(&calls);
    if session.json {
        return Ok(output::line(&sums.json().to_string())?);
    }
    print(&sums.table())
}

fn borrowed<'call>(parameters: &'call [(&'static str, String)]) -> Vec<(&'call str, &'call str)> {
    parameters.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

impl CallFilter {
    fn parameters(self) -> impl Iterator<Item = (&'static str, String)> {
        let filters = [
            ("provider", self.provider),
            ("model", self.model),
            ("source", self.source),
            ("status", self.status),
            ("token", self.token),
            ("session", self.session),
            ("label", self.label),
        ];
        filters.into_iter().filter_map(|(name, value)| Some((name, value?)))
    }
}

impl Call {
    fn model(&self) -> &str {
        self.model_answered
            .as_deref()
            .or(self.model_asked.as_deref())
            .unwrap_or_default()
    }
}

fn table(Calls { calls }: Calls) -> Table {
    let headings = [
        "time", "provider", "model", "key", "status", "in", "out", "cost", "took",
    ];
    let mut table = Table::new(&headings);
    for call in calls {
        table.row([
            moment(Some(&call.occurred_at)),
            call.provider.clone(),
            call.model().to_owned(),
            call.key_source.clone().unwrap_or_default(),
            call.status.to_string(),
            number(call.tokens.input),
            number(call.tokens.output),
            money(call.cost_micros),
            format!("{} ms", call.latency_ms),
        ]);
    }
    table
}

fn number(number: Option<i64>) -> String {
    number.map(|number| number.to_string()).unwrap_or_default()
}

fn money(micros: Option<i64>) -> String {
    micros
        .map(|micros| MicroDollars(micros).to_string())
        .unwrap_or_default()
}
