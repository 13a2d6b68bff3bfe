//! The job queue's figures: the same on every server, as they come from the database.

use crate::service::job_queue::{QueueState, TaskState};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};
use std::sync::atomic::AtomicU64;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TaskLabels {
    task: String,
}

/// The queue's figures as they were last looked at.
pub(super) struct QueueGauges {
    tasks: Vec<TaskGauge>,
    longest_due: Family<TaskLabels, Gauge<f64, AtomicU64>>,
    servers: Gauge,
    is_readable: Gauge,
}

struct TaskGauge {
    of: fn(&TaskState) -> i64,
    shown: Family<TaskLabels, Gauge>,
}

type Figure = (&'static str, &'static str, fn(&TaskState) -> i64);

const FIGURES: [Figure; 5] = [
    (
        "jobs_queued",
        "Jobs that wait, for their time or for a server",
        |task: &TaskState| task.queued,
    ),
    ("jobs_running", "Jobs at work, on any server", |task| task.running),
    (
        "jobs_late",
        "Jobs whose time came more than a minute ago and that nobody has begun",
        |task| task.late,
    ),
    ("jobs_failing", "Jobs that have failed, and are tried again", |task| {
        task.failing
    }),
    ("jobs_given_up", "Jobs given up after all their tries", |task| {
        task.given_up
    }),
];

impl QueueGauges {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let tasks = FIGURES.into_iter().map(|(name, help, of)| {
            let shown = Family::default();
            registry.register(name, help, shown.clone());
            TaskGauge { of, shown }
        });
        let tasks = tasks.collect();
        let longest_due = Family::default();
        registry.register_with_unit(
            "jobs_longest_due",
            "How long the longest-waiting job has been due; 0 when none is",
            Unit::Seconds,
            longest_due.clone(),
        );
        let (servers, is_readable) = (Gauge::default(), Gauge::default());
        registry.register("job_servers", "Servers that work the queue off", servers.clone());
        registry.register(
            "job_queue_readable",
            "Whether the queue could be read: 1, or 0 and its figures are left out",
            is_readable.clone(),
        );
        Self {
            tasks,
            longest_due,
            servers,
            is_readable,
        }
    }

    pub(super) fn show(&self, state: &QueueState) {
        self.forget();
        for task in &state.tasks {
            let labels = TaskLabels {
                task: task.task.clone(),
            };
            for gauge in &self.tasks {
                gauge.shown.get_or_create(&labels).set((gauge.of)(task));
            }
            let due = task.longest_due.unwrap_or_default().as_secs_f64();
            self.longest_due.get_or_create(&labels).set(due);
        }
        self.servers.set(i64::try_from(state.servers.len()).unwrap_or(i64::MAX));
        self.is_readable.set(1);
    }

    /// Shows no figure that nobody can vouch for.
    pub(super) fn forget(&self) {
        for gauge in &self.tasks {
            gauge.shown.clear();
        }
        self.longest_due.clear();
        self.servers.set(0);
        self.is_readable.set(0);
    }
}
