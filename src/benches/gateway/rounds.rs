//! What is measured, in which order.

use super::load::{Order, Rhythm};
use super::report::{Metric, Name, Report};
use super::rig::{Observed, Phase, Rig};
use super::script::{Pace, completion, request, stream};
use crate::Failure;
use std::net::SocketAddr;
use std::time::Duration;

const ROUNDS: usize = 3;
const CONNECTIONS: u32 = 32;
const WARM_UP: Duration = Duration::from_secs(1);
const MEASURED: Duration = Duration::from_secs(4);
/// A model that answers at a good speed, and then is done after a tenth of a second.
pub(super) const PACE: Pace = Pace {
    chunks: 50,
    every: Duration::from_millis(2),
};
const MANY: u32 = 1000;
/// Slow enough that many streams are open at once while little is sent.
const SLOW_PACE: Pace = Pace {
    chunks: 50,
    every: Duration::from_millis(100),
};
const OPENED_WITHIN: Duration = Duration::from_secs(2);

/// Who answers, and how it is asked.
pub(super) struct Target {
    pub(super) name: Name,
    /// Where it is asked for whole answers.
    pub(super) whole: SocketAddr,
    /// Where it is asked for streams.
    pub(super) streams: SocketAddr,
    pub(super) path: String,
    pub(super) credential: String,
    /// The server between load and mock, when there is one.
    pub(super) process: Option<u32>,
}

/// Measures all targets in turn, in rounds; the first is the one without a server. Returns how many calls
/// the last of them answered.
pub(super) async fn measure(rig: &Rig, targets: &[Target], report: &mut Report) -> Result<u64, Failure> {
    let mut calls = 0;
    for _ in 0..ROUNDS {
        let mut halves = Vec::new();
        for target in targets {
            let observed = target.measure(rig, saturating(target)).await?;
            note_saturated(target.name, &observed, report);
            halves.push(observed.per_second() / 2.0);
            calls += target.counted(&observed);
        }
        for (target, half) in targets.iter().zip(halves).skip(1) {
            let bare = targets[0].measure(rig, paced(&targets[0], half)).await?;
            let observed = target.measure(rig, paced(target, half)).await?;
            note_half_load(target.name, &bare, &observed, report);
            calls += target.counted(&observed);
        }
        let mut bare = None;
        for target in targets {
            let observed = target.measure(rig, streaming(target, CONNECTIONS, PACE)).await?;
            note_streams(target.name, bare.as_ref(), &observed, report);
            calls += target.counted(&observed);
            bare.get_or_insert(observed);
        }
    }
    for target in &targets[1..] {
        let observed = target.measure(rig, streaming(target, MANY, SLOW_PACE)).await?;
        report.note(Metric::ManyStreamsMemory, target.name, observed.resident_mb);
        calls += target.counted(&observed);
    }
    Ok(calls)
}

impl Target {
    async fn measure(&self, rig: &Rig, phase: Phase) -> Result<Observed, Failure> {
        let observed = rig.measure(phase).await;
        observed.map_err(|error| format!("{}: {error}", self.name.as_str()).into())
    }

    /// The answers, if they are Latchkey's.
    fn counted(&self, observed: &Observed) -> u64 {
        match self.name {
            Name::Latchkey => observed.answers,
            Name::Direct | Name::Nginx => 0,
        }
    }
}

fn note_saturated(name: Name, observed: &Observed, report: &mut Report) {
    report.note(Metric::PerSecond, name, observed.per_second());
    report.note(Metric::SaturatedP50, name, micros(observed.times.whole(50)));
    report.note(Metric::SaturatedP99, name, micros(observed.times.whole(99)));
    if name != Name::Direct {
        report.note(Metric::ServerBusy, name, observed.busy(observed.server_cpu));
        report.note(Metric::CpuPerCall, name, observed.cpu_per(observed.times.count()));
        report.note(Metric::Memory, name, observed.resident_mb);
    }
}

fn note_half_load(name: Name, bare: &Observed, observed: &Observed, report: &mut Report) {
    let added = |share| micros(observed.times.whole(share)) - micros(bare.times.whole(share));
    report.note(Metric::HalfLoadP50, name, micros(observed.times.whole(50)));
    report.note(Metric::HalfLoadP99, name, micros(observed.times.whole(99)));
    report.note(Metric::HalfLoadAddedP50, name, added(50));
    report.note(Metric::HalfLoadAddedP99, name, added(99));
}

fn note_streams(name: Name, bare: Option<&Observed>, observed: &Observed, report: &mut Report) {
    report.note(Metric::FirstByteP50, name, micros(observed.times.first_byte(50)));
    report.note(Metric::FirstByteP99, name, micros(observed.times.first_byte(99)));
    if let Some(bare) = bare {
        let added = |share| micros(observed.times.first_byte(share)) - micros(bare.times.first_byte(share));
        report.note(Metric::FirstByteAddedP50, name, added(50));
        report.note(Metric::FirstByteAddedP99, name, added(99));
        report.note(Metric::CpuPerChunk, name, observed.cpu_per(observed.chunks));
    }
}

/// Whole answers, each asked for when the one before it came. The load takes its turns with Postgres, which
/// might not get to run otherwise.
fn saturating(target: &Target) -> Phase {
    let closed = Rhythm::Closed { apart: Duration::ZERO };
    Phase {
        takes_precedence: false,
        stays_awake: true,
        ..phase(target, CONNECTIONS, closed, None)
    }
}

/// Whole answers, asked for at a fixed pace.
fn paced(target: &Target, per_second: f64) -> Phase {
    let every = Duration::from_secs_f64(1.0 / per_second);
    phase(target, CONNECTIONS, Rhythm::Open { every }, None)
}

/// Streams that begin evenly spread over the time that one takes.
fn streaming(target: &Target, connections: u32, pace: Pace) -> Phase {
    let warm_up = if connections == MANY { OPENED_WITHIN } else { WARM_UP };
    let spread = (warm_up / 2).min(pace.length());
    let closed = Rhythm::Closed {
        apart: spread / connections,
    };
    Phase {
        warm_up,
        ..phase(target, connections, closed, Some(pace))
    }
}

fn phase(target: &Target, connections: u32, rhythm: Rhythm, streams: Option<Pace>) -> Phase {
    let (address, expected) = match streams {
        Some(pace) => (target.streams, stream(pace)),
        None => (target.whole, completion()),
    };
    Phase {
        order: Order {
            address,
            request: request(
                &address.to_string(),
                &target.path,
                &target.credential,
                streams.is_some(),
            ),
            expected: expected.into_bytes(),
            connections,
            rhythm,
        },
        pace: streams.unwrap_or(PACE),
        warm_up: WARM_UP,
        measured: MEASURED,
        takes_precedence: true,
        stays_awake: false,
        server: target.process,
    }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
