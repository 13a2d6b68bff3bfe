//! Looks for pieces of secrets in whatever was seen, for all secrets in one pass.

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use std::collections::{HashMap, HashSet};
use std::fmt::Write;

/// How long a piece of a secret must be to give it away.
const PIECE: usize = 12;

/// What was seen, by where.
pub(super) type Seen = Vec<(String, Vec<u8>)>;

/// A secret that nothing else looks like.
pub(super) struct Canary {
    /// The whole of it.
    pub(super) text: String,
    /// Where what is random of it begins; the last four characters may be shown.
    pub(super) prefix: usize,
}

impl Canary {
    /// Every piece of it as it may turn up: as it is in any case, in base64 at any alignment, or in hex.
    fn pieces(&self) -> Vec<String> {
        let middle = &self.text[self.prefix..self.text.len() - 4];
        let windows = (0..=middle.len() - PIECE).map(|at| &middle[at..at + PIECE]);
        let mut pieces = Vec::new();
        for piece in windows {
            // Lower-cased base64 may match by chance once in 32^12; that is never.
            pieces.push(piece.to_lowercase());
            pieces.push(hex(piece.as_bytes()));
            for shift in 0..3 {
                let encoded = BASE64_STANDARD_NO_PAD.encode(&piece.as_bytes()[shift..]);
                pieces.push(encoded[..encoded.len() - 2].to_lowercase());
            }
        }
        pieces
    }
}

/// Where a piece of a secret stands: one line for each secret and place.
pub(super) fn hits(canaries: &[Canary], seen: &Seen) -> Vec<String> {
    // No piece is shorter than this, so each is found by how it begins.
    let mut pieces: HashMap<[u8; PIECE], Vec<(usize, Vec<u8>)>> = HashMap::new();
    for (number, canary) in canaries.iter().enumerate() {
        for piece in canary.pieces() {
            let piece = piece.into_bytes();
            let beginning = *piece.first_chunk().unwrap();
            pieces.entry(beginning).or_default().push((number, piece));
        }
    }
    let mut lines = Vec::new();
    for (place, bytes) in seen {
        let bytes = bytes.to_ascii_lowercase();
        let mut found = HashSet::new();
        for (at, window) in bytes.windows(PIECE).enumerate() {
            let Some(candidates) = pieces.get(window) else { continue };
            let those = candidates.iter().filter(|(_, piece)| bytes[at..].starts_with(piece));
            for (number, _) in those {
                if found.insert(*number) {
                    let around = &bytes[at.saturating_sub(200)..(at + 40).min(bytes.len())];
                    let Canary { text, prefix } = &canaries[*number];
                    let around = String::from_utf8_lossy(around);
                    lines.push(format!("{}…: {place}: {around}", &text[..*prefix]));
                }
            }
        }
    }
    lines
}

/// The bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}
