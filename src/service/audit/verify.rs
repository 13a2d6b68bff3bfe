//! Walks a chain in order and says the first thing that is wrong with it. Holds one event at a time.

use super::{AuditEvent, ExportedHead, chain};
use crate::domain::OrgId;
use crate::vault::HmacKey;
use std::fmt;
use time::format_description::well_known::Rfc3339;

/// What verifying a chain came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// How many events were found as they were written, from the beginning up to the finding.
    pub events: u64,
    /// The place of the last of them; 0 when there is none.
    pub last: i64,
    /// The newest exported head that the chain was compared with, if there was any.
    pub newest_head: Option<ExportedHead>,
    /// The first thing that is wrong; `None` when nothing is.
    pub finding: Option<Finding>,
}

/// Something that is wrong with a chain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{flaw} {}", flaw.advice())]
pub struct Finding {
    /// At which place of the chain.
    pub sequence: i64,
    /// What.
    pub flaw: Flaw,
}

/// What can be wrong at a place of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// The event is not as it was written: a field was edited, or Latchkey never wrote it.
    Altered {
        /// The event.
        sequence: i64,
    },
    /// The event is another organization's.
    Foreign {
        /// The event.
        sequence: i64,
        /// Whose it is.
        org: OrgId,
    },
    /// The chain does not begin with event 1.
    BeginningMissing {
        /// What it begins with.
        sequence: i64,
    },
    /// Events are missing, or stand elsewhere.
    Missing {
        /// The first of them.
        first: i64,
        /// The event that stands in its place.
        found: i64,
    },
    /// An event stands behind one that came later, or stands there twice.
    OutOfOrder {
        /// The event.
        sequence: i64,
        /// The one before it.
        behind: i64,
    },
    /// The event is genuine, but follows another event than the one before it.
    Unlinked {
        /// The event.
        sequence: i64,
    },
    /// The chain ends before an exported head.
    CutOff {
        /// The last event; 0 when there is none.
        last: i64,
        /// The head.
        head: ExportedHead,
    },
    /// Another event stood here when the head was exported.
    Replaced {
        /// The head.
        head: ExportedHead,
    },
}

impl fmt::Display for Flaw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Altered { sequence } => write!(
                formatter,
                "Event {sequence} is not as Latchkey wrote it: it was edited, or put there by somebody else."
            ),
            Self::Foreign { sequence, org } => {
                write!(formatter, "Event {sequence} belongs to another organization, {org}.")
            }
            Self::BeginningMissing { sequence } => write!(
                formatter,
                "The chain begins with event {sequence}; the events before it are missing."
            ),
            Self::Missing { first, found } if first + 1 == *found => write!(
                formatter,
                "Event {first} is not in its place, where event {found} stands: it was removed or moved."
            ),
            Self::Missing { first, found } => write!(
                formatter,
                "Events {first} to {} are not in their place, where event {found} stands: they were removed or moved.",
                found - 1
            ),
            Self::OutOfOrder { sequence, behind } => {
                write!(formatter, "Event {sequence} stands behind event {behind}.")
            }
            Self::Unlinked { sequence } => write!(
                formatter,
                "Event {sequence} does not follow the event that stands before it: one of them was put in its place."
            ),
            Self::CutOff { last, head } => write!(
                formatter,
                "The chain ends with event {last}, but it had {} when its head was exported at {}: the last events \
                 were removed.",
                head.sequence,
                exported_at(head)
            ),
            Self::Replaced { head } => write!(
                formatter,
                "Event {} is another one than when the head was exported at {}: the chain was rewritten.",
                head.sequence,
                exported_at(head)
            ),
        }
    }
}

impl Flaw {
    /// What to do about it.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        match self {
            Self::CutOff { .. } => {
                "Unless this is an export or a backup older than the head, keep the database as it is and compare it \
                 with a backup."
            }
            Self::BeginningMissing { .. } | Self::Missing { .. } => {
                "Unless this is an export under a filter, keep the database as it is and compare it with a backup."
            }
            _ => "Keep the database as it is, and compare it with a backup and with earlier exports.",
        }
    }
}

fn exported_at(head: &ExportedHead) -> String {
    head.exported_at.format(&Rfc3339).unwrap_or_default()
}

/// A walk along one organization's chain.
pub(super) struct Walk<'key> {
    key: &'key HmacKey,
    org: OrgId,
    /// Those not met yet, the next one last.
    heads: Vec<ExportedHead>,
    newest_head: Option<ExportedHead>,
    /// Whether events may be left out.
    is_filtered: bool,
    events: u64,
    last: Option<(i64, [u8; 32])>,
}

impl<'key> Walk<'key> {
    /// From the chain's beginning, comparing it with what was exported of it.
    pub(super) fn new(key: &'key HmacKey, org: OrgId, mut heads: Vec<ExportedHead>) -> Self {
        heads.retain(|head| head.organization == org);
        heads.sort_by_key(|head| (std::cmp::Reverse(head.sequence), std::cmp::Reverse(head.exported_at)));
        Self {
            key,
            org,
            newest_head: heads.first().cloned(),
            heads,
            is_filtered: false,
            events: 0,
            last: None,
        }
    }

    /// The same, with events left out.
    pub(super) fn filtered(self, is_filtered: bool) -> Self {
        Self { is_filtered, ..self }
    }

    /// Takes the next event, which says that it belongs to `org`.
    pub(super) fn step(&mut self, org: OrgId, event: &AuditEvent) -> Result<(), Finding> {
        let sequence = event.sequence;
        let flaw = self.flaw_of(org, event);
        if let Some(flaw) = flaw {
            return Err(Finding { sequence, flaw });
        }
        self.events += 1;
        self.last = Some((sequence, event.mac));
        Ok(())
    }

    fn flaw_of(&mut self, org: OrgId, event: &AuditEvent) -> Option<Flaw> {
        let sequence = event.sequence;
        if org != self.org {
            return Some(Flaw::Foreign { sequence, org });
        }
        if !chain::is_intact(self.key, org, event) {
            return Some(Flaw::Altered { sequence });
        }
        let (behind, mac) = self.last.unwrap_or((0, [0; 32]));
        if sequence <= behind {
            return Some(Flaw::OutOfOrder { sequence, behind });
        }
        let follows = sequence == behind + 1;
        if !follows && !self.is_filtered {
            return Some(match behind {
                0 => Flaw::BeginningMissing { sequence },
                _ => Flaw::Missing {
                    first: behind + 1,
                    found: sequence,
                },
            });
        }
        if follows && event.previous_mac != mac {
            return Some(Flaw::Unlinked { sequence });
        }
        while let Some(head) = self.heads.pop_if(|head| head.sequence <= sequence) {
            if head.sequence == sequence && head.mac != event.mac {
                return Some(Flaw::Replaced { head });
            }
        }
        None
    }

    /// What all of it came to, with what stopped the walk if anything did.
    pub(super) fn end(self, stopped: Option<Finding>) -> Verification {
        let last = self.last.map_or(0, |(sequence, _)| sequence);
        let cut_off = || {
            let head = self.newest_head.clone().filter(|head| head.sequence > last)?;
            (!self.is_filtered).then_some(Finding {
                sequence: last,
                flaw: Flaw::CutOff { last, head },
            })
        };
        Verification {
            events: self.events,
            last,
            finding: stopped.or_else(cut_off),
            newest_head: self.newest_head,
        }
    }
}
