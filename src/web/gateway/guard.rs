//! The key never reaches a caller, should a provider quote it in an answer.

use bytes::{Bytes, BytesMut};
use memchr::memmem::Finder;
use std::sync::Arc;

/// Shown in a key's place.
const MASK: u8 = b'*';

/// Looks for a key in an answer's bytes as they pass, and masks it. What passes is not copied otherwise.
#[derive(Debug)]
pub(super) struct Guard {
    secret: Arc<Finder<'static>>,
    /// The end of what came so far, where it may be the beginning of the key.
    held: Bytes,
}

impl Guard {
    pub(super) const fn new(secret: Arc<Finder<'static>>) -> Self {
        Self {
            secret,
            held: Bytes::new(),
        }
    }

    /// What may go on of a chunk and of what was held before it.
    pub(super) fn pass(&mut self, chunk: Bytes) -> Bytes {
        let mut bytes = if self.held.is_empty() {
            chunk
        } else {
            let mut joined = BytesMut::from(&self.held[..]);
            joined.extend_from_slice(&chunk);
            self.held = Bytes::new();
            joined.freeze()
        };
        if self.secret.find(&bytes).is_some() {
            bytes = self.masked(&bytes);
        }
        let held = self.beginning_at_the_end(&bytes);
        self.held = bytes.split_off(bytes.len() - held);
        bytes
    }

    /// What was held, when nothing follows it.
    pub(super) fn end(&mut self) -> Bytes {
        std::mem::take(&mut self.held)
    }

    fn masked(&self, bytes: &[u8]) -> Bytes {
        let mut masked = bytes.to_vec();
        let length = self.secret.needle().len();
        for at in self.secret.find_iter(bytes) {
            masked[at..at + length].fill(MASK);
        }
        masked.into()
    }

    /// How many bytes at the end may be the beginning of the key.
    fn beginning_at_the_end(&self, bytes: &[u8]) -> usize {
        let secret = self.secret.needle();
        let Some(first) = secret.first() else { return 0 };
        let from = bytes.len().saturating_sub(secret.len().saturating_sub(1));
        let end = bytes.get(from..).unwrap_or_default();
        memchr::memchr_iter(*first, end)
            .find(|at| secret.starts_with(&end[*at..]))
            .map_or(0, |at| end.len() - at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRET: &str = "sk-fake-0123456789";

    fn through(chunks: &[&[u8]]) -> Vec<u8> {
        let mut guard = Guard::new(Arc::new(Finder::new(SECRET)));
        let mut out = Vec::new();
        for chunk in chunks {
            out.extend_from_slice(&guard.pass(Bytes::copy_from_slice(chunk)));
        }
        out.extend_from_slice(&guard.end());
        out
    }

    #[test]
    fn what_holds_no_key_passes_uncopied() {
        let mut guard = Guard::new(Arc::new(Finder::new(SECRET)));
        let chunk = Bytes::from_static(b"data: {\"content\":\"hello\"}\n\n");
        let passed = guard.pass(chunk.clone());
        assert_eq!(passed.as_ptr(), chunk.as_ptr());
    }

    proptest! {
        #[test]
        fn no_way_of_cutting_an_answer_lets_the_key_through(
            before in "[a-z s]{0,40}", after in "[a-z s]{0,40}", cuts in prop::collection::vec(0_usize..120, 0..8)
        ) {
            let whole = format!("{before}{SECRET}{after}{SECRET}");
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(whole.len())).collect();
            cuts.sort_unstable();
            let mut chunks = Vec::new();
            let mut from = 0;
            for cut in cuts.into_iter().chain([whole.len()]) {
                chunks.push(&whole.as_bytes()[from..cut]);
                from = cut;
            }
            let mask = "*".repeat(SECRET.len());
            prop_assert_eq!(through(&chunks), format!("{before}{mask}{after}{mask}").into_bytes());
        }
    }
}
