//! `latchkey rollup …`

use super::deployment::{Deployment, Sandboxed, read_config};
use super::{Outcome, logging, output};
use clap::{Args, Subcommand};
use std::str::FromStr;
use time::Date;
use time::macros::format_description;

/// What to do about usage by the hour.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum RollupCommand {
    /// Compute it anew from the recorded calls
    Rebuild(Rebuild),
}

/// From when on.
#[derive(Clone, Copy, Debug, Args)]
pub struct Rebuild {
    /// The first day, in UTC
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub since: Day,
}

/// A day, as `2026-11-01`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(Date);

impl FromStr for Day {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Date::parse(text, format_description!("[year]-[month]-[day]"))
            .map(Self)
            .map_err(|_| "write a day such as 2026-11-01")
    }
}

/// Computes usage by the hour anew, and says each day that is done.
pub(super) async fn rebuild(rebuild: Rebuild) -> Outcome {
    logging::to_stderr();
    let deployment = Deployment::open(&read_config()?, Sandboxed::default()).await?;
    let told = |day| output::note(&format!("{day} is done."));
    let done = deployment
        .services
        .maintenance
        .rebuild_usage_hours(rebuild.since.0, told)
        .await;
    deployment.close().await?;
    Ok(done?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn a_day_is_read() {
        assert_eq!("2026-11-01".parse(), Ok(Day(date!(2026 - 11 - 01))));
        for wrong in ["2026-13-01", "yesterday", "2026-11-01T00:00:00Z", ""] {
            assert!(wrong.parse::<Day>().is_err(), "{wrong}");
        }
    }
}
