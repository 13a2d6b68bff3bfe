//! Server-sent events, found in the bytes of a stream however it is cut into chunks.

use super::Metered;
use super::dialect::{Dialect, Event};
use bytes::{Bytes, BytesMut};
use memchr::{memchr, memchr_iter};
use std::borrow::Cow;
use std::ops::Range;

/// The longest event that is read. A longer one passes unread, and nothing of it is kept.
pub(super) const LONGEST_EVENT: usize = 256 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A stream of events.
pub(super) struct Events {
    /// Whether usage chunks are kept from the client, and so, till they are known, unfinished events.
    withholds: bool,
    /// The beginning of an unfinished event; of one too long, its last two bytes.
    held: BytesMut,
    /// Whether the unfinished event is too long to be read.
    too_long: bool,
}

/// What was found in a run of bytes.
struct Found {
    /// Where the last finished event ends.
    end: usize,
    /// Events that the client shall not see.
    withheld: Vec<Range<usize>>,
}

impl Events {
    pub(super) fn new(withholds: bool) -> Self {
        Self {
            withholds,
            held: BytesMut::new(),
            too_long: false,
        }
    }

    /// Reads a chunk and tells what of it, and of what was held, goes to the client.
    pub(super) fn pass(&mut self, chunk: Bytes, dialect: &dyn Dialect, read: &mut Metered) -> Bytes {
        let Some(start) = self.skip_too_long(&chunk, read) else {
            return chunk;
        };
        let outgoing = if self.held.is_empty() {
            self.pass_fresh(&chunk, start, dialect, read)
        } else {
            self.pass_joined(&chunk, dialect, read)
        };
        if self.withholds { outgoing } else { chunk }
    }

    /// Reads what is left, and lets go what was held.
    pub(super) fn end(&mut self, dialect: &dyn Dialect, read: &mut Metered) -> Bytes {
        let rest = self.held.split().freeze();
        if std::mem::take(&mut self.too_long) || rest.is_empty() {
            return Bytes::new();
        }
        let event = read_event(&rest, dialect, read);
        let goes_out = self.withholds && event == Event::Answer;
        if goes_out { rest } else { Bytes::new() }
    }

    /// Where the event that is too long ends in this chunk; 0 when there is none; `None` while it goes on.
    fn skip_too_long(&mut self, chunk: &[u8], read: &mut Metered) -> Option<usize> {
        if !self.too_long {
            return Some(0);
        }
        let end = event_end(&self.held, chunk);
        read.text_bytes += end.unwrap_or(chunk.len()) as u64;
        if end.is_some() {
            self.held.clear();
            self.too_long = false;
        } else {
            self.remember_last_bytes(chunk);
        }
        end
    }

    /// A chunk that begins with an event, from `start` on: the common case, which copies nothing but the
    /// beginning of an event that goes on in the next chunk.
    fn pass_fresh(&mut self, chunk: &Bytes, start: usize, dialect: &dyn Dialect, read: &mut Metered) -> Bytes {
        let found = self.read_events(chunk, start, start, dialect, read);
        let tail = &chunk[found.end..];
        if tail.len() > LONGEST_EVENT {
            self.let_go(tail, read);
            return without(chunk, &found.withheld);
        }
        self.held.extend_from_slice(tail);
        if self.withholds {
            without(&chunk.slice(..found.end), &found.withheld)
        } else {
            Bytes::new()
        }
    }

    /// A chunk that goes on with an event.
    fn pass_joined(&mut self, chunk: &[u8], dialect: &dyn Dialect, read: &mut Metered) -> Bytes {
        let known = self.held.len();
        self.held.extend_from_slice(chunk);
        let joined = std::mem::take(&mut self.held);
        let found = self.read_events(&joined, 0, known, dialect, read);
        self.held = joined;
        let mut ready = self.held.split_to(found.end);
        if self.held.len() > LONGEST_EVENT {
            let tail = self.held.split();
            self.let_go(&tail, read);
            ready.unsplit(tail);
        }
        if self.withholds {
            without(&ready.freeze(), &found.withheld)
        } else {
            Bytes::new()
        }
    }

    /// An event turned out too long: no more of it is kept than what tells its end.
    fn let_go(&mut self, event: &[u8], read: &mut Metered) {
        self.too_long = true;
        read.text_bytes += event.len() as u64;
        self.remember_last_bytes(event);
    }

    fn remember_last_bytes(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(&bytes[bytes.len().saturating_sub(2)..]);
        let surplus = self.held.len().saturating_sub(2);
        drop(self.held.split_to(surplus));
    }

    /// Reads the events that are whole. The first begins at `start`, and does not end before `known`.
    fn read_events(
        &self,
        bytes: &[u8],
        mut start: usize,
        mut known: usize,
        dialect: &dyn Dialect,
        read: &mut Metered,
    ) -> Found {
        let mut withheld = Vec::new();
        while let Some(length) = event_end(&bytes[start..known], &bytes[known..]) {
            let end = known + length;
            let event = &bytes[start..end];
            if event.len() > LONGEST_EVENT {
                read.text_bytes += event.len() as u64;
            } else if read_event(event, dialect, read) == Event::UsageOnly && self.withholds {
                withheld.push(start..end);
            }
            (start, known) = (end, end);
        }
        Found { end: start, withheld }
    }
}

/// Where in `bytes` an event ends, just behind its blank line; `before` is what came of it already.
/// Lines end in LF or CRLF; no provider ends them in a lone CR.
fn event_end(before: &[u8], bytes: &[u8]) -> Option<usize> {
    let byte_before = |at: usize, back: usize| match at.checked_sub(back) {
        Some(index) => bytes.get(index).copied(),
        None => before
            .len()
            .checked_sub(back - at)
            .and_then(|index| before.get(index))
            .copied(),
    };
    let ends_blank_line = |at: usize| match byte_before(at, 1) {
        None | Some(b'\n') => true,
        Some(b'\r') => matches!(byte_before(at, 2), None | Some(b'\n')),
        Some(_) => false,
    };
    memchr_iter(b'\n', bytes)
        .find(|at| ends_blank_line(*at))
        .map(|at| at + 1)
}

fn read_event(event: &[u8], dialect: &dyn Dialect, read: &mut Metered) -> Event {
    match data_of(event) {
        Some(data) => dialect.event(&data, read),
        None => Event::Answer,
    }
}

/// An event's data: its `data` lines, joined by line feeds. `None` without any.
fn data_of(event: &[u8]) -> Option<Cow<'_, [u8]>> {
    let mut data: Option<Cow<'_, [u8]>> = None;
    let mut rest = event.strip_prefix(BYTE_ORDER_MARK).unwrap_or(event);
    while !rest.is_empty() {
        let end = memchr(b'\n', rest).unwrap_or(rest.len());
        let line = &rest[..end];
        rest = rest.get(end + 1..).unwrap_or_default();
        if let Some(value) = data_line(line.strip_suffix(b"\r").unwrap_or(line)) {
            match &mut data {
                None => data = Some(Cow::Borrowed(value)),
                Some(data) => {
                    let joined = data.to_mut();
                    joined.push(b'\n');
                    joined.extend_from_slice(value);
                }
            }
        }
    }
    data
}

fn data_line(line: &[u8]) -> Option<&[u8]> {
    let value = line.strip_prefix(b"data")?;
    if value.is_empty() {
        return Some(value);
    }
    let value = value.strip_prefix(b":")?;
    Some(value.strip_prefix(b" ").unwrap_or(value))
}

/// `bytes` without some ranges: a view of them where a view is enough, else a copy.
fn without(bytes: &Bytes, ranges: &[Range<usize>]) -> Bytes {
    let kept = |from: usize, to: usize| (from < to).then(|| bytes.slice(from..to));
    let mut pieces = Vec::new();
    let mut from = 0;
    for range in ranges {
        pieces.extend(kept(from, range.start));
        from = range.end;
    }
    let last = kept(from, bytes.len()).unwrap_or_default();
    if pieces.is_empty() {
        return last;
    }
    pieces.push(last);
    Bytes::from(pieces.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_ends_behind_its_blank_line() {
        assert_eq!(event_end(b"", b"data: 1\n\ndata: 2\n\n"), Some(9));
        assert_eq!(event_end(b"", b"data: 1\r\n\r\n"), Some(11));
        assert_eq!(event_end(b"data: 1\r\n\r", b"\n"), Some(1));
        assert_eq!(event_end(b"data: 1\n", b"\n"), Some(1));
        assert_eq!(event_end(b"data: 1", b"\n"), None);
        assert_eq!(event_end(b"", b"\ndata: 1\n\n"), Some(1));
        assert_eq!(event_end(b"", b"data: 1\rdata: 2\n"), None);
    }

    #[test]
    fn data_lines_are_joined_and_others_ignored() {
        let data = |event: &str| data_of(event.as_bytes()).map(|data| String::from_utf8(data.into_owned()).unwrap());
        assert_eq!(
            data("event: x\ndata: {\"a\":\r\ndata:1}\nid: 7\n\n"),
            Some("{\"a\":\n1}".to_owned())
        );
        assert_eq!(data("\u{feff}data:  two spaces\n\n"), Some(" two spaces".to_owned()));
        assert_eq!(data(": OPENROUTER PROCESSING\n\n"), None);
        assert_eq!(data("database: 1\n\n"), None);
        assert_eq!(data("data\n\n"), Some(String::new()));
        assert_eq!(data("data: cut off"), Some("cut off".to_owned()));
    }

    #[test]
    fn what_is_kept_in_one_piece_is_not_copied() {
        let bytes = Bytes::from_static(b"0123456789");
        let kept = |ranges: &[(usize, usize)]| {
            let ranges: Vec<_> = ranges.iter().map(|(from, to)| *from..*to).collect();
            without(&bytes, &ranges)
        };
        assert_eq!(kept(&[(0, 4)]).as_ptr(), bytes[4..].as_ptr());
        assert_eq!(kept(&[(8, 10)]), "01234567");
        assert_eq!(kept(&[(2, 4), (6, 8)]), "014589");
        assert!(kept(&[(0, 5), (5, 10)]).is_empty());
    }
}
