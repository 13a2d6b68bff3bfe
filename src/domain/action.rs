//! What people do in an organization, and which roles may: the table that the Members page shows, made from the same
//! scopes that the services ask for.

use super::{Role, Scope};

/// Something that people do in an organization.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Action {
    /// What it is, as the table says it.
    pub words: &'static str,
    /// What it needs besides belonging to the organization.
    pub scope: Option<Scope>,
}

/// Every action. What needs [`Scope::All`] is for owners only.
pub const ACTIONS: &[Action] = &[
    Action::new("See the organization's projects and members, and leave it", None),
    Action::new(
        "See provider keys and whether they work, never the keys themselves",
        Some(Scope::ReadByok),
    ),
    Action::new("See calls, usage and cost", Some(Scope::ReadUsage)),
    Action::new(
        "Add, replace, test, disable, delete and restore provider keys",
        Some(Scope::WriteByok),
    ),
    Action::new("Create and rename projects", Some(Scope::WriteProjects)),
    Action::new(
        "Decide how calls are answered when a key cannot serve; stop calls",
        Some(Scope::WriteSettings),
    ),
    Action::new(
        "Create and revoke tokens, with no more scopes than their own",
        Some(Scope::WriteTokens),
    ),
    Action::new("See who did what", Some(Scope::ReadAudit)),
    Action::new(
        "Invite, change and remove admins, members and viewers",
        Some(Scope::WriteMembers),
    ),
    Action::new("Invite, change and remove owners", Some(Scope::All)),
    Action::new("Erase a provider key for good before its time", Some(Scope::All)),
];

impl Action {
    const fn new(words: &'static str, scope: Option<Scope>) -> Self {
        Self { words, scope }
    }

    /// Whether people of this role may do it.
    #[must_use]
    pub fn is_open_to(&self, role: Role) -> bool {
        self.scope.is_none_or(|scope| role.scopes().permit(scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write;

    #[test]
    fn the_table_of_roles_and_actions_is_known() {
        let mut table = format!("{:<72}", "");
        for role in Role::EVERY {
            write!(table, "{:<8}", role.as_str()).unwrap();
        }
        for action in ACTIONS {
            write!(table, "\n{:<72}", action.words).unwrap();
            for role in Role::EVERY {
                let may = if action.is_open_to(*role) { "yes" } else { "-" };
                write!(table, "{may:<8}").unwrap();
            }
        }
        let table: Vec<_> = table.lines().map(str::trim_end).collect();
        insta::assert_snapshot!(table.join("\n"));
    }

    #[test]
    fn every_scope_stands_in_the_table() {
        // Calls of models come with tokens, never with a session; limits are not there yet.
        let elsewhere = [Scope::UseGateway, Scope::WriteLimits];
        for scope in Scope::EVERY.iter().filter(|scope| !elsewhere.contains(scope)) {
            let is_listed = ACTIONS.iter().any(|action| action.scope == Some(*scope));
            assert!(is_listed, "{scope}");
        }
    }

    #[test]
    fn a_mightier_role_may_do_all_that_a_lesser_one_may() {
        for roles in Role::EVERY.windows(2) {
            for action in ACTIONS {
                assert!(
                    action.is_open_to(roles[0]) || !action.is_open_to(roles[1]),
                    "{}",
                    action.words
                );
            }
        }
    }
}
