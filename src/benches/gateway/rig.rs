//! The thread that is both the mock and the load, on a core of its own.
//!
//! One thread, because two processes on one core would add their switches to every call. Where there are only two
//! cores, Postgres finds room beside it: it sleeps while there is nothing to do, or lets others have their turn.

use super::LOAD_CORE;
use super::load::{Load, Order, Times};
use super::mock::Mock;
use super::poll::{Poll, Source};
use super::script::Pace;
use crate::{Failure, process};
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How long the last answers are waited for; streams that take longer are cut.
const LAST_ANSWERS: Duration = Duration::from_millis(500);

/// One measurement.
pub(super) struct Phase {
    pub(super) order: Order,
    /// How the mock paces streams.
    pub(super) pace: Pace,
    pub(super) warm_up: Duration,
    pub(super) measured: Duration,
    /// Whether the load goes before what shares its core, so that no answer waits to be seen.
    pub(super) takes_precedence: bool,
    /// Whether the load looks for work instead of sleeping until there is some. A server that sends to a sleeper pays
    /// for waking it, on a virtual machine several microseconds, and the more the slower it is.
    pub(super) stays_awake: bool,
    /// The process between load and mock, when there is one.
    pub(super) server: Option<u32>,
}

/// What came of it.
pub(super) struct Observed {
    pub(super) times: Times,
    pub(super) chunks: u64,
    /// All answers, those of the warm-up too.
    pub(super) answers: u64,
    pub(super) elapsed: Duration,
    /// Of the server's processor time.
    pub(super) server_cpu: Duration,
    /// Of the server, at the end.
    pub(super) resident_mb: f64,
}

impl Observed {
    pub(super) fn per_second(&self) -> f64 {
        as_figure(self.times.count()) / self.elapsed.as_secs_f64()
    }

    /// Percent of a core.
    pub(super) fn busy(&self, used: Duration) -> f64 {
        used.as_secs_f64() / self.elapsed.as_secs_f64() * 100.0
    }

    /// Microseconds of the server's processor time for each of `count`.
    pub(super) fn cpu_per(&self, count: u64) -> f64 {
        self.server_cpu.as_secs_f64() * 1e6 / as_figure(count.max(1))
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a few seconds")]
fn as_figure(count: u64) -> f64 {
    count as f64
}

/// A way to have phases done by the thread; it ends when this is dropped.
pub(super) struct Rig {
    jobs: Sender<Job>,
    /// Of the mock.
    pub(super) address: SocketAddr,
    /// Whether a phase can have precedence.
    pub(super) may_take_precedence: bool,
}

/// What is known once the thread runs.
struct Started {
    address: SocketAddr,
    may_take_precedence: bool,
}

struct Job {
    phase: Phase,
    reply: oneshot::Sender<Result<Observed, Failure>>,
}

impl Rig {
    pub(super) async fn start(pace: Pace) -> Result<Self, Failure> {
        let (jobs, inbox) = channel();
        let (tell, told) = oneshot::channel();
        std::thread::Builder::new()
            .name("mock and load".to_owned())
            .spawn(move || run(pace, &inbox, tell))?;
        let started = told.await??;
        Ok(Self {
            jobs,
            address: started.address,
            may_take_precedence: started.may_take_precedence,
        })
    }

    pub(super) async fn measure(&self, phase: Phase) -> Result<Observed, Failure> {
        let (reply, observed) = oneshot::channel();
        self.jobs.send(Job { phase, reply }).map_err(|_| "the mock has ended")?;
        observed.await?
    }
}

fn run(pace: Pace, inbox: &Receiver<Job>, tell: oneshot::Sender<Result<Started, Failure>>) {
    // Whoever started this hears how it went; there is nobody else to tell.
    match open(pace) {
        Ok((turns, started)) => {
            if tell.send(Ok(started)).is_ok() {
                turns.serve(inbox);
            }
        }
        Err(error) => drop(tell.send(Err(error))),
    }
}

fn open(pace: Pace) -> Result<(Turns, Started), Failure> {
    process::pin_this_thread(LOAD_CORE)?;
    let turns = Turns::new(pace)?;
    let started = Started {
        address: turns.mock.address()?,
        may_take_precedence: turns.may_take_precedence,
    };
    Ok((turns, started))
}

/// Everything that happens on the thread, turn by turn.
struct Turns {
    poll: Poll,
    mock: Mock,
    sources: Vec<Source>,
    may_take_precedence: bool,
    stays_awake: bool,
}

/// The counters at one moment.
struct Reading {
    at: Instant,
    chunks: u64,
    server: Duration,
}

impl Turns {
    fn new(pace: Pace) -> Result<Self, Failure> {
        let poll = Poll::new()?;
        let mock = Mock::new(&poll, pace)?;
        Ok(Self {
            poll,
            mock,
            sources: Vec::new(),
            may_take_precedence: process::take_precedence(true).is_ok(),
            stays_awake: false,
        })
    }

    /// Does phases as they come, and answers in between.
    fn serve(mut self, inbox: &Receiver<Job>) {
        loop {
            match inbox.try_recv() {
                // Nobody waits for it any more when this fails.
                Ok(Job { phase, reply }) => drop(reply.send(self.perform(phase))),
                Err(TryRecvError::Disconnected) => return,
                // Without its mock, every phase will say that there is none.
                Err(TryRecvError::Empty) => {
                    if self.turn(None).is_err() {
                        return;
                    }
                }
            }
        }
    }

    fn perform(&mut self, phase: Phase) -> Result<Observed, Failure> {
        if self.may_take_precedence {
            process::take_precedence(phase.takes_precedence)?;
        }
        self.stays_awake = phase.stays_awake;
        self.mock.set_pace(phase.pace);
        let begun = Instant::now();
        let mut load = Load::new(phase.order, &self.poll, begun)?;
        self.turn_until(begun + phase.warm_up, &mut load)?;
        let start = self.read(phase.server)?;
        load.measuring = true;
        self.turn_until(start.at + phase.measured, &mut load)?;
        load.measuring = false;
        let end = self.read(phase.server)?;
        let resident_mb = phase.server.map_or(Ok(0.0), process::resident_mb)?;
        load.finish();
        self.stays_awake = false;
        while !load.is_finished() && end.at.elapsed() < LAST_ANSWERS {
            self.turn(Some(&mut load))?;
        }
        Ok(Observed {
            chunks: end.chunks - start.chunks,
            answers: load.answers,
            times: load.times.sorted(),
            elapsed: end.at - start.at,
            server_cpu: end.server.saturating_sub(start.server),
            resident_mb,
        })
    }

    fn read(&self, server: Option<u32>) -> Result<Reading, Failure> {
        Ok(Reading {
            at: Instant::now(),
            chunks: self.mock.chunks,
            server: server.map_or(Ok(Duration::ZERO), process::time_of)?,
        })
    }

    fn turn_until(&mut self, until: Instant, load: &mut Load) -> Result<(), Failure> {
        while Instant::now() < until {
            self.turn(Some(load))?;
        }
        Ok(())
    }

    /// Once through everything that happened or is due.
    fn turn(&mut self, mut load: Option<&mut Load>) -> Result<(), Failure> {
        if self.stays_awake {
            self.poll.look(&mut self.sources)?;
        } else {
            let of_load = load.as_ref().and_then(|load| load.next_due());
            let due = [self.mock.next_due(), of_load].into_iter().flatten().min();
            self.poll.wait(due, &mut self.sources)?;
        }
        for source in self.sources.drain(..) {
            match (source, &mut load) {
                (Source::Listener, _) => self.mock.accept(&self.poll)?,
                (Source::Mock(number), _) => self.mock.read(number, Instant::now()),
                (Source::Load(number), Some(load)) => load.read(number)?,
                (Source::Load(_), None) | (Source::Timer, _) => {}
            }
        }
        let now = Instant::now();
        self.mock.send_due(now);
        load.map_or(Ok(()), |load| load.begin_due(&self.poll, now))
    }
}
