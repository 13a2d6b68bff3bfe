//! One page of a long list.

use super::session::Session;
use clap::Args;
use serde::Deserialize;

/// How much of a list.
#[derive(Clone, Debug, Args)]
pub struct Page {
    /// How many at most
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
    pub limit: u16,
    /// Where to begin: what the page before said
    #[arg(long)]
    pub cursor: Option<String>,
}

/// Where the next page begins.
#[derive(Debug, Deserialize)]
pub(super) struct Rest {
    next_cursor: Option<String>,
}

impl Page {
    /// The query's parameters.
    pub(super) fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = vec![("limit", self.limit.to_string())];
        parameters.extend(self.cursor.clone().map(|cursor| ("cursor", cursor)));
        parameters
    }
}

impl Rest {
    /// Says how to see more, where there is more.
    pub(super) fn tell(&self, session: &Session) {
        if let Some(cursor) = &self.next_cursor {
            session.tell(&format!("There is more: --cursor {cursor}"));
        }
    }
}
