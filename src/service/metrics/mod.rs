//! What the operator's monitoring reads: counted where the work is done, written out when somebody asks, in the text
//! format that Prometheus reads. No label names a key, an organization or a person.

mod counted;
mod queue;

use super::job_queue::JobQueue;
pub(super) use counted::Counted;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use queue::QueueGauges;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long the queue's figures are good for: however often somebody asks, the database is asked no more often.
const GOOD_FOR: Duration = Duration::from_secs(5);
/// Upper ends, in seconds: most jobs are a probe or a mail, and a roll-up may take minutes.
const JOB_SECONDS: [f64; 10] = [0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 300.0];
/// Methods that callers make up do not each get a count of their own.
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];

/// How a job ended here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobOutcome {
    /// It was done.
    Done,
    /// It failed; the queue tries it again, or gives it up.
    Failed,
    /// It was at work when this server stopped; another does it.
    Interrupted,
}

impl JobOutcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct JobLabels {
    task: String,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: &'static str,
}

/// Counts, and writes out what was counted.
pub struct Metrics {
    registry: Registry,
    jobs: Family<JobLabels, Histogram, fn() -> Histogram>,
    requests: Family<RequestLabels, Counter>,
    queue: QueueGauges,
    job_queue: Arc<JobQueue>,
    /// When the queue was looked at; held while figures are written out, so that nobody sees half of them.
    looked: Mutex<Option<Instant>>,
}

impl Metrics {
    pub(super) fn new(job_queue: Arc<JobQueue>, counted: Counted) -> Self {
        let mut registry = Registry::with_prefix("latchkey");
        let jobs = Family::<_, _, fn() -> Histogram>::new_with_constructor(|| Histogram::new(JOB_SECONDS));
        registry.register_with_unit(
            "job_duration",
            "Jobs that ended here, by task and outcome, and how long they took",
            Unit::Seconds,
            jobs.clone(),
        );
        let requests = Family::default();
        registry.register(
            "http_requests",
            "Requests answered here, calls through the gateway aside, by method, route and class of status",
            requests.clone(),
        );
        let queue = QueueGauges::register(&mut registry);
        registry.register_collector(Box::new(counted));
        Self {
            registry,
            jobs,
            requests,
            queue,
            job_queue,
            looked: Mutex::default(),
        }
    }

    /// Counts a job that ended here.
    pub fn job_ended(&self, task: &str, outcome: JobOutcome, took: Duration) {
        let labels = JobLabels {
            task: task.to_owned(),
            outcome: outcome.as_str(),
        };
        self.jobs.get_or_create(&labels).observe(took.as_secs_f64());
    }

    /// Counts an answered request; `route` is the route's template, never the address.
    pub fn request_answered(&self, method: &str, route: &str, status: u16) {
        let labels = RequestLabels {
            method: METHODS.into_iter().find(|known| *known == method).unwrap_or("other"),
            route: route.to_owned(),
            status: class(status),
        };
        self.requests.get_or_create(&labels).inc();
    }

    /// Everything, as text. Where the queue cannot be looked at, its figures are left out rather than old.
    ///
    /// # Errors
    /// None in truth: text can always be written.
    pub async fn render(&self) -> Result<String, std::fmt::Error> {
        let mut looked = self.looked.lock().await;
        if looked.is_none_or(|at| at.elapsed() >= GOOD_FOR) {
            *looked = Some(Instant::now());
            match self.job_queue.state().await {
                Ok(state) => self.queue.show(&state),
                Err(error) => {
                    let error: &dyn std::error::Error = &error;
                    tracing::warn!(error, "the job queue's metrics cannot be read");
                    self.queue.forget();
                }
            }
        }
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

const fn class(status: u16) -> &'static str {
    match status {
        100..=199 => "1xx",
        200..=299 => "2xx",
        300..=399 => "3xx",
        400..=499 => "4xx",
        _ => "5xx",
    }
}
