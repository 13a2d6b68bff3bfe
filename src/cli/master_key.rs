//! `latchkey master-key generate`

use super::{Outcome, output};
use crate::domain::SystemRandom;
use crate::vault::MasterKey;
use secrecy::ExposeSecret;

/// Prints a new master key and nothing else.
pub(super) fn generate() -> Outcome {
    let key = MasterKey::generate(&SystemRandom).to_base64();
    Ok(output::line(key.expose_secret())?)
}
