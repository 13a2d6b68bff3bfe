//! How the queue is, task by task, and what its servers are doing.

use crate::store::{StoreError, SystemTx};
use sqlx::FromRow;
use std::time::Duration;
use time::OffsetDateTime;

/// How many characters of an error are read: the queue keeps them whole, however long they are.
const LONGEST_ERROR: i32 = 1_000;

/// Tasks that no server of this release does.
const OF_EARLIER_RELEASES: [&str; 1] = ["tell_owner_of_undone_rotation"];

/// How the queue is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueState {
    /// Every task that the queue knows, by name; those without a job too.
    pub tasks: Vec<TaskState>,
    /// Servers that said within the last minutes that they work the queue off, the oldest first.
    pub servers: Vec<ServerState>,
}

/// How a task's jobs are. A job that was replaced by another of the same key while it was at work counts only for as
/// long as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskState {
    /// The task's name in the queue.
    pub task: String,
    /// Jobs that wait, for their time or for a server.
    pub queued: i64,
    /// Jobs at work.
    pub running: i64,
    /// Jobs whose time came more than a minute ago and that nobody has begun.
    pub late: i64,
    /// Jobs that have failed, and are tried again.
    pub failing: i64,
    /// Jobs that were given up after all their tries.
    pub given_up: i64,
    /// How long the longest-waiting job has been due; `None` when none is.
    pub longest_due: Option<Duration>,
    /// When the next job's time comes, or came.
    pub next_run: Option<OffsetDateTime>,
    /// What failed last among the jobs that are failing or given up.
    pub last_error: Option<JobError>,
    /// When the clock added a job last, where the task is the clock's.
    pub last_scheduled: Option<OffsetDateTime>,
}

/// Why a job failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobError {
    /// What the worker kept of it.
    pub message: String,
    /// When it failed.
    pub at: OffsetDateTime,
}

/// A server that works the queue off.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct ServerState {
    /// The worker's name in the queue and in logs.
    pub id: String,
    /// When it began.
    pub since: OffsetDateTime,
    /// When it last said that it lives.
    pub seen: OffsetDateTime,
}

#[derive(FromRow)]
struct TaskRow {
    task: String,
    queued: i64,
    running: i64,
    late: i64,
    failing: i64,
    given_up: i64,
    longest_due: Option<f64>,
    next_run: Option<OffsetDateTime>,
    last_error: Option<String>,
    failed_at: Option<OffsetDateTime>,
    last_scheduled: Option<OffsetDateTime>,
}

impl From<TaskRow> for TaskState {
    fn from(row: TaskRow) -> Self {
        let due = row.longest_due.map(Duration::try_from_secs_f64);
        Self {
            task: row.task,
            queued: row.queued,
            running: row.running,
            late: row.late,
            failing: row.failing,
            given_up: row.given_up,
            longest_due: due.and_then(Result::ok),
            next_run: row.next_run,
            last_error: row
                .last_error
                .zip(row.failed_at)
                .map(|(message, at)| JobError { message, at }),
            last_scheduled: row.last_scheduled,
        }
    }
}

/// How the queue is.
///
/// # Errors
/// Whatever the database says.
pub async fn state(tx: &mut SystemTx) -> Result<QueueState, StoreError> {
    let tasks: Vec<TaskRow> = sqlx::query_as(TASKS)
        .bind(LONGEST_ERROR)
        .fetch_all(tx.connection())
        .await?;
    let servers = sqlx::query_as(
        "select id, started_at as since, last_heartbeat_at as seen from graphile_worker._private_workers
         where last_heartbeat_at > now() - interval '2 minutes' order by started_at, id",
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(QueueState {
        tasks: tasks.into_iter().map(Into::into).collect(),
        servers,
    })
}

/// The worker does not note when a job failed, but it plans the next try from there: `exp(tries)` seconds later.
const TASKS: &str = "
with jobs as (
    select j.task_id, j.run_at, j.is_available, j.last_error,
           j.locked_at is not null as is_running,
           retired.id is null and j.locked_at is null and j.attempts >= j.max_attempts as is_given_up,
           retired.id is null and tried.times > 0 as has_failed,
           greatest(j.updated_at, j.run_at - exp(least(tried.times, 10)) * interval '1 second') as failed_at
    from graphile_worker._private_jobs j
    left join graphile_worker._private_job_retirements retired on retired.id = j.id
    cross join lateral (select j.attempts - (j.locked_at is not null)::int as times) tried
)
select t.identifier as task,
       count(*) filter (where is_available) as queued,
       count(*) filter (where is_running) as running,
       count(*) filter (where is_available and run_at < now() - interval '1 minute') as late,
       count(*) filter (where has_failed and not is_given_up) as failing,
       count(*) filter (where is_given_up) as given_up,
       extract(epoch from now() - min(run_at) filter (where is_available and run_at <= now()))::float8 as longest_due,
       min(run_at) filter (where is_available) as next_run,
       (array_agg(left(last_error, $1) order by failed_at desc) filter (where has_failed and last_error is not null))[1]
           as last_error,
       max(failed_at) filter (where has_failed and last_error is not null) as failed_at,
       c.last_execution as last_scheduled
from graphile_worker._private_tasks t
left join jobs on jobs.task_id = t.id
left join graphile_worker._private_known_crontabs c on c.identifier = t.identifier
group by t.identifier, c.last_execution
order by t.identifier";

/// Removes jobs that nobody will do: of tasks that only earlier releases knew, due for an hour, since during an upgrade a
/// server of such a release may still do its own; how many there were.
///
/// # Errors
/// Whatever the database says.
pub async fn remove_abandoned(tx: &mut SystemTx) -> Result<u64, StoreError> {
    let removed = sqlx::query(
        "delete from graphile_worker._private_jobs j using graphile_worker._private_tasks t
         where t.id = j.task_id and t.identifier = any($1)
           and j.locked_at is null and j.run_at < now() - interval '1 hour'",
    )
    .bind(&OF_EARLIER_RELEASES[..])
    .execute(tx.connection())
    .await?;
    Ok(removed.rows_affected())
}

/// Lets every job of a task that has failed, given up or not, be tried again at once, as often as a new one; how many
/// there were.
///
/// # Errors
/// Whatever the database says.
pub async fn try_again(tx: &mut SystemTx, task: &str) -> Result<u64, StoreError> {
    let again = sqlx::query(
        "select from graphile_worker.reschedule_jobs(
             array(
                 select j.id from graphile_worker._private_jobs j
                 join graphile_worker._private_tasks t on t.id = j.task_id
                 where t.identifier = $1 and j.locked_at is null and j.attempts > 0
                   and not exists (select from graphile_worker._private_job_retirements r where r.id = j.id)
             ),
             run_at := now(), attempts := 0)",
    )
    .bind(task)
    .execute(tx.connection())
    .await?;
    Ok(again.rows_affected())
}
