//! A provider key as the API tells it, and as people see it.

use crate::cli::remote::table::{Table, moment};
use serde::Deserialize;

/// A provider key.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::cli::remote) struct Key {
    pub(in crate::cli::remote) id: String,
    pub(in crate::cli::remote) provider: String,
    pub(in crate::cli::remote) name: String,
    pub(in crate::cli::remote) redacted: String,
    pub(in crate::cli::remote) is_default: bool,
    pub(in crate::cli::remote) is_active: bool,
    pub(in crate::cli::remote) health: Health,
    pub(in crate::cli::remote) fallback: Fallback,
    pub(in crate::cli::remote) endpoint: String,
    pub(in crate::cli::remote) api_version: Option<String>,
    pub(in crate::cli::remote) last_used_at: Option<String>,
    pub(in crate::cli::remote) deleted_at: Option<String>,
    pub(in crate::cli::remote) retires_at: Option<String>,
    pub(in crate::cli::remote) version: i64,
}

/// Whether a key works.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::cli::remote) struct Health {
    pub(in crate::cli::remote) status: String,
    pub(in crate::cli::remote) reason: Option<String>,
    pub(in crate::cli::remote) message: Option<String>,
}

/// Whose key serves when a key does not: `platform`, `fail` or `project`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(in crate::cli::remote) struct Fallback {
    pub(in crate::cli::remote) on_missing: String,
    pub(in crate::cli::remote) on_failure: String,
}

/// A key just brought.
#[derive(Debug, Deserialize)]
pub(super) struct Saved {
    pub(super) key: Key,
    pub(super) looks_like: Option<String>,
    pub(super) twins: Vec<Twin>,
}

/// Another key with the same secret.
#[derive(Debug, Deserialize)]
pub(super) struct Twin {
    pub(super) name: String,
    pub(super) provider: String,
    pub(super) project_name: String,
}

impl Key {
    /// How a command line names it: `openai/Production`.
    pub(in crate::cli::remote) fn label(&self) -> String {
        label(&self.provider, &self.name)
    }

    fn state(&self) -> String {
        match (&self.deleted_at, &self.retires_at) {
            (Some(at), _) => format!("deleted {}", moment(Some(at))),
            (None, Some(at)) => format!("until {}", moment(Some(at))),
            (None, None) if self.is_active => "on".to_owned(),
            (None, None) => "off".to_owned(),
        }
    }

    fn shown_health(&self) -> String {
        let Health { status, reason, .. } = &self.health;
        match reason {
            Some(reason) => format!("{status} ({reason})"),
            None => status.clone(),
        }
    }
}

/// How a command line names the key of a provider that has this name.
pub(in crate::cli::remote) fn label(provider: &str, name: &str) -> String {
    match name {
        "" => provider.to_owned(),
        name => format!("{provider}/{name}"),
    }
}

/// Keys as people see them.
pub(super) fn table(keys: Vec<Key>) -> Table {
    let headings = [
        "provider",
        "name",
        "key",
        "default",
        "state",
        "health",
        "last used",
        "id",
    ];
    let mut table = Table::new(&headings);
    for key in keys {
        let default = if key.is_default { "default" } else { "" };
        let (state, health) = (key.state(), key.shown_health());
        let used = moment(key.last_used_at.as_deref());
        table.row([
            key.provider,
            key.name,
            key.redacted,
            default.to_owned(),
            state,
            health,
            used,
            key.id,
        ]);
    }
    table
}
