//! The load: connections that ask, each after its answer or at a fixed pace, and check every answer.

use super::poll::{Poll, Source};
use super::wire::{Answer, send};
use crate::Failure;
use std::collections::VecDeque;
use std::io::{ErrorKind, Read};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

const READ: usize = 64 * 1024;

/// When a connection asks.
#[derive(Clone, Copy)]
pub(super) enum Rhythm {
    /// As soon as it has its answer. Connections begin this much apart.
    Closed { apart: Duration },
    /// When one is due, whatever became of the others.
    Open { every: Duration },
}

/// What is asked of whom.
#[derive(Clone)]
pub(super) struct Order {
    pub(super) address: SocketAddr,
    pub(super) request: Vec<u8>,
    /// The body of every answer.
    pub(super) expected: Vec<u8>,
    pub(super) connections: u32,
    pub(super) rhythm: Rhythm,
}

/// Times of the answers that ended while measuring.
#[derive(Default)]
pub(super) struct Times {
    whole: Vec<Duration>,
    first_byte: Vec<Duration>,
}

impl Times {
    pub(super) fn sorted(mut self) -> Self {
        self.whole.sort_unstable();
        self.first_byte.sort_unstable();
        self
    }

    /// How many answers there are.
    pub(super) fn count(&self) -> u64 {
        self.whole.len() as u64
    }

    /// What `percent` of the answers do not exceed; of sorted times.
    pub(super) fn whole(&self, percent: usize) -> Duration {
        percentile(&self.whole, percent)
    }

    /// The same of the first byte of their bodies.
    pub(super) fn first_byte(&self, percent: usize) -> Duration {
        percentile(&self.first_byte, percent)
    }
}

fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let place = sorted.len().saturating_sub(1) * percent / 100;
    sorted.get(place).copied().unwrap_or_default()
}

pub(super) struct Load {
    order: Order,
    clients: Vec<Client>,
    idle: Vec<u32>,
    /// Open rhythm: what was due while every connection was busy.
    waiting: VecDeque<Instant>,
    /// When the next connection begins, or the next request is due.
    next: Instant,
    scratch: Vec<u8>,
    finishing: bool,
    pub(super) measuring: bool,
    pub(super) times: Times,
    /// All answers so far.
    pub(super) answers: u64,
}

struct Client {
    socket: TcpStream,
    answer: Answer,
    asked: Instant,
    first_byte: Option<Duration>,
}

impl Load {
    pub(super) fn new(order: Order, poll: &Poll, now: Instant) -> Result<Self, Failure> {
        let mut load = Self {
            order,
            clients: Vec::new(),
            idle: Vec::new(),
            waiting: VecDeque::new(),
            next: now,
            scratch: vec![0; READ],
            finishing: false,
            measuring: false,
            times: Times::default(),
            answers: 0,
        };
        if let Rhythm::Open { .. } = load.order.rhythm {
            for _ in 0..load.order.connections {
                let number = load.connect(poll)?;
                load.idle.push(number);
            }
        }
        Ok(load)
    }

    /// When something is to be begun.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let begun =
            matches!(self.order.rhythm, Rhythm::Closed { .. }) && self.clients.len() == self.order.connections as usize;
        (!self.finishing && !begun).then_some(self.next)
    }

    /// Begins what is due.
    pub(super) fn begin_due(&mut self, poll: &Poll, now: Instant) -> Result<(), Failure> {
        while self.next_due().is_some_and(|due| due <= now) {
            match self.order.rhythm {
                Rhythm::Closed { apart } => {
                    let number = self.connect(poll)?;
                    self.ask(number, Instant::now())?;
                    self.next += apart;
                }
                Rhythm::Open { every } => {
                    match self.idle.pop() {
                        Some(number) => self.ask(number, Instant::now())?,
                        None => self.waiting.push_back(self.next),
                    }
                    self.next += every;
                }
            }
        }
        Ok(())
    }

    /// Asks nothing more.
    pub(super) fn finish(&mut self) {
        self.finishing = true;
        self.waiting.clear();
    }

    /// Whether every answer has come, after [`Self::finish`].
    pub(super) fn is_finished(&self) -> bool {
        self.finishing && self.idle.len() == self.clients.len()
    }

    /// Reads what came on a connection, and asks again when the rhythm says so.
    pub(super) fn read(&mut self, number: u32) -> Result<(), Failure> {
        loop {
            let client = &mut self.clients[number as usize];
            let length = match client.socket.read(&mut self.scratch) {
                Ok(0) => return Err("a connection was closed".into()),
                Ok(length) => length,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error.into()),
            };
            let progress = client.answer.take(&self.scratch[..length], &self.order.expected)?;
            if progress.began && client.first_byte.is_none() {
                client.first_byte = Some(client.asked.elapsed());
            }
            if progress.ended {
                self.ended(number)?;
            }
            if length < self.scratch.len() {
                return Ok(());
            }
        }
    }

    fn ended(&mut self, number: u32) -> Result<(), Failure> {
        let client = &mut self.clients[number as usize];
        let now = Instant::now();
        self.answers += 1;
        if self.measuring {
            self.times.whole.push(now - client.asked);
            self.times.first_byte.extend(client.first_byte);
        }
        match self.order.rhythm {
            _ if self.finishing => self.idle.push(number),
            Rhythm::Closed { .. } => self.ask(number, now)?,
            // A request that had to wait counts from when it was due.
            Rhythm::Open { .. } => match self.waiting.pop_front() {
                Some(due) => self.ask(number, due)?,
                None => self.idle.push(number),
            },
        }
        Ok(())
    }

    fn ask(&mut self, number: u32, asked: Instant) -> Result<(), Failure> {
        let client = &mut self.clients[number as usize];
        client.asked = asked;
        client.first_byte = None;
        send(&mut client.socket, &self.order.request)
    }

    fn connect(&mut self, poll: &Poll) -> Result<u32, Failure> {
        let socket = TcpStream::connect(self.order.address)?;
        socket.set_nonblocking(true)?;
        socket.set_nodelay(true)?;
        let number = u32::try_from(self.clients.len())?;
        poll.watch(&socket, Source::Load(number))?;
        self.clients.push(Client {
            socket,
            answer: Answer::default(),
            asked: Instant::now(),
            first_byte: None,
        });
        Ok(number)
    }
}
