//! A point in time, ready to be shown.

use serde::{Deserialize, Serialize};

/// A point in time in the three forms that a page shows it in, made on the server so that both
/// halves of a page say the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Moment {
    /// RFC 3339, for `<time datetime>`.
    pub iso: String,
    /// `2 min ago`, `in 3 h`.
    pub relative: String,
    /// `2026-11-21 14:02 UTC`, for hover and focus.
    pub exact: String,
}
