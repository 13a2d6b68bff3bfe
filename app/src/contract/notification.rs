//! What people are told of, as pages show it.

use super::{LinkView, Moment};
use serde::{Deserialize, Serialize};

/// How much it matters that somebody looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Calls fail, or will: somebody has to do something.
    Alarm,
    /// Calls pass, but not as they should.
    Warning,
    /// Good to know.
    Info,
}

/// One notification: one thing that happened, or many alike within a few minutes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NotificationView {
    /// Its id.
    pub id: String,
    /// What kind it is of: `key.unhealthy`, …
    pub kind: String,
    /// How much it matters.
    pub urgency: Urgency,
    /// What happened, as a short sentence without a full stop.
    pub title: String,
    /// What it means, and what to do; perhaps empty.
    pub text: String,
    /// When it last happened.
    pub happened_at: Moment,
    /// Whether this person has not seen it.
    pub is_new: bool,
    /// Where something can be done about it.
    pub link: Option<LinkView>,
}

/// The Notifications page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationsView {
    /// How many this person has not seen.
    pub unread: u32,
    /// What `read_notifications` is sent to mark everything here as seen; empty when there is nothing.
    pub read_to: String,
    /// The notifications, the newest first.
    pub notifications: Vec<NotificationView>,
    /// What `notifications` is sent for the page after this one; `None` on the last.
    pub older: Option<String>,
}

/// What the bell shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct UnreadView {
    /// How many notifications this person has not seen.
    pub unread: u32,
}

/// Which notifications reach a person, and which the people of the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationChoicesView {
    /// The organization's id, sent along with its form: in another tab the session may have turned to another one.
    pub organization_id: String,
    /// The address that mail goes to.
    pub email: String,
    /// Whether this Latchkey sends mail at all.
    pub sends_mail: bool,
    /// Whether this person may choose for the organization (`write:settings`).
    pub can_write: bool,
    /// Whether this person chose anything that the organization did not.
    pub has_own: bool,
    /// Every kind that this person may be told of.
    pub kinds: Vec<KindChoiceView>,
}

/// One kind of notification, and whom it reaches how.
#[expect(
    clippy::struct_excessive_bools,
    reason = "two ways, for a person and the organization"
)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindChoiceView {
    /// `key.unhealthy`, …; what forms send.
    pub kind: String,
    /// What people call it: `Key stopped working`.
    pub name: String,
    /// When it is sent, in a sentence.
    pub meaning: String,
    /// Whether this person's bell shows it.
    pub bell: bool,
    /// Whether this person is mailed.
    pub mail: bool,
    /// Whether the bell shows it to whoever chose nothing.
    pub organization_bell: bool,
    /// Whether owners and admins who chose nothing are mailed.
    pub organization_mail: bool,
}

/// What the link at the end of a mail leads to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsubscribeView {
    /// What the mails are about, as a name: `Key stopped working`; `None` when the link does not work.
    pub name: Option<String>,
    /// The organization's name; empty when the link does not work.
    pub organization: String,
    /// Whether these mails are ended already.
    pub is_done: bool,
}
