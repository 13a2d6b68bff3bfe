//! A person's own account, as their profile shows it.

use super::Moment;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The Profile page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileView {
    /// The person's address.
    pub email: String,
    /// Where codes are asked for: since when, and how many recovery codes are left.
    pub second_factor: Option<(Moment, u32)>,
    /// The person's sessions, the one used last first.
    pub sessions: Vec<OwnSessionView>,
}

/// One of the person's sessions.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct OwnSessionView {
    /// The session's id; not what is in the cookie.
    pub id: String,
    /// What they signed in with, such as `Firefox on Linux`.
    pub device: String,
    /// Where from; empty where it is not known.
    pub address: String,
    /// When they signed in.
    pub created_at: Moment,
    /// When it was last used.
    pub last_used_at: Moment,
    /// Whether it is the one that asks.
    pub is_own: bool,
}

/// How the person's second factor is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondFactorView {
    /// There is none.
    Off,
    /// Its first code is still to come.
    Begun(EnrolmentView),
    /// Codes are asked for.
    On {
        /// Since when.
        since: Moment,
        /// How many recovery codes are left.
        codes_left: u32,
    },
}

/// What an authenticator app is to be told. Shown only until its first code is here.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolmentView {
    /// The secret, in groups of four.
    pub secret: String,
    /// The same as an address, which apps on this device open.
    pub address: String,
    /// The same as a picture.
    pub qr: QrView,
}

impl fmt::Debug for EnrolmentView {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("EnrolmentView(…)")
    }
}

/// A QR code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QrView {
    /// How many squares it has on a side, its quiet border included.
    pub side: u32,
    /// The dark squares, as the path of an SVG whose squares are one unit wide.
    pub path: String,
}

/// Recovery codes just made, shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryCodes {
    /// The codes, each good for one sign-in.
    pub codes: Vec<String>,
}

impl fmt::Debug for RecoveryCodes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RecoveryCodes({})", self.codes.len())
    }
}
