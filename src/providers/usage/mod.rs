//! Reading usage beside an answer as it passes.
//!
//! A [`Meter`] sees the bytes of one answer on their way to the client. It keeps none of them, but for the
//! tail of an unfinished event; it never changes one, but for a usage chunk that only the gateway asked for.
//! The providers' ways to report usage stand in a file each; the facts are from the providers' public API
//! descriptions, `pydantic/genai-prices` and the threads named there.

mod account_state;
mod anthropic;
mod cohere;
pub(crate) mod decimal;
mod dialect;
mod document;
mod events;
mod gemini;
mod members;
mod numbers;
mod openai_chat;
mod openai_responses;
mod openai_usage;
mod request;
#[cfg(test)]
mod tests;
mod text;

pub use account_state::names_account_state;
pub use request::{Edits, RequestError, RequestFacts};

use crate::domain::{MicroDollars, TokenCounts};
use crate::providers::UsageShape;
use bytes::Bytes;
use dialect::{Dialect, dialect};
use document::Document;
use events::Events;

/// What was read of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metered {
    /// The model that answered, in the provider's words.
    pub model: Option<String>,
    /// The provider's counts; of a stream that broke off, the last that came.
    pub tokens: TokenCounts,
    /// What the provider says the call cost.
    pub reported_cost: Option<MicroDollars>,
    /// Bytes of answer text in a stream, or of the whole body: for an estimate where no counts came.
    pub text_bytes: u64,
    /// Whether the provider reported counts. Those of an answer that is not `finished` may be partial.
    pub has_usage: bool,
    /// Whether the provider's end mark, or the whole body, was seen.
    pub finished: bool,
    /// Whether an error came inside an answer that began well.
    pub stream_error: bool,
}

/// Reads an answer beside its way to the client.
pub struct Meter {
    reading: Reading,
    read: Metered,
}

/// What a meter expects.
enum Reading {
    /// Server-sent events.
    Events(Events, &'static dyn Dialect),
    /// One JSON document.
    Document(Document, &'static dyn Dialect),
    /// Nothing that could be read.
    Nothing,
}

impl Meter {
    /// `streamed`: the content type is `text/event-stream`. `withholds`: the usage chunk was asked for by us,
    /// not by the client.
    #[must_use]
    pub fn new(shape: UsageShape, streamed: bool, withholds: bool) -> Self {
        let reading = match dialect(shape) {
            Some(dialect) if streamed => Reading::Events(Events::new(withholds), dialect),
            Some(dialect) => Reading::Document(Document::new(dialect.members()), dialect),
            None => Reading::Nothing,
        };
        Self {
            reading,
            read: Metered::default(),
        }
    }

    /// Looks at a chunk; what comes back goes to the client: the same bytes, uncopied, except where a usage
    /// chunk is withheld.
    pub fn pass(&mut self, chunk: Bytes) -> Bytes {
        let Self { reading, read } = self;
        match reading {
            Reading::Events(events, dialect) => events.pass(chunk, *dialect, read),
            Reading::Document(document, dialect) => {
                document.pass(&chunk, *dialect, read);
                chunk
            }
            Reading::Nothing => {
                read.text_bytes += chunk.len() as u64;
                chunk
            }
        }
    }

    /// The answer ended well; what was held back, if anything. Not to be called for an answer that broke off.
    pub fn end(&mut self) -> Bytes {
        let Self { reading, read } = self;
        match reading {
            Reading::Events(events, dialect) => {
                read.finished |= dialect.ends_without_mark();
                events.end(*dialect, read)
            }
            Reading::Document(..) | Reading::Nothing => {
                read.finished = true;
                Bytes::new()
            }
        }
    }

    /// What was read so far.
    pub fn metered(&mut self) -> Metered {
        self.read.clone()
    }
}
