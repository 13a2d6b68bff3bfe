//! What a notification says, and how urgently: a title, what it means and what to do, and where that is done.

use crate::domain::{NotificationKind, ProjectId, Urgency};
use crate::providers;
use crate::service::audit::Event;
use crate::service::{keys, locks};
use crate::store::notifications::Notification;
use crate::store::{OrgTx, StoreError, organizations, projects};
use std::collections::HashMap;

/// A project by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedProject {
    /// The project.
    pub id: ProjectId,
    /// As addresses say it.
    pub slug: String,
    /// As people say it.
    pub name: String,
}

/// What an organization's things are called.
pub(crate) struct Names {
    pub(crate) organization: String,
    projects: HashMap<ProjectId, NamedProject>,
}

impl Names {
    pub(crate) async fn load(tx: &mut OrgTx) -> Result<Self, StoreError> {
        let projects = projects::list(tx).await?.into_iter().map(|project| NamedProject {
            id: project.id,
            slug: project.slug.to_string(),
            name: project.name,
        });
        Ok(Self {
            projects: projects.map(|project| (project.id, project)).collect(),
            organization: organizations::name(tx).await?.unwrap_or_default(),
        })
    }

    /// For what is about no project, and shown on a project's page.
    pub(crate) fn first_project(&self) -> Option<ProjectId> {
        self.projects
            .values()
            .min_by(|one, other| one.name.cmp(&other.name))
            .map(|project| project.id)
    }

    pub(crate) fn project(&self, id: ProjectId) -> Option<&NamedProject> {
        self.projects.get(&id)
    }
}

/// What a notification says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// What happened, as a short sentence without a full stop.
    pub title: String,
    /// What it means, and what to do.
    pub text: String,
    /// The page where something can be done, from the root on.
    pub path: String,
    /// What to do there, as on a button.
    pub action: &'static str,
    /// How much it matters that somebody looks.
    pub urgency: Urgency,
}

impl Words {
    pub(crate) fn of(notification: &Notification, names: &Names) -> Self {
        let subject = Subject { notification, names };
        let (title, text) = match notification.kind {
            NotificationKind::KeyUnhealthy => subject.unhealthy(),
            NotificationKind::KeyExhausted => subject.exhausted(),
            NotificationKind::KeyRecovered => subject.recovered(),
            NotificationKind::KeyFellBack => subject.fell_back(),
            NotificationKind::RotationUndone => subject.rotation_undone(),
            NotificationKind::KeyUnreadable => subject.unreadable(),
            NotificationKind::KeyNeglected => subject.neglected(),
            NotificationKind::TokenExpiring => subject.token_expiring(),
            NotificationKind::CallsLocked => subject.calls_locked(),
            NotificationKind::MembersChanged => subject.members_changed(),
            NotificationKind::WebhookFailing => subject.webhook_failing(),
        };
        let (path, action) = subject.place();
        Self {
            title,
            text,
            path,
            action,
            urgency: subject.urgency(),
        }
    }
}

struct Subject<'told> {
    notification: &'told Notification,
    names: &'told Names,
}

impl Subject<'_> {
    fn detail(&self, name: &str) -> &str {
        self.notification.details[name].as_str().unwrap_or_default()
    }

    fn provider(&self) -> &str {
        providers::name_of(self.detail("provider"))
    }

    /// The only project that this is about.
    fn project(&self) -> Option<&NamedProject> {
        match self.notification.projects[..] {
            [only] => self.names.project(only),
            _ => None,
        }
    }

    /// As its kind; but that calls pass again is no alarm.
    fn urgency(&self) -> Urgency {
        if self.is_unlocking() {
            Urgency::Info
        } else {
            self.notification.kind.urgency()
        }
    }

    fn is_unlocking(&self) -> bool {
        self.notification.event == Event::CallsUnlocked.as_str()
    }

    fn is_single(&self) -> bool {
        self.notification.targets <= 1
    }

    /// `14 keys of 3 projects`, `2 keys of Chat`
    fn keys(&self) -> String {
        let count = self.notification.targets;
        let of = match (self.project(), self.notification.projects.len()) {
            (Some(project), _) => format!(" of {}", project.name),
            (None, 0) => String::new(),
            (None, projects) => format!(" of {projects} projects"),
        };
        format!("{count} keys{of}")
    }

    /// `in the last 5 minutes`, as of the last event.
    fn within(&self) -> String {
        let minutes = (self.notification.last_at - self.notification.opened_at).whole_minutes() + 1;
        if minutes == 1 {
            "within a minute".to_owned()
        } else {
            format!("within {minutes} minutes")
        }
    }

    /// `the key sk-...f3Qz of Chat`
    fn key(&self) -> String {
        let key = keys::shown(self.detail("name"), self.detail("redacted"));
        let of = self.project().map(|project| format!(" of {}", project.name));
        format!("the key {key}{}", of.unwrap_or_default())
    }

    /// The provider's own words, where it said any.
    fn said(&self) -> String {
        match self.detail("message") {
            "" => String::new(),
            message => format!("{} said: {message}\n", self.provider()),
        }
    }

    fn unhealthy(&self) -> (String, String) {
        let provider = self.provider();
        if self.is_single() {
            let text =
                "Calls that need it fail, or fall back to the platform key where that is allowed. Replace the key.";
            (
                format!("{provider} refuses {}", self.key()),
                format!("{}{text}", self.said()),
            )
        } else {
            let text = "So many at once may mean that the account behind them was blocked, or that the provider is at \
                        fault. Replace the keys, or ask the provider.";
            (
                format!("{} refused by {provider} {}", self.keys(), self.within()),
                format!("{}{text}", self.said()),
            )
        }
    }

    fn exhausted(&self) -> (String, String) {
        let provider = self.provider();
        let text = "Calls that need it fail, or fall back to the platform key where that is allowed, until there is \
                    credit again. Add credit at the provider, or raise the limit there.";
        let title = if self.is_single() {
            format!("{provider}: the credit of {} is used up", self.key())
        } else {
            format!(
                "{provider}: the credit of {} was used up {}",
                self.keys(),
                self.within()
            )
        };
        (title, format!("{}{text}", self.said()))
    }

    fn recovered(&self) -> (String, String) {
        let provider = self.provider();
        let title = if self.is_single() {
            format!("{provider} accepts {} again", self.key())
        } else {
            format!("{} accepted by {provider} again {}", self.keys(), self.within())
        };
        (title, "Calls use it as before. Nothing has to be done.".to_owned())
    }

    fn fell_back(&self) -> (String, String) {
        let provider = self.provider();
        let of = self.project().map_or_else(
            || format!("{} projects", self.notification.projects.len()),
            |project| project.name.clone(),
        );
        let reason = match self.detail("reason") {
            "key_disabled" => "Its own key is switched off.",
            "key_exhausted" => "The credit of its own key is used up.",
            "key_rate_limited" => "Its own key has made too many calls.",
            _ => "The provider refuses its own key.",
        };
        (
            format!("Calls of {of} to {provider} use the platform key"),
            format!("{reason} The calls pass, and are charged as the operator's. See to the key to end that."),
        )
    }

    fn rotation_undone(&self) -> (String, String) {
        let provider = self.provider();
        let of = self.project().map_or("a project", |project| &project.name);
        let text = format!(
            "{provider} does not accept {} any more, which had just taken over.\n{}The key before it, {}, works still, \
             and serves again: no call has to be changed. Bring another key before that one is ended at the provider.",
            self.key(),
            self.said(),
            self.detail("restored_key"),
        );
        let title = if self.is_single() {
            format!("{provider}: the new key of {of} was taken back")
        } else {
            format!("{provider}: {} were taken back {}", self.keys(), self.within())
        };
        (title, text)
    }

    fn unreadable(&self) -> (String, String) {
        let provider = self.provider();
        let title = if self.is_single() {
            format!("A stored {provider} key cannot be opened")
        } else {
            format!("{} stored {provider} keys cannot be opened", self.notification.targets)
        };
        let text = "Somebody altered it in the database, or moved it there from elsewhere. Calls that need it fail, and \
                    do not fall back. Tell whoever operates this Latchkey, and replace the key.";
        (title, text.to_owned())
    }

    fn neglected(&self) -> (String, String) {
        if !self.is_single() {
            return (
                format!("{} are in use but nobody uses or can check them", self.keys()),
                "Keys that nobody needs are best switched off, and ended at the provider.".to_owned(),
            );
        }
        let provider = self.provider();
        if self.detail("neglect") == "unprobed" {
            let text =
                "Whether it works is not known. See whether the provider can be reached from here, and test the key.";
            return (
                format!("{provider}: {} could not be checked for a week", self.key()),
                text.to_owned(),
            );
        }
        (
            format!("{provider}: no call has used {} for 90 days", self.key()),
            "If nobody needs it, switch it off or delete it, and end it at the provider.".to_owned(),
        )
    }

    fn token_expiring(&self) -> (String, String) {
        let text = "Programs that use it are refused from then on. Rotate it: the old one goes on working for a while.";
        let title = if self.is_single() {
            let (name, day) = (self.detail("name"), self.detail("expires_on"));
            format!("The token “{name}” ends on {day}")
        } else {
            format!("{} tokens end soon", self.notification.targets)
        };
        (title, text.to_owned())
    }

    fn calls_locked(&self) -> (String, String) {
        let provider = Some(self.detail("provider")).filter(|slug| !slug.is_empty());
        let calls = locks::covers(provider, self.project().map(|project| project.name.as_str()));
        let reason = match self.detail("reason") {
            "" => String::new(),
            reason => format!("Reason: {reason}\n"),
        };
        if self.is_unlocking() {
            return (
                format!("{calls} pass again"),
                format!("{reason}Somebody undid the lock."),
            );
        }
        (
            format!("{calls} are locked"),
            format!("{reason}No call passes, with any key, until somebody unlocks them."),
        )
    }

    fn members_changed(&self) -> (String, String) {
        if self.notification.items > 1 {
            return (
                format!("{} changes of members {}", self.notification.items, self.within()),
                String::new(),
            );
        }
        let email = self.detail("email");
        let title = match self.notification.event.as_str() {
            "member.joined" => format!("{email} joined as {}", self.detail("role")),
            "member.left" => format!("{email} left"),
            "member.removed" => format!("{email} was removed"),
            _ => format!("{email} is {} now, and was {}", self.detail("to"), self.detail("from")),
        };
        (title, String::new())
    }

    fn webhook_failing(&self) -> (String, String) {
        (
            format!("The webhook at {} does not take its messages", self.detail("origin")),
            "They were tried for a day and given up. Its page shows what it answered, and sends them again.".to_owned(),
        )
    }

    /// Where something can be done, and what.
    fn place(&self) -> (String, &'static str) {
        let in_project = |page: &str| match self.project() {
            Some(project) => format!("/projects/{}/{page}", project.slug),
            None => "/".to_owned(),
        };
        match self.notification.kind {
            NotificationKind::TokenExpiring => (in_project("tokens"), "Rotate the token"),
            NotificationKind::CallsLocked => ("/organization".to_owned(), "See what is locked"),
            NotificationKind::MembersChanged => ("/members".to_owned(), "See the members"),
            NotificationKind::WebhookFailing => (
                format!("/webhooks/{}", self.notification.target),
                "See what it answered",
            ),
            _ => {
                let card = format!("keys#provider-{}", self.detail("provider"));
                (in_project(&card), "See the keys")
            }
        }
    }
}
