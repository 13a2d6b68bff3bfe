//! Which sockets have something to read: epoll, edge-triggered, with a timer finer than its own milliseconds.

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec};
use rustix::time::{timerfd_create, timerfd_settime};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

const MOST_AT_ONCE: usize = 256;
/// How long the poll sleeps when nothing is due, so that new work is seen.
const NAP: Duration = Duration::from_millis(5);

/// Where something happened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    /// Somebody connects to the mock.
    Listener,
    /// A connection of the mock, by its number.
    Mock(u32),
    /// A connection of the load, by its number.
    Load(u32),
    Timer,
}

pub(super) struct Poll {
    epoll: OwnedFd,
    timer: OwnedFd,
    armed: Option<Instant>,
    events: Vec<Event>,
}

impl Poll {
    pub(super) fn new() -> io::Result<Self> {
        let poll = Self {
            epoll: epoll::create(CreateFlags::CLOEXEC)?,
            timer: timerfd_create(
                TimerfdClockId::Monotonic,
                TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC,
            )?,
            armed: None,
            events: Vec::with_capacity(MOST_AT_ONCE),
        };
        poll.watch(&poll.timer, Source::Timer)?;
        Ok(poll)
    }

    /// Reports what becomes readable, until it is closed. A report comes once, so all is to be read.
    pub(super) fn watch(&self, socket: impl AsFd, source: Source) -> io::Result<()> {
        let flags = EventFlags::IN | EventFlags::RDHUP | EventFlags::ET;
        Ok(epoll::add(
            &self.epoll,
            socket,
            EventData::new_u64(source.number()),
            flags,
        )?)
    }

    /// Appends where something has happened; where nothing has, others get their turn, and nobody has to wake this.
    pub(super) fn look(&mut self, sources: &mut Vec<Source>) -> io::Result<()> {
        self.take(Duration::ZERO, sources)?;
        if sources.is_empty() {
            std::thread::yield_now();
        }
        Ok(())
    }

    /// Waits until something happens, but not past `due`; appends where.
    pub(super) fn wait(&mut self, due: Option<Instant>, sources: &mut Vec<Source>) -> io::Result<()> {
        let nap = match due.map(|due| due.saturating_duration_since(Instant::now())) {
            Some(Duration::ZERO) => Duration::ZERO,
            Some(left) if left < NAP => {
                self.arm(due, left)?;
                NAP
            }
            _ => NAP,
        };
        self.take(nap, sources)
    }

    fn take(&mut self, nap: Duration, sources: &mut Vec<Source>) -> io::Result<()> {
        let nap = Timespec {
            tv_sec: 0,
            tv_nsec: nap.subsec_nanos().into(),
        };
        self.events.clear();
        match epoll::wait(&self.epoll, spare_capacity(&mut self.events), Some(&nap)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        sources.extend(self.events.iter().filter_map(|event| Source::of(event.data.u64())));
        Ok(())
    }

    fn arm(&mut self, due: Option<Instant>, left: Duration) -> io::Result<()> {
        if self.armed == due {
            return Ok(());
        }
        self.armed = due;
        let once = Itimerspec {
            it_interval: Timespec { tv_sec: 0, tv_nsec: 0 },
            it_value: Timespec {
                tv_sec: 0,
                tv_nsec: left.subsec_nanos().into(),
            },
        };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &once)?;
        Ok(())
    }
}

impl Source {
    fn number(self) -> u64 {
        match self {
            Self::Listener => 0,
            Self::Timer => 1,
            Self::Mock(number) => 1 << 32 | u64::from(number),
            Self::Load(number) => 2 << 32 | u64::from(number),
        }
    }

    fn of(number: u64) -> Option<Self> {
        let low = u32::try_from(number & u64::from(u32::MAX)).ok()?;
        match (number >> 32, low) {
            (0, 0) => Some(Self::Listener),
            (0, _) => Some(Self::Timer),
            (1, number) => Some(Self::Mock(number)),
            _ => Some(Self::Load(low)),
        }
    }
}
