//! The upstream: answers as fast as a socket takes it, streams at a fixed pace.

use super::poll::{Poll, Source};
use super::script::{Answers, PROVIDER_KEY, Pace};
use super::wire::{Head, headers, send};
use crate::Failure;
use memchr::memmem;
use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Instant;

/// More than any request here, so that one read takes all there is.
const READ: usize = 16 * 1024;

pub(super) struct Mock {
    listener: TcpListener,
    answers: Answers,
    /// By number; a number is given out again when its connection has ended.
    connections: Vec<Option<Connection>>,
    free: Vec<u32>,
    /// Streams and when their next chunk is due, in that order, since all have the same pace.
    due: VecDeque<(Instant, u32)>,
    pace: Pace,
    scratch: Vec<u8>,
    /// Chunks sent since the start.
    pub(super) chunks: u64,
}

struct Connection {
    socket: TcpStream,
    unread: Vec<u8>,
    stream: Option<Stream>,
}

/// A stream that is being answered.
struct Stream {
    left: u32,
    with_usage: bool,
    /// Tells it from an earlier one on a connection of the same number.
    due: Instant,
}

/// What is asked for.
enum Asked {
    Models,
    Whole,
    Stream {
        with_usage: bool,
    },
    /// Without the provider's key.
    Refused,
}

impl Mock {
    pub(super) fn new(poll: &Poll, pace: Pace) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        poll.watch(&listener, Source::Listener)?;
        Ok(Self {
            listener,
            answers: Answers::new(),
            connections: Vec::new(),
            free: Vec::new(),
            due: VecDeque::new(),
            pace,
            scratch: vec![0; READ],
            chunks: 0,
        })
    }

    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// How streams are answered that begin from now on; none is under way.
    pub(super) fn set_pace(&mut self, pace: Pace) {
        self.pace = pace;
    }

    /// When the next chunk is to be sent.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.due.front().map(|(due, _)| *due)
    }

    pub(super) fn accept(&mut self, poll: &Poll) -> io::Result<()> {
        loop {
            let socket = match self.listener.accept() {
                Ok((socket, _)) => socket,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            socket.set_nonblocking(true)?;
            socket.set_nodelay(true)?;
            let number = self.free_number()?;
            poll.watch(&socket, Source::Mock(number))?;
            self.connections[number as usize] = Some(Connection {
                socket,
                unread: Vec::with_capacity(READ),
                stream: None,
            });
        }
    }

    fn free_number(&mut self) -> io::Result<u32> {
        if let Some(number) = self.free.pop() {
            return Ok(number);
        }
        self.connections.push(None);
        u32::try_from(self.connections.len() - 1).map_err(io::Error::other)
    }

    /// Reads and answers what came on a connection. One that fails is closed, and whoever is behind it
    /// notices.
    pub(super) fn read(&mut self, number: u32, now: Instant) {
        if let Err(_closed) = self.read_and_answer(number, now) {
            self.connections[number as usize] = None;
            self.free.push(number);
        }
    }

    /// Sends the chunks that are due.
    pub(super) fn send_due(&mut self, now: Instant) {
        while let Some((due, number)) = self.due.front().copied().filter(|(due, _)| *due <= now) {
            self.due.pop_front();
            let stream = self.connections[number as usize]
                .as_ref()
                .and_then(|it| it.stream.as_ref());
            if stream.is_some_and(|stream| stream.due == due) && self.send_chunk(number).is_err() {
                self.connections[number as usize] = None;
                self.free.push(number);
            }
        }
    }

    fn read_and_answer(&mut self, number: u32, now: Instant) -> Result<(), Failure> {
        loop {
            let Some(connection) = &mut self.connections[number as usize] else {
                return Ok(());
            };
            let length = match connection.socket.read(&mut self.scratch) {
                Ok(0) => return Err("closed".into()),
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            connection.unread.extend_from_slice(&self.scratch[..length]);
            while let Some(asked) = self.next_request(number)? {
                self.answer(number, &asked, now)?;
            }
            if length < self.scratch.len() {
                return Ok(());
            }
        }
    }

    fn next_request(&mut self, number: u32) -> Result<Option<Asked>, Failure> {
        let Some(connection) = &mut self.connections[number as usize] else {
            return Ok(None);
        };
        let Some(head) = Head::read(&connection.unread)? else {
            return Ok(None);
        };
        let Some(length) = whole_length(&head, &connection.unread) else {
            return Ok(None);
        };
        let asked = Asked::read(&connection.unread[..length], head.length);
        connection.unread.drain(..length);
        Ok(Some(asked))
    }

    fn answer(&mut self, number: u32, asked: &Asked, now: Instant) -> Result<(), Failure> {
        let Some(connection) = &mut self.connections[number as usize] else {
            return Ok(());
        };
        match asked {
            Asked::Models => send(&mut connection.socket, &self.answers.models),
            Asked::Whole => send(&mut connection.socket, &self.answers.whole),
            Asked::Refused => send(&mut connection.socket, &self.answers.refused),
            Asked::Stream { with_usage } => {
                connection.stream = Some(Stream {
                    left: self.pace.chunks,
                    with_usage: *with_usage,
                    due: now,
                });
                self.send_chunk(number)
            }
        }
    }

    /// Sends the next chunk: the first with the head, the last with the end.
    fn send_chunk(&mut self, number: u32) -> Result<(), Failure> {
        let Some(Connection {
            socket, stream: slot, ..
        }) = &mut self.connections[number as usize]
        else {
            return Ok(());
        };
        let Some(stream) = slot else {
            return Ok(());
        };
        let answers = &self.answers;
        let head: &[u8] = if stream.left == self.pace.chunks {
            &answers.stream_head
        } else {
            &[]
        };
        let usage: &[u8] = if stream.with_usage { &answers.usage_chunk } else { &[] };
        self.chunks += 1;
        stream.left -= 1;
        if stream.left == 0 {
            *slot = None;
            return send(socket, &[&answers.chunk, usage, &answers.stream_end].concat());
        }
        stream.due += self.pace.every;
        self.due.push_back((stream.due, number));
        send(socket, &[head, &answers.chunk].concat())
    }
}

impl Asked {
    fn read(request: &[u8], head: usize) -> Self {
        let (head, body) = request.split_at(head);
        let credential = headers(head).find(|(name, _)| name.eq_ignore_ascii_case(b"authorization"));
        let key = credential.and_then(|(_, value)| value.strip_prefix(b"Bearer "));
        if key != Some(PROVIDER_KEY.as_bytes()) {
            return Self::Refused;
        }
        if head.starts_with(b"GET ") {
            return Self::Models;
        }
        match memmem::find(body, b"\"stream\":true") {
            None => Self::Whole,
            Some(_) => Self::Stream {
                with_usage: memmem::find(body, b"\"include_usage\":true").is_some(),
            },
        }
    }
}

/// Where a request ends; `None` while it is not all there.
fn whole_length(head: &Head, bytes: &[u8]) -> Option<usize> {
    match head.body {
        Some(body) => Some(head.length + body).filter(|length| *length <= bytes.len()),
        // Nobody asks again before the answer, so the last chunk is the last of all.
        None => bytes.ends_with(b"\r\n0\r\n\r\n").then_some(bytes.len()),
    }
}
