//! What an actor may do: scopes, and the roles that sessions derive them from.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

macro_rules! scopes {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// One permission. Case-sensitive, verb first; none implies another except [`Scope::All`].
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum Scope {
            $($(#[$doc])* $name,)+
        }

        impl Scope {
            /// Every scope, `*` first.
            pub const EVERY: &'static [Scope] = &[$(Scope::$name,)+];

            /// The scope as callers write it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Scope::$name => $text,)+
                }
            }
        }

        impl FromStr for Scope {
            type Err = UnknownScope;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Scope::$name),)+
                    _ => Err(UnknownScope(text.to_owned())),
                }
            }
        }
    };
}

scopes! {
    /// Everything.
    All = "*",
    /// See provider keys and their health.
    ReadByok = "read:byok",
    /// Add, replace, test, disable, delete provider keys.
    WriteByok = "write:byok",
    /// Call models through the gateway.
    UseGateway = "use:gateway",
    /// See usage.
    ReadUsage = "read:usage",
    /// See the audit trail.
    ReadAudit = "read:audit",
    /// Create and rename projects.
    WriteProjects = "write:projects",
    /// Change policies, webhooks, the panic switch.
    WriteSettings = "write:settings",
    /// Create and revoke tokens.
    WriteTokens = "write:tokens",
    /// Invite, change and remove members.
    WriteMembers = "write:members",
    /// Change limits.
    WriteLimits = "write:limits",
}

/// A scope that Latchkey does not know.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no scope {0:?}")]
pub struct UnknownScope(pub String);

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A set of scopes, in a stable order.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// Whether these scopes permit what `scope` permits.
    #[must_use]
    pub fn permit(&self, scope: Scope) -> bool {
        self.0.contains(&Scope::All) || self.0.contains(&scope)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes as callers write them.
    #[must_use]
    pub fn to_strings(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }

    /// Reads scopes as callers write them.
    ///
    /// # Errors
    /// The first scope that is not known.
    pub fn parse<Text: AsRef<str>>(texts: impl IntoIterator<Item = Text>) -> Result<Self, UnknownScope> {
        texts
            .into_iter()
            .map(|text| text.as_ref().parse())
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<Iter: IntoIterator<Item = Scope>>(scopes: Iter) -> Self {
        Self(scopes.into_iter().collect())
    }
}

/// A person's place in an organization; a session derives its scopes from it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// May do everything.
    Owner,
    /// May do everything but what only owners may.
    Admin,
    /// Works with provider keys and sees usage.
    Member,
    /// Looks, and changes nothing.
    Viewer,
}

impl Role {
    /// Every role, the mightiest first.
    pub const EVERY: &'static [Role] = &[Role::Owner, Role::Admin, Role::Member, Role::Viewer];

    /// The role as callers write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Admin => "admin",
            Role::Member => "member",
            Role::Viewer => "viewer",
        }
    }

    /// The scopes that a session of this role carries.
    #[must_use]
    pub fn scopes(self) -> Scopes {
        match self {
            Role::Owner => Scopes::from_iter([Scope::All]),
            Role::Admin => Scope::EVERY
                .iter()
                .copied()
                .filter(|scope| *scope != Scope::All)
                .collect(),
            Role::Member => Scopes::from_iter([Scope::ReadByok, Scope::WriteByok, Scope::ReadUsage]),
            Role::Viewer => Scopes::from_iter([Scope::ReadByok, Scope::ReadUsage]),
        }
    }
}

/// A role that Latchkey does not know.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no role {0:?}; roles are owner, admin, member, viewer")]
pub struct UnknownRole(pub String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Role::EVERY
            .iter()
            .copied()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_as_it_is_written() {
        for scope in Scope::EVERY {
            assert_eq!(scope.as_str().parse(), Ok(*scope));
        }
        assert!("Read:byok".parse::<Scope>().is_err(), "scopes are case-sensitive");
    }

    #[test]
    fn only_the_star_implies_another_scope() {
        let writer = Scopes::from_iter([Scope::WriteByok]);
        assert!(!writer.permit(Scope::ReadByok));
        assert!(Role::Owner.scopes().permit(Scope::WriteMembers));
        assert!(!Role::Admin.scopes().permit(Scope::All), "admins do not hold the star");
        assert!(Scope::EVERY.iter().all(|scope| Role::Owner.scopes().permit(*scope)));
    }

    #[test]
    fn roles_carry_the_scopes_that_the_design_names() {
        let table = Role::EVERY
            .iter()
            .map(|role| format!("{role}: {}", role.scopes().to_strings().join(" ")))
            .collect::<Vec<_>>()
            .join("\n");
        insta::assert_snapshot!(table, @r"
        owner: *
        admin: read:byok write:byok use:gateway read:usage read:audit write:projects write:settings write:tokens write:members write:limits
        member: read:byok write:byok read:usage
        viewer: read:byok read:usage
        ");
    }
}
