//! Just enough of HTTP/1.1 to speak it quickly on both sides.

use crate::Failure;
use memchr::{memchr, memmem};
use std::io::Write;
use std::net::TcpStream;

/// The beginning of a message, without its body.
pub(super) struct Head {
    /// Bytes up to the body.
    pub(super) length: usize,
    /// Bytes of the body; `None` when it comes in chunks.
    pub(super) body: Option<usize>,
}

impl Head {
    /// Reads the head at the beginning of `bytes`; `None` while it is not all there.
    pub(super) fn read(bytes: &[u8]) -> Result<Option<Self>, Failure> {
        let Some(end) = memmem::find(bytes, b"\r\n\r\n") else {
            return Ok(None);
        };
        let length = end + 4;
        let (mut sized, mut chunked) = (None, false);
        for (name, value) in headers(&bytes[..length]) {
            if name.eq_ignore_ascii_case(b"content-length") {
                sized = Some(str::from_utf8(value)?.parse()?);
            } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
                chunked = true;
            }
        }
        let body = if chunked { None } else { Some(sized.unwrap_or(0)) };
        Ok(Some(Self { length, body }))
    }
}

/// Names and values of a head.
pub(super) fn headers(head: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = head;
    std::iter::from_fn(move || {
        let end = memchr(b'\n', rest)?;
        let line = rest[..end].trim_ascii_end();
        rest = &rest[end + 1..];
        Some(line)
    })
    .skip(1)
    .filter_map(|line| {
        let colon = memchr(b':', line)?;
        Some((&line[..colon], line[colon + 1..].trim_ascii()))
    })
}

/// Everything at once: what is sent here always fits into a socket that is being read.
pub(super) fn send(socket: &mut TcpStream, bytes: &[u8]) -> Result<(), Failure> {
    if socket.write(bytes)? < bytes.len() {
        return Err("a socket was full".into());
    }
    Ok(())
}

/// How far an answer has come.
#[derive(Default)]
pub(super) struct Progress {
    /// Something of the body is there.
    pub(super) began: bool,
    pub(super) ended: bool,
}

/// Reads one answer after the other, and compares each with what was expected.
#[derive(Default)]
pub(super) struct Answer {
    head: Vec<u8>,
    state: State,
    /// Bytes of the body so far.
    seen: usize,
}

#[derive(Default, Clone, Copy)]
enum State {
    #[default]
    Head,
    /// So many bytes of the body, or of a chunk, are to come.
    Sized(usize),
    Chunk(usize),
    /// In the line that says how long the next chunk is.
    Size(usize),
    /// In the line behind a chunk's data.
    Behind,
    /// In the line behind the last chunk.
    Last,
}

impl Answer {
    /// Takes what was read. An answer other than 200, or another body than `expected`, fails.
    pub(super) fn take(&mut self, mut bytes: &[u8], expected: &[u8]) -> Result<Progress, Failure> {
        while !bytes.is_empty() {
            bytes = match self.state {
                State::Head => self.take_head(bytes)?,
                State::Sized(left) => {
                    let taken = self.take_body(bytes, left, expected)?;
                    self.state = State::Sized(left - taken);
                    &bytes[taken..]
                }
                State::Chunk(0) | State::Behind => self.line_then(bytes, State::Behind, State::Size(0)),
                State::Chunk(left) => {
                    let taken = self.take_body(bytes, left, expected)?;
                    self.state = State::Chunk(left - taken);
                    &bytes[taken..]
                }
                State::Size(size) => self.take_size(bytes, size)?,
                State::Last => self.line_then(bytes, State::Last, State::Sized(0)),
            };
            if matches!(self.state, State::Sized(0)) {
                return self.end(bytes, expected);
            }
        }
        Ok(Progress {
            began: self.seen > 0,
            ended: false,
        })
    }

    fn end(&mut self, rest: &[u8], expected: &[u8]) -> Result<Progress, Failure> {
        if self.seen != expected.len() || !rest.is_empty() {
            return Err(format!("an answer's body has {} bytes instead of {}", self.seen, expected.len()).into());
        }
        self.head.clear();
        self.state = State::Head;
        self.seen = 0;
        Ok(Progress {
            began: true,
            ended: true,
        })
    }

    fn take_head<'bytes>(&mut self, bytes: &'bytes [u8]) -> Result<&'bytes [u8], Failure> {
        let before = self.head.len();
        self.head.extend_from_slice(bytes);
        let Some(head) = Head::read(&self.head)? else {
            return Ok(&[]);
        };
        if !self.head.starts_with(b"HTTP/1.1 200 ") {
            return Err(format!("answered {}", String::from_utf8_lossy(&self.head)).into());
        }
        self.state = head.body.map_or(State::Size(0), State::Sized);
        Ok(&bytes[head.length - before..])
    }

    fn take_body(&mut self, bytes: &[u8], left: usize, expected: &[u8]) -> Result<usize, Failure> {
        let taken = left.min(bytes.len());
        if expected.get(self.seen..self.seen + taken) != Some(&bytes[..taken]) {
            let text = String::from_utf8_lossy(&bytes[..taken]);
            return Err(format!("an answer's body differs from what was sent: {text}").into());
        }
        self.seen += taken;
        Ok(taken)
    }

    fn take_size<'bytes>(&mut self, bytes: &'bytes [u8], mut size: usize) -> Result<&'bytes [u8], Failure> {
        for (place, byte) in bytes.iter().enumerate() {
            match byte {
                b'\r' => {}
                b'\n' => {
                    self.state = if size == 0 { State::Last } else { State::Chunk(size) };
                    return Ok(&bytes[place + 1..]);
                }
                digit => {
                    let digit = char::from(*digit).to_digit(16).ok_or("a chunk's size is no number")?;
                    size = size * 16 + usize::try_from(digit)?;
                }
            }
        }
        self.state = State::Size(size);
        Ok(&[])
    }

    /// Skips to the end of the line.
    fn line_then<'bytes>(&mut self, bytes: &'bytes [u8], within: State, after: State) -> &'bytes [u8] {
        let end = memchr(b'\n', bytes);
        self.state = if end.is_some() { after } else { within };
        end.map_or(&[], |end| &bytes[end + 1..])
    }
}
