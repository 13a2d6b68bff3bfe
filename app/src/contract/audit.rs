//! The audit trail, as the Audit page shows it. Names and sentences, ready to be read.

use super::{FactGroupView, FilterFieldView, LinkView, Moment};
use serde::{Deserialize, Serialize};

/// Which events are asked for, as the address says it. What is empty filters nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AuditFilter {
    /// What happened: `key.replaced`.
    pub event: String,
    /// Who did it: the id of a person or a token.
    pub actor: String,
    /// What it was done to: its id.
    pub target: String,
    /// From when, in UTC: `2026-11-21T14:00`, or a day.
    pub from: String,
    /// Until when, likewise.
    pub to: String,
}

/// A page of events, the newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditView {
    /// The events.
    pub events: Vec<AuditRowView>,
    /// The filter's fields with what is chosen in them.
    pub fields: Vec<FilterFieldView>,
    /// What is wrong with the filter.
    pub problem: Option<String>,
    /// The query of the page with older events, where there are any.
    pub older: Option<String>,
    /// The query of the page with newer events, where there are any.
    pub newer: Option<String>,
    /// Where nothing was found: filters without which something would be.
    pub looser: Vec<LinkView>,
    /// Where the filter's events are as a file for spreadsheets.
    pub csv: String,
    /// Where they are as lines that can be verified.
    pub json_lines: String,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRowView {
    /// Its place in the chain, from 1.
    pub sequence: i64,
    /// When it happened.
    pub at: Moment,
    /// What happened: `Key replaced`.
    pub event: String,
    /// Who did it.
    pub actor: NamedView,
    /// What it was done to.
    pub target: NamedView,
}

/// Somebody or something, by name where that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedView {
    /// What it is: `Token`; empty where the name says it.
    pub kind: String,
    /// Its name, or its id.
    pub name: String,
    /// Whether that is an id.
    pub is_id: bool,
    /// The page that shows it.
    pub href: Option<String>,
}

/// All that is recorded of one event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEventView {
    /// The event in a sentence: `Key replaced by owner@example.com, 2 min ago.`
    pub summary: String,
    /// What is wrong with it, if it is not as it was written.
    pub problem: Option<String>,
    /// The facts, in groups.
    pub groups: Vec<FactGroupView>,
    /// Where to go from here.
    pub links: Vec<LinkView>,
}

/// What verifying the chain came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditVerifiedView {
    /// Whether nothing is wrong with it.
    pub is_intact: bool,
    /// The same in words, and what to do.
    pub message: String,
}
