//! Which calls are wanted.

use crate::domain::{KeySource, ProviderSlug, TokenId};
use serde_json::{Value, json};
use std::str::FromStr;
use time::OffsetDateTime;

/// Which calls are wanted; what is `None` filters nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Calls that came in then or later.
    pub from: Option<OffsetDateTime>,
    /// Calls that came in before.
    pub to: Option<OffsetDateTime>,
    /// To this provider.
    pub provider: Option<ProviderSlug>,
    /// Of this model, asked for or answering.
    pub model: Option<String>,
    /// Served by this one's key.
    pub key_source: Option<KeySource>,
    /// With such a status.
    pub status: Option<StatusFilter>,
    /// With this token.
    pub token: Option<TokenId>,
    /// Of this series.
    pub session: Option<String>,
    /// With this label: key and value.
    pub label: Option<(String, String)>,
}

/// Statuses to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusFilter {
    /// Calls that were answered in full with a status below 400.
    Ok,
    /// Calls with a status of 400 or above, and those that broke off.
    Failed,
    /// Exactly this one.
    Exactly(u16),
}

impl FromStr for StatusFilter {
    type Err = ();

    /// `ok`, `failed`, or a status.
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "ok" => Ok(Self::Ok),
            "failed" => Ok(Self::Failed),
            status => status.parse().map(Self::Exactly).map_err(|_| ()),
        }
    }
}

/// The filter in the form that the queries take it.
pub(super) struct Wanted {
    pub(super) failed: Option<bool>,
    pub(super) least_status: i16,
    pub(super) most_status: i16,
    pub(super) label: Option<Value>,
}

impl Wanted {
    pub(super) fn of(filter: &CallFilter) -> Self {
        let (failed, (least_status, most_status)) = match filter.status {
            None => (None, (0, i16::MAX)),
            Some(StatusFilter::Ok) => (Some(false), (0, i16::MAX)),
            Some(StatusFilter::Failed) => (Some(true), (0, i16::MAX)),
            // A status that cannot be finds nothing.
            Some(StatusFilter::Exactly(status)) => {
                (None, i16::try_from(status).map_or((1, 0), |status| (status, status)))
            }
        };
        let label = filter.label.as_ref().map(|(key, value)| json!({ key.as_str(): value }));
        Self {
            failed,
            least_status,
            most_status,
            label,
        }
    }
}
