//! What a hostile provider may do, and what a caller gets then.

use super::upstream::{Seen, Step};
use super::{bodies, contents, heads, refusals};
use std::time::Duration;

/// One way to misbehave.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) name: &'static str,
    pub(super) ends: Ends,
    plays: Plays,
}

/// What is sent.
#[derive(Debug)]
enum Plays {
    /// Whatever it is.
    Steps(fn(&Seen) -> Vec<Step>),
    /// A good head and this body.
    Body(fn(&Seen) -> Vec<u8>),
}

/// What a caller gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Ends {
    /// The provider's answer with this status, whole.
    Given(u16),
    /// An error of Latchkey's own.
    Refused(u16, &'static str),
    /// The provider's answer as far as it came; then a stream has an error event with this code, and anything else
    /// breaks off.
    Cut(&'static str),
}

/// The provider did not go on in time.
pub(super) const LATE: &str = "upstream_timeout";
/// The provider broke off, or sent what is no HTTP.
pub(super) const BROKEN: &str = "upstream_unreachable";

/// Every one.
pub(super) fn every() -> impl Iterator<Item = &'static Script> {
    [heads::SCRIPTS, bodies::SCRIPTS, contents::SCRIPTS, refusals::SCRIPTS]
        .into_iter()
        .flatten()
}

/// The one of that name.
pub(super) fn find(name: &str) -> &'static Script {
    every()
        .chain(refusals::OF_THE_KEY)
        .find(|script| script.name == name)
        .unwrap()
}

impl Script {
    pub(super) const fn new(name: &'static str, ends: Ends, steps: fn(&Seen) -> Vec<Step>) -> Self {
        let plays = Plays::Steps(steps);
        Self { name, ends, plays }
    }

    /// A good head and this body, which passes.
    pub(super) const fn saying(name: &'static str, body: fn(&Seen) -> Vec<u8>) -> Self {
        Self {
            name,
            ends: Ends::Given(200),
            plays: Plays::Body(body),
        }
    }

    /// Whether it sends little, and is mostly waited for.
    pub(super) fn waits(&self) -> bool {
        contents::SCRIPTS.iter().all(|script| script.name != self.name)
    }

    pub(super) fn steps(&self, seen: &Seen) -> Vec<Step> {
        match self.plays {
            Plays::Steps(steps) => steps(seen),
            Plays::Body(body) => vec![Step::Send(answer(seen, body(seen)))],
        }
    }
}

impl Step {
    pub(super) fn send(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Send(bytes.into())
    }

    pub(super) fn drip(bytes: impl Into<Vec<u8>>, milliseconds: u64) -> Self {
        Self::Drip(bytes.into(), Duration::from_millis(milliseconds))
    }

    pub(super) fn forever(bytes: impl Into<Vec<u8>>, milliseconds: u64) -> Self {
        Self::Forever(bytes.into(), Duration::from_millis(milliseconds))
    }
}

impl Seen {
    /// The head of a good answer, up to these further lines. It says that nothing follows on its connection: who
    /// sends a call just when the other side hangs up cannot know what became of it.
    pub(super) fn head(&self, lines: &str) -> String {
        self.staying_head(&format!("connection: close\r\n{lines}"))
    }

    /// The same without that.
    pub(super) fn staying_head(&self, lines: &str) -> String {
        let kind = if self.streams {
            "text/event-stream"
        } else {
            "application/json"
        };
        format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\n{lines}\r\n")
    }

    /// The same, of a body in chunks.
    pub(super) fn chunked_head(&self) -> String {
        self.head("transfer-encoding: chunked\r\n")
    }

    /// A good body, in the shape of this provider.
    pub(super) fn body(&self) -> String {
        self.body_saying("fine")
    }

    /// The same, saying this.
    pub(super) fn body_saying(&self, text: &str) -> String {
        if self.streams {
            self.event(text) + self.end()
        } else {
            self.whole(text)
        }
    }

    fn whole(&self, text: &str) -> String {
        match self.provider.as_str() {
            "anthropic" => format!(
                "{{\"type\":\"message\",\"role\":\"assistant\",\"content\":[{{\"type\":\"text\",\"text\":\"{text}\"}}],\
                 \"model\":\"m\",\"stop_reason\":\"end_turn\",\"usage\":{{\"input_tokens\":1,\"output_tokens\":1}}}}"
            ),
            "gemini" => format!(
                "{{\"candidates\":[{{\"content\":{{\"parts\":[{{\"text\":\"{text}\"}}],\"role\":\"model\"}}}}],\
                 \"usageMetadata\":{{\"promptTokenCount\":1,\"candidatesTokenCount\":1}}}}"
            ),
            "cohere" => format!(
                "{{\"message\":{{\"role\":\"assistant\",\"content\":[{{\"type\":\"text\",\"text\":\"{text}\"}}]}},\
                 \"usage\":{{\"billed_units\":{{\"input_tokens\":1,\"output_tokens\":1}}}}}}"
            ),
            _ => format!(
                "{{\"object\":\"chat.completion\",\"model\":\"m\",\"choices\":[{{\"index\":0,\"message\":\
                 {{\"role\":\"assistant\",\"content\":\"{text}\"}},\"finish_reason\":\"stop\"}}],\
                 \"usage\":{{\"prompt_tokens\":1,\"completion_tokens\":1,\"total_tokens\":2}}}}"
            ),
        }
    }

    /// One event of a stream; one whole body where none is wanted.
    pub(super) fn event(&self, text: &str) -> String {
        if !self.streams {
            return self.whole(text);
        }
        match self.provider.as_str() {
            "anthropic" => format!(
                "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\
                 \"delta\":{{\"type\":\"text_delta\",\"text\":\"{text}\"}}}}\n\n"
            ),
            "gemini" => format!("data: {}\r\n\r\n", self.whole(text)),
            "cohere" => format!(
                "event: content-delta\ndata: {{\"type\":\"content-delta\",\"index\":0,\
                 \"delta\":{{\"message\":{{\"content\":{{\"text\":\"{text}\"}}}}}}}}\n\n"
            ),
            _ => format!(
                "data: {{\"object\":\"chat.completion.chunk\",\"model\":\"m\",\"choices\":[{{\"index\":0,\
                 \"delta\":{{\"content\":\"{text}\"}},\"finish_reason\":null}}]}}\n\n"
            ),
        }
    }

    fn end(&self) -> &'static str {
        match self.provider.as_str() {
            "anthropic" => {
                "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\
                 \"usage\":{\"output_tokens\":1}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"
            }
            "gemini" => "",
            "cohere" => {
                "event: message-end\ndata: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"COMPLETE\"}}\n\n"
            }
            _ => "data: [DONE]\n\n",
        }
    }
}

/// One chunk of a body.
pub(super) fn chunk(data: impl AsRef<[u8]>) -> Vec<u8> {
    let data = data.as_ref();
    [format!("{:x}\r\n", data.len()).as_bytes(), data, b"\r\n"].concat()
}

/// A whole answer in one piece, with its length.
pub(super) fn answer(seen: &Seen, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = seen.head(&format!("content-length: {}\r\n", body.len()));
    [head.as_bytes(), body].concat()
}
