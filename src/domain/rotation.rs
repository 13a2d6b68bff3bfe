//! One key taking over from another, for good or until it turns out not to work.

use super::ProviderKey;
use std::fmt;
use std::str::FromStr;
use time::{Duration, OffsetDateTime};

/// The longest name, in characters.
const MAX_NAME: usize = 80;

/// How long a key that was rotated out still works.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Overlap {
    /// Not at all.
    Now,
    /// One hour.
    Hour,
    /// A day.
    #[default]
    Day,
    /// Seven days.
    Week,
}

impl Overlap {
    /// Every overlap, the shortest first.
    pub const EVERY: &'static [Overlap] = &[Overlap::Now, Overlap::Hour, Overlap::Day, Overlap::Week];

    /// As forms and the API write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Overlap::Now => "now",
            Overlap::Hour => "1h",
            Overlap::Day => "24h",
            Overlap::Week => "7d",
        }
    }

    /// How long that is.
    #[must_use]
    pub const fn duration(self) -> Duration {
        match self {
            Overlap::Now => Duration::ZERO,
            Overlap::Hour => Duration::HOUR,
            Overlap::Day => Duration::DAY,
            Overlap::Week => Duration::WEEK,
        }
    }
}

impl fmt::Display for Overlap {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for Overlap {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Overlap::EVERY
            .iter()
            .copied()
            .find(|overlap| overlap.as_str() == text)
            .ok_or(())
    }
}

impl ProviderKey {
    /// Whether it was rotated out and still works at `now`.
    #[must_use]
    pub fn is_retiring(&self, now: OffsetDateTime) -> bool {
        self.deleted_at.is_none() && self.retires_at.is_some_and(|at| at > now)
    }

    /// Hands its part over to `successor` and retires at `until`. Where both are to have one name, the successor has
    /// it from now on, so that who calls by name notices nothing, and this key is called like it, with a number that
    /// none of its `siblings` has.
    pub fn hand_over(&mut self, successor: &mut ProviderKey, until: OffsetDateTime, siblings: &[ProviderKey]) {
        successor.is_default = self.is_default;
        self.is_default = false;
        self.superseded_by = Some(successor.id);
        self.retires_at = Some(until);
        if !self.name.is_empty() && is_same_name(&self.name, &successor.name) {
            let name = numbered(&self.name, siblings);
            self.name_before = Some(std::mem::replace(&mut self.name, name));
        }
    }

    /// Takes its part back from `successor`, with the name that it gave up to it, and does not retire.
    pub fn take_back(&mut self, successor: &mut ProviderKey) {
        self.is_default |= successor.is_default;
        successor.is_default = false;
        if self.name_before.as_ref() == Some(&successor.name) {
            std::mem::swap(&mut self.name, &mut successor.name);
        }
        self.stay();
    }

    /// Is superseded by nobody, and retires no more.
    pub fn stay(&mut self) {
        self.superseded_by = None;
        self.retires_at = None;
        self.name_before = None;
    }
}

/// Whether two names are one to the database: it ignores case.
#[must_use]
pub fn is_same_name(left: &str, right: &str) -> bool {
    left.to_lowercase() == right.to_lowercase()
}

/// `name` with the first number behind it that none of `siblings` has.
fn numbered(name: &str, siblings: &[ProviderKey]) -> String {
    let mut number = 2_u64;
    loop {
        let ending = format!(" {number}");
        let kept: String = name.chars().take(MAX_NAME - ending.len()).collect();
        let candidate = kept + &ending;
        if !siblings.iter().any(|key| is_same_name(&key.name, &candidate)) {
            return candidate;
        }
        number += 1;
    }
}
