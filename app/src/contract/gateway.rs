//! How calls through the gateway are served, as the settings page and the checklist show it.

use serde::{Deserialize, Serialize};

/// What a project decided about its calls.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch on the page, or whether the page has switches"
)]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewaySettingsView {
    /// Whether it may be changed by this person (`write:settings`).
    pub can_write: bool,
    /// Whether the operator lets the organization use platform keys. Where not, both policies hold
    /// as `fail`, whatever was chosen.
    pub operator_allows: bool,
    /// When there is no key, or it is switched off: `platform` or `fail`.
    pub on_missing: String,
    /// When the key is refused, or its quota is spent: `platform` or `fail`.
    pub on_failure: String,
    /// Whether the rest of a provider's API is open, beyond calling models.
    pub opens_all_paths: bool,
    /// Whether usage is asked for in streams that do not ask for it.
    pub adds_stream_usage: bool,
}

/// The way to a project's first call, while it is not gone to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistView {
    /// Whether a provider key is there and switched on.
    pub has_key: bool,
    /// Whether a token is there that may call models.
    pub has_token: bool,
    /// Whether a call has arrived.
    pub has_call: bool,
    /// A call to try it with; `$LATCHKEY_TOKEN` stands for the token.
    pub curl: String,
}
