//! Webhooks, as pages show them.

use super::{Moment, OptionView};
use serde::{Deserialize, Serialize};

/// The Webhooks page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhooksView {
    /// The organization's id, sent along with forms: in another tab the session may have turned to another one.
    pub organization_id: String,
    /// The kinds that can be chosen: what forms send, and what people call it.
    pub kinds: Vec<OptionView>,
    /// The webhooks, the oldest first.
    pub webhooks: Vec<WebhookView>,
}

/// How a webhook is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WebhookStatus {
    /// Nothing was sent to it yet.
    Unused,
    /// It took the last message.
    Working,
    /// It did not take the last message, which is tried again or was given up.
    Failing,
    /// It is switched off.
    Off,
}

/// An address that is told of what happens.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WebhookView {
    /// Its id.
    pub id: String,
    /// Where messages go.
    pub url: String,
    /// What people call it; perhaps empty.
    pub description: String,
    /// The kinds that it is told of, as forms send them; empty for every kind.
    pub kinds: Vec<String>,
    /// Whether it is switched on.
    pub is_active: bool,
    /// How it is.
    pub status: WebhookStatus,
    /// What is wrong and what to do, in sentences; empty unless it fails, or was switched off by itself.
    pub problem: String,
    /// When something was last sent.
    pub last_sent_at: Option<Moment>,
    /// When it was made.
    pub created_at: Moment,
    /// Who made it.
    pub created_by: String,
    /// Until when messages are also signed with the secret before; `None` when there is only one.
    pub old_secret_until: Option<Moment>,
    /// Sent along when it is changed, so that nobody's change is overwritten unseen.
    pub row_version: i64,
}

/// One webhook's page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookDetailView {
    /// The organization's id, sent along with forms.
    pub organization_id: String,
    /// The webhook.
    pub webhook: WebhookView,
    /// The kinds that can be chosen.
    pub kinds: Vec<OptionView>,
    /// How long the old secret may go on signing after a rotation, the shortest first; the value is what forms send.
    pub overlaps: Vec<OptionView>,
    /// What was sent or is about to be, the newest first.
    pub deliveries: Vec<DeliveryView>,
    /// What `webhook` is sent for the page after this one; `None` on the last.
    pub older: Option<String>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// It waits to be sent, perhaps again.
    Waiting,
    /// The receiver took it.
    Delivered,
    /// It was given up after a day, or because the webhook is gone or off.
    GivenUp,
}

/// A message to a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DeliveryView {
    /// The delivery's id.
    pub id: String,
    /// The message's own id, the same on every try: `webhook-id`.
    pub message_id: String,
    /// What it tells of: `key.unhealthy`, …
    pub kind: String,
    /// When it was made.
    pub created_at: Moment,
    /// What became of it.
    pub status: DeliveryStatus,
    /// When it is tried next.
    pub next_attempt_at: Option<Moment>,
    /// The tries, the newest first.
    pub attempts: Vec<AttemptView>,
    /// What is sent, as JSON in lines.
    pub payload: String,
}

/// One try to deliver a message.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AttemptView {
    /// When.
    pub at: Moment,
    /// How long it took, in milliseconds.
    pub milliseconds: u32,
    /// The receiver's status; `None` when none came.
    pub status: Option<u16>,
    /// The beginning of the receiver's answer, or why there is none.
    pub answer: String,
}

/// A webhook's secret, just made; shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebhookSecret {
    /// The webhook's id.
    pub id: String,
    /// Where messages go.
    pub url: String,
    /// `whsec_…`: what the receiver verifies signatures with.
    pub secret: String,
    /// Until when messages are also signed with the secret before.
    pub old_secret_until: Option<Moment>,
}

impl std::fmt::Debug for WebhookSecret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("WebhookSecret")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}
