//! What is printed: medians of the rounds, how far they lie apart, and Latchkey's ratio to nginx.

use std::collections::BTreeMap;
use std::time::Duration;

/// Who was measured.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    Direct,
    Nginx,
    Latchkey,
}

impl Name {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Nginx => "nginx",
            Self::Latchkey => "latchkey",
        }
    }
}

/// What was measured.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Metric {
    PerSecond,
    SaturatedP50,
    SaturatedP99,
    ServerBusy,
    CpuPerCall,
    Memory,
    HalfLoadP50,
    HalfLoadP99,
    HalfLoadAddedP50,
    HalfLoadAddedP99,
    FirstByteP50,
    FirstByteP99,
    FirstByteAddedP50,
    FirstByteAddedP99,
    CpuPerChunk,
    ManyStreamsMemory,
}

/// The columns, in order.
const NAMES: [Name; 3] = [Name::Direct, Name::Nginx, Name::Latchkey];

/// How much of its core nginx uses at the least, in percent, when nothing else does.
const FULL: f64 = 90.0;

/// How a metric is aimed at.
enum Aim {
    None,
    /// Times nginx's, at most or at least.
    Ratio(&'static str),
    /// By itself.
    Plain(&'static str),
}

/// The rows, in order.
const ROWS: &[(Metric, &str, Aim)] = &[
    (Metric::PerSecond, "saturated: requests/s", Aim::Ratio("0.7 × or more")),
    (Metric::SaturatedP50, "  p50, µs", Aim::None),
    (Metric::SaturatedP99, "  p99, µs", Aim::None),
    (Metric::ServerBusy, "  server's core in use, %", Aim::None),
    (Metric::CpuPerCall, "  CPU a call, µs", Aim::Ratio("1.5 ×")),
    (Metric::Memory, "  resident, MB", Aim::Plain("40")),
    (Metric::HalfLoadP50, "at half its own load: p50, µs", Aim::None),
    (Metric::HalfLoadP99, "  p99, µs", Aim::None),
    (Metric::HalfLoadAddedP50, "  added p50, µs", Aim::Ratio("")),
    (Metric::HalfLoadAddedP99, "  added p99, µs", Aim::Ratio("1.25 ×")),
    (
        Metric::FirstByteP50,
        "streams, 16,000 chunks/s: first byte p50, µs",
        Aim::None,
    ),
    (Metric::FirstByteP99, "  first byte p99, µs", Aim::None),
    (
        Metric::FirstByteAddedP50,
        "  added first byte p50, µs",
        Aim::Ratio("1.25 ×"),
    ),
    (
        Metric::FirstByteAddedP99,
        "  added first byte p99, µs",
        Aim::Ratio("1.25 ×"),
    ),
    (Metric::CpuPerChunk, "  CPU a chunk, µs", Aim::Ratio("1.5 ×")),
    (
        Metric::ManyStreamsMemory,
        "1,000 open streams: resident, MB",
        Aim::Plain("100"),
    ),
];

/// Every figure of every round.
#[derive(Default)]
pub(super) struct Report {
    rounds: BTreeMap<(Metric, Name), Vec<f64>>,
}

impl Report {
    pub(super) fn note(&mut self, metric: Metric, name: Name, figure: f64) {
        self.rounds.entry((metric, name)).or_default().push(figure);
    }

    pub(super) fn print(&self) {
        let [direct, nginx, latchkey] = NAMES.map(Name::as_str);
        println!(
            "\n{:<45}{direct:>17}{nginx:>17}{latchkey:>17}{:>9}   aim",
            "gateway, one core, 32 connections, 1 KB", "÷ nginx"
        );
        for (metric, label, aim) in ROWS {
            let cells = NAMES.map(|name| self.cell(*metric, name));
            let (ratio, aim) = match aim {
                Aim::None => (String::new(), ""),
                Aim::Ratio(aim) => (self.ratio(*metric), *aim),
                Aim::Plain(aim) => (String::new(), *aim),
            };
            println!("{label:<45}{}{}{}{ratio:>9}   {aim}", cells[0], cells[1], cells[2]);
        }
        let full = self.rounds.get(&(Metric::ServerBusy, Name::Nginx)).cloned();
        if full.is_some_and(|rounds| median(rounds) < FULL) {
            println!(
                "nginx did not fill its core: other programs used it, or the load's. Run this when they are done."
            );
        }
    }

    /// Median, and half the distance between the lowest and the highest round.
    fn cell(&self, metric: Metric, name: Name) -> String {
        let Some(figures) = self.rounds.get(&(metric, name)) else {
            return " ".repeat(17);
        };
        let middle = median(figures.clone());
        let low = figures.iter().copied().fold(f64::INFINITY, f64::min);
        let high = figures.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let places = usize::from(middle < 1000.0);
        if figures.len() == 1 {
            return format!("{middle:>11.places$}      ");
        }
        let spread = (high - low) / 2.0 / middle.abs() * 100.0;
        format!("{middle:>11.places$} ±{spread:>3.0}%")
    }

    /// Of each round apart, then the median: what a round's noise does to both falls out.
    fn ratio(&self, metric: Metric) -> String {
        let of = |name| self.rounds.get(&(metric, name)).into_iter().flatten();
        let ratios: Vec<_> = of(Name::Latchkey)
            .zip(of(Name::Nginx))
            .map(|(ours, floor)| ours / floor)
            .collect();
        if ratios.is_empty() {
            String::new()
        } else {
            format!("{:.2} ×", median(ratios))
        }
    }
}

/// What recording every call has cost beside the server.
pub(super) fn print_postgres(used: Duration, calls: u64) {
    #[expect(clippy::cast_precision_loss, reason = "a count for people")]
    let each = used.as_secs_f64() * 1e6 / calls.max(1) as f64;
    println!("Postgres, on another core, for each of {calls} usage events: {each:.1} µs; none was dropped");
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or_default()
}
