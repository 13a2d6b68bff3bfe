//! The kinds of things that people are told of.

use super::Scope;
use std::fmt;
use std::str::FromStr;

/// How much it matters that somebody looks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Urgency {
    /// Calls fail, or will: somebody has to do something.
    Alarm,
    /// Calls pass, but not as they should.
    Warning,
    /// Good to know.
    Info,
}

impl Urgency {
    /// The urgency as the API writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alarm => "alarm",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// What is the same for every notification of a kind.
struct Facts {
    slug: &'static str,
    name: &'static str,
    meaning: &'static str,
    urgency: Urgency,
    /// Who may not see the thing itself is not told of it either.
    scope: Scope,
    /// Whether owners and admins are mailed until somebody chooses otherwise.
    mails: bool,
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $facts:expr),+ $(,)?) => {
        /// A kind of thing that people are told of.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum NotificationKind {
            $($(#[$doc])* $kind,)+
        }

        impl NotificationKind {
            /// Every kind, in the order in which people choose.
            pub const EVERY: &'static [NotificationKind] = &[$(NotificationKind::$kind,)+];

            const fn facts(self) -> Facts {
                match self {
                    $(NotificationKind::$kind => $facts,)+
                }
            }
        }
    };
}

kinds! {
    /// A provider refuses a key that it accepted before.
    KeyUnhealthy = Facts {
        slug: "key.unhealthy",
        name: "Key stopped working",
        meaning: "A provider refuses a key that it accepted before.",
        urgency: Urgency::Alarm,
        scope: Scope::ReadByok,
        mails: true,
    },
    /// A key's credit or quota is spent.
    KeyExhausted = Facts {
        slug: "key.exhausted",
        name: "Credit used up",
        meaning: "A key's credit or quota at the provider is spent.",
        urgency: Urgency::Alarm,
        scope: Scope::ReadByok,
        mails: true,
    },
    /// A key works again.
    KeyRecovered = Facts {
        slug: "key.recovered",
        name: "Key works again",
        meaning: "A provider accepts a key again that it had refused.",
        urgency: Urgency::Info,
        scope: Scope::ReadByok,
        mails: true,
    },
    /// The platform key began to serve in place of a key that does not work.
    KeyFellBack = Facts {
        slug: "key.fell_back",
        name: "Platform key took over",
        meaning: "Calls are served by the platform key, because the project's own key does not work.",
        urgency: Urgency::Warning,
        scope: Scope::ReadByok,
        mails: true,
    },
    /// A new key was taken back, and the one before serves again.
    RotationUndone = Facts {
        slug: "key.rotation_undone",
        name: "Rotation undone",
        meaning: "A provider refused a new key, and the key before it serves again.",
        urgency: Urgency::Alarm,
        scope: Scope::ReadByok,
        mails: true,
    },
    /// A stored key does not open.
    KeyUnreadable = Facts {
        slug: "key.unreadable",
        name: "Stored key was altered",
        meaning: "A stored key cannot be opened: somebody altered it in the database, or moved it.",
        urgency: Urgency::Alarm,
        scope: Scope::ReadByok,
        mails: true,
    },
    /// Nobody used a key for long, or no probe reached its provider.
    KeyNeglected = Facts {
        slug: "key.neglected",
        name: "Key not used or not checked for long",
        meaning: "No call has used a key for 90 days, or its provider could not be asked about it for 7.",
        urgency: Urgency::Info,
        scope: Scope::ReadByok,
        mails: false,
    },
    /// A token ends soon.
    TokenExpiring = Facts {
        slug: "token.expiring",
        name: "Token ends soon",
        meaning: "A token stops working within a week.",
        urgency: Urgency::Warning,
        scope: Scope::WriteTokens,
        mails: true,
    },
    /// Calls were locked or unlocked.
    CallsLocked = Facts {
        slug: "calls.locked",
        name: "Panic switch",
        meaning: "Somebody locked calls, or unlocked them.",
        urgency: Urgency::Alarm,
        scope: Scope::ReadByok,
        mails: true,
    },
    /// Somebody joined, left, or got another role.
    MembersChanged = Facts {
        slug: "members.changed",
        name: "Members changed",
        meaning: "Somebody joined, left, was removed, or got another role.",
        urgency: Urgency::Info,
        scope: Scope::WriteMembers,
        mails: false,
    },
    /// A webhook does not take its messages.
    WebhookFailing = Facts {
        slug: "webhook.failing",
        name: "Webhook does not answer",
        meaning: "A message to a webhook was given up after a day.",
        urgency: Urgency::Warning,
        scope: Scope::WriteSettings,
        mails: true,
    },
}

impl NotificationKind {
    /// The kind as callers, webhooks and the database write it: `key.unhealthy`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.facts().slug
    }

    /// What people call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.facts().name
    }

    /// When it is told, in a sentence.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        self.facts().meaning
    }

    /// How much it matters; that calls are unlocked matters less than that they are locked.
    #[must_use]
    pub const fn urgency(self) -> Urgency {
        self.facts().urgency
    }

    /// What somebody must hold to be told of it.
    #[must_use]
    pub const fn scope(self) -> Scope {
        self.facts().scope
    }

    /// Whether owners and admins are mailed until somebody chooses otherwise. Bells show every kind.
    #[must_use]
    pub const fn mails(self) -> bool {
        self.facts().mails
    }
}

impl fmt::Display for NotificationKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A kind that Latchkey does not know.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no kind {0:?}")]
pub struct UnknownKind(pub String);

impl FromStr for NotificationKind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::EVERY.iter().find(|kind| kind.as_str() == text);
        found.copied().ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_read_as_it_is_written() {
        for kind in NotificationKind::EVERY {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        assert!("key.Unhealthy".parse::<NotificationKind>().is_err());
    }
}
