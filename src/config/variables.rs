//! The names of the variables, and those that look like one but are none.

use std::fmt;

pub(super) const LISTEN: &str = "LATCHKEY_LISTEN";
pub(super) const PUBLIC_URL: &str = "LATCHKEY_PUBLIC_URL";
pub(super) const DATABASE_URL: &str = "DATABASE_URL";
pub(super) const MIGRATION_DATABASE_URL: &str = "LATCHKEY_MIGRATION_DATABASE_URL";
pub(super) const DATA_DIR: &str = "LATCHKEY_DATA_DIR";
pub(super) const MASTER_KEY: &str = "LATCHKEY_MASTER_KEY";
pub(super) const MASTER_KEY_PREVIOUS: &str = "LATCHKEY_MASTER_KEY_PREVIOUS";
pub(super) const TRUSTED_PROXIES: &str = "LATCHKEY_TRUSTED_PROXIES";
pub(super) const METRICS_LISTEN: &str = "LATCHKEY_METRICS_LISTEN";
pub(super) const SMTP_URL: &str = "LATCHKEY_SMTP_URL";
pub(super) const MAIL_FROM: &str = "LATCHKEY_MAIL_FROM";
pub(super) const DRAIN_SECONDS: &str = "LATCHKEY_DRAIN_SECONDS";
pub(super) const KEY_RETENTION_DAYS: &str = "LATCHKEY_KEY_RETENTION_DAYS";
pub(super) const JOBS_TAKEN_OVER_SECONDS: &str = "LATCHKEY_JOBS_TAKEN_OVER_SECONDS";
pub(super) const SITE_ROOT: &str = "LATCHKEY_SITE_ROOT";
pub(super) const GATEWAY_BODY_MEGABYTES: &str = "LATCHKEY_GATEWAY_BODY_MEGABYTES";
pub(super) const GATEWAY_CONNECT_SECONDS: &str = "LATCHKEY_GATEWAY_CONNECT_SECONDS";
pub(super) const GATEWAY_FIRST_BYTE_SECONDS: &str = "LATCHKEY_GATEWAY_FIRST_BYTE_SECONDS";
pub(super) const GATEWAY_IDLE_SECONDS: &str = "LATCHKEY_GATEWAY_IDLE_SECONDS";
pub(super) const GATEWAY_TOTAL_SECONDS: &str = "LATCHKEY_GATEWAY_TOTAL_SECONDS";
pub(super) const GATEWAY_CALLS_PER_TOKEN: &str = "LATCHKEY_GATEWAY_CALLS_PER_TOKEN";
pub(super) const GATEWAY_PLATFORM_CALLS_PER_MINUTE: &str = "LATCHKEY_GATEWAY_PLATFORM_CALLS_PER_MINUTE";
pub(super) const PRICES_FILE: &str = "LATCHKEY_PRICES_FILE";
/// Where the plural commands find Latchkey.
pub const REMOTE_URL: &str = "LATCHKEY_URL";
/// What the plural commands present there; its file is `LATCHKEY_TOKEN_FILE`.
pub const REMOTE_TOKEN: &str = "LATCHKEY_TOKEN";
/// Set by cargo-leptos while developing.
pub(super) const LEPTOS_SITE_ROOT: &str = "LEPTOS_SITE_ROOT";

const OURS: &str = "LATCHKEY_";
const PLAIN: &[&str] = &[
    LISTEN,
    PUBLIC_URL,
    MIGRATION_DATABASE_URL,
    DATA_DIR,
    MASTER_KEY,
    MASTER_KEY_PREVIOUS,
    TRUSTED_PROXIES,
    METRICS_LISTEN,
    SMTP_URL,
    MAIL_FROM,
    DRAIN_SECONDS,
    KEY_RETENTION_DAYS,
    JOBS_TAKEN_OVER_SECONDS,
    SITE_ROOT,
    GATEWAY_BODY_MEGABYTES,
    GATEWAY_CONNECT_SECONDS,
    GATEWAY_FIRST_BYTE_SECONDS,
    GATEWAY_IDLE_SECONDS,
    GATEWAY_TOTAL_SECONDS,
    GATEWAY_CALLS_PER_TOKEN,
    GATEWAY_PLATFORM_CALLS_PER_MINUTE,
    PRICES_FILE,
    REMOTE_URL,
    REMOTE_TOKEN,
];

/// The variable that names the file in which `variable`'s value stands.
#[must_use]
pub fn file_variable(variable: &str) -> String {
    format!("{variable}_FILE")
}

/// The variable of a provider's platform key.
pub(super) fn platform_key_variable(provider: &str) -> String {
    format!("LATCHKEY_PLATFORM_KEY_{}", provider.to_ascii_uppercase())
}

/// The variable of a provider's transport address.
pub(super) fn base_url_variable(provider: &str) -> String {
    format!("LATCHKEY_{}_BASE_URL", provider.to_ascii_uppercase())
}

/// A variable that begins as ours do, and that nothing reads: most likely a typing error.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownVariable {
    /// The variable's name.
    pub name: String,
    /// The name that was probably meant.
    pub meant: Option<String>,
}

impl fmt::Display for UnknownVariable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} is set, but nothing reads it", self.name)?;
        self.meant
            .as_ref()
            .map_or(Ok(()), |meant| write!(formatter, "; did you mean {meant}?"))
    }
}

/// Those of the variables set (`names`) that begin as ours do and that nothing reads, in order.
#[must_use]
pub fn unknown_variables(names: impl IntoIterator<Item = String>, providers: &[&str]) -> Vec<UnknownVariable> {
    let known = known_variables(providers);
    let mut unknown: Vec<_> = names
        .into_iter()
        .filter(|name| name.starts_with(OURS) && !known.contains(name))
        .map(|name| UnknownVariable {
            meant: nearest(&name, &known),
            name,
        })
        .collect();
    unknown.sort_by(|left, right| left.name.cmp(&right.name));
    unknown
}

fn known_variables(providers: &[&str]) -> Vec<String> {
    let plain = PLAIN.iter().map(|name| (*name).to_owned());
    let files = [MASTER_KEY, MASTER_KEY_PREVIOUS, REMOTE_TOKEN]
        .into_iter()
        .map(file_variable);
    let of_providers = providers
        .iter()
        .flat_map(|provider| [platform_key_variable(provider), base_url_variable(provider)]);
    plain.chain(files).chain(of_providers).collect()
}

/// The known name fewest changes away, where that is at most three.
fn nearest(name: &str, known: &[String]) -> Option<String> {
    known
        .iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= 3)
        .min()
        .map(|(_, candidate)| candidate.clone())
}

/// How many insertions, deletions and substitutions lie between two names (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, byte) in left.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (column, other) in right.bytes().enumerate() {
            let substituted = diagonal + usize::from(byte != other);
            diagonal = row[column + 1];
            row[column + 1] = substituted.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_pointed_out() {
        let names = [
            "LATCHKEY_LISTEN",
            "LATCHKEY_LISTNE",
            "LATCHKEY_PLATFORM_KEY_OPENIA",
            "LATCHKEY_AZURE_OPENAI_BASE_URL",
            "LATCHKEY_MASTER_KEY_FILE",
            "LATCHKEY_SOMETHING_ELSE_ALTOGETHER",
            "PATH",
        ];
        let unknown = unknown_variables(names.map(str::to_owned), &["openai", "azure_openai"]);
        let lines: Vec<_> = unknown.iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "LATCHKEY_LISTNE is set, but nothing reads it; did you mean LATCHKEY_LISTEN?",
                "LATCHKEY_PLATFORM_KEY_OPENIA is set, but nothing reads it; did you mean LATCHKEY_PLATFORM_KEY_OPENAI?",
                "LATCHKEY_SOMETHING_ELSE_ALTOGETHER is set, but nothing reads it",
            ]
        );
    }

    #[test]
    fn distance_counts_changes() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("same", "same"), 0);
        assert_eq!(distance("", "four"), 4);
    }
}
