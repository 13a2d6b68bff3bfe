//! Work that nobody waits for: on a queue in Postgres, so that each job is done once, by whichever instance is free,
//! and again by another when that one dies over it.
//!
//! The queue itself (its schema, adding to it) is in `store::queue`, because services add jobs too; what working it
//! off takes is here. [`tasks`] says what each job does, [`schedule`] what comes by the clock.

mod schedule;
mod tasks;

use crate::service::Services;
use crate::service::metrics::JobOutcome;
use crate::store::{StoreError, queue};
use graphile_worker::{AfterJobRun, AfterJobRunContext, HookResult, Worker, WorkerBuildError, WorkerOptions};
use sqlx::PgPool;
use std::error::Error;
use std::fmt::{self, Write as _};
use std::future::{Ready, ready};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Jobs of one instance at a time: most wait for a provider, or for somebody's webhook.
const AT_ONCE: usize = 16;
/// A failed worker begins again after this long, and after twice as long each time it fails again.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// So many times an instance says that it lives before its silence counts.
const HEARTBEATS: u32 = 6;
/// What the worker says of a job that it did not let finish, because the server stops.
const INTERRUPTED: &str = "TaskAborted";

/// How quickly the queue is worked off, and how quickly a dead instance is noticed.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// How often an instance says that it lives, and looks for others that do not.
    pub heartbeat: Duration,
    /// After how long a silent instance's jobs are done by others: well above the longest pause that a live one may
    /// make, or a job is done twice at once.
    pub dead_after: Duration,
    /// How often jobs are looked for that nobody told of: those whose time has come.
    pub look: Duration,
    /// How long jobs may finish when the instance stops; those that do not are done by another.
    pub grace: Duration,
}

impl Pace {
    /// The pace at which a silent instance's jobs are done by others after `dead_after`.
    #[must_use]
    pub fn taking_over_after(dead_after: Duration) -> Self {
        Self {
            heartbeat: dead_after / HEARTBEATS,
            dead_after,
            ..Self::default()
        }
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(10),
            dead_after: Duration::from_mins(1),
            look: Duration::from_secs(2),
            grace: Duration::from_secs(3),
        }
    }
}

/// What jobs work with.
#[derive(Clone)]
struct Context(Services);

impl fmt::Debug for Context {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Context")
    }
}

/// Jobs being done.
#[derive(Debug)]
pub struct JobsHandle {
    stop: CancellationToken,
    working: JoinHandle<()>,
}

/// Begins to do jobs, until stopped. The database must be migrated.
///
/// # Errors
/// [`StoreError::Unavailable`] when the database cannot be reached now; later it may come and go.
pub async fn start(services: Services, pace: Pace) -> Result<JobsHandle, StoreError> {
    let pool = services.queue_pool().await?;
    let stop = CancellationToken::new();
    let working = tokio::spawn(work(services, pool, pace, stop.clone()));
    Ok(JobsHandle { stop, working })
}

impl JobsHandle {
    /// Takes no more jobs, lets those at work finish, and gives up after `limit`.
    pub async fn stop(mut self, limit: Duration) {
        self.stop.cancel();
        if tokio::time::timeout(limit, &mut self.working).await.is_err() {
            tracing::warn!("jobs were still at work, and will be done by another instance");
            self.working.abort();
        }
    }
}

impl Drop for JobsHandle {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Works, and begins again whenever the worker fails: it gives up as soon as the database is away.
async fn work(services: Services, pool: PgPool, pace: Pace, stop: CancellationToken) {
    let mut pause = FIRST_PAUSE;
    while !stop.is_cancelled() {
        let began = tokio::time::Instant::now();
        if let Err(error) = run(&services, &pool, pace, &stop).await {
            tracing::warn!(
                error = with_causes(&*error),
                "jobs wait: the queue cannot be worked off"
            );
        }
        if began.elapsed() > LONGEST_PAUSE {
            pause = FIRST_PAUSE;
        }
        let _ = stop.run_until_cancelled(tokio::time::sleep(pause)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    pool.close().await;
}

async fn run(
    services: &Services,
    pool: &PgPool,
    pace: Pace,
    stop: &CancellationToken,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let worker = worker(services, pool, pace, stop).await?;
    Ok(worker.run().await?)
}

async fn worker(
    services: &Services,
    pool: &PgPool,
    pace: Pace,
    stop: &CancellationToken,
) -> Result<Worker, WorkerBuildError> {
    let options = WorkerOptions::default()
        .schema(queue::SCHEMA)
        .pg_pool(pool.clone())
        .concurrency(AT_ONCE)
        .poll_interval(pace.look)
        .heartbeat_interval(pace.heartbeat)
        .sweep_interval(pace.heartbeat)
        .sweep_threshold(pace.dead_after)
        .recovery_delay(Duration::ZERO)
        .listen_os_shutdown_signals(false)
        .shutdown_signal(stop.clone().cancelled_owned())
        .shutdown_grace_period(pace.grace)
        .shutdown_interrupted_job_retry_delay(Duration::ZERO)
        .add_extension(Context(services.clone()))
        .on(AfterJobRun, count(services));
    tasks::define(options).with_crons(schedule::crontabs()).init().await
}

/// Counts every job that ends here, whatever its task.
fn count(services: &Services) -> impl Fn(AfterJobRunContext) -> Ready<HookResult> + Clone + Send + Sync + use<> {
    let metrics = services.metrics.clone();
    move |AfterJobRunContext {
              job, result, duration, ..
          }| {
        metrics.job_ended(job.task_identifier(), outcome(&result), duration);
        ready(HookResult::Continue)
    }
}

fn outcome(result: &Result<(), String>) -> JobOutcome {
    match result {
        Ok(()) => JobOutcome::Done,
        Err(error) if error == INTERRUPTED => JobOutcome::Interrupted,
        Err(_) => JobOutcome::Failed,
    }
}

fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}
