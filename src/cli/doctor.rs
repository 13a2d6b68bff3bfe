//! `latchkey doctor`

use super::deployment::{Deployment, OpenDatabase, Sandboxed, read_config};
use super::{Outcome, output};
use crate::config::Config;
use crate::service::job_queue::{JobError, QueueState, TaskState};
use std::path::Path;
use time::UtcOffset;
use time::format_description::well_known::Rfc3339;

/// Checks configuration, database, migrations, master key and files, and says what to do about
/// each that is not right.
pub(super) async fn doctor() -> Outcome {
    let config = read_config()?;
    passed(
        "configuration",
        &format!("listens on {}, public address {}", config.listen, config.public_url),
    )?;
    let mut healthy = report("database", database(&config).await)?;
    if healthy {
        let (fit, queue) = services(&config).await;
        healthy &= report("migrations, roles and master key", fit)?;
        if healthy {
            healthy &= report_queue(&config, queue)?;
        }
    }
    healthy &= report("dashboard files", files(&config.site_root))?;
    if healthy {
        Ok(())
    } else {
        Err("not everything is right; see above".into())
    }
}

async fn database(config: &Config) -> Result<String, String> {
    let database = OpenDatabase::open(config).await.map_err(|error| told(&*error))?;
    database.close().await.map_err(|error| told(&*error))?;
    Ok("answers".to_owned())
}

/// Whether what the services are made of fits, and how the job queue is.
async fn services(config: &Config) -> (Result<String, String>, Result<QueueState, String>) {
    let nothing = QueueState {
        tasks: Vec::new(),
        servers: Vec::new(),
    };
    let deployment = match Deployment::open(config, Sandboxed::default()).await {
        Ok(deployment) => deployment,
        Err(error) => return (Err(told(&*error)), Ok(nothing)),
    };
    let set_up = deployment.services.accounts.is_set_up().await;
    let queue = deployment.services.job_queue.state().await;
    let closed = deployment.close().await;
    let fit = match (closed, set_up) {
        (Err(error), _) => Err(told(&*error)),
        (_, Err(error)) => Err(told(&error)),
        (_, Ok(true)) => Ok("fit each other".to_owned()),
        (_, Ok(false)) => {
            Ok("fit each other; nobody has an account yet: start `latchkey serve` for the set-up link".to_owned())
        }
    };
    (fit, queue.map_err(|error| told(&error)))
}

/// Tells how the queue is, and of each task that is not as it should be.
fn report_queue(config: &Config, queue: Result<QueueState, String>) -> Result<bool, std::io::Error> {
    let state = match queue {
        Ok(state) => state,
        Err(problem) => return report("job queue", Err(problem)),
    };
    let mut healthy = report("job queue", Ok(queue_summary(&state)))?;
    let page = config.public_url.join("/operator/jobs");
    for task in &state.tasks {
        let what = format!("job {}", task.task);
        match task_report(task, state.servers.len(), &page) {
            Some(Err(problem)) => healthy &= report(&what, Err(problem))?,
            Some(Ok(note)) => output::line(&format!("note    {what}: {note}"))?,
            None => {}
        }
    }
    Ok(healthy)
}

fn queue_summary(state: &QueueState) -> String {
    let waiting: i64 = state.tasks.iter().map(|task| task.queued).sum();
    let servers = state.servers.len();
    let hint = if servers == 0 && waiting > 0 {
        "; a server has to be started to do them"
    } else {
        ""
    };
    format!("servers at work: {servers}; jobs that wait: {waiting}{hint}")
}

/// What is to be said of a task: a problem that somebody must mend, or what may mend itself. `None` when all is well.
fn task_report(task: &TaskState, servers: usize, page: &str) -> Option<Result<String, String>> {
    let mut said = Vec::new();
    let mut is_wrong = false;
    if task.late > 0 && servers > 0 {
        is_wrong = true;
        said.push(format!(
            "{} late, although servers are at work: their logs say why they cannot, or one more is needed",
            task.late
        ));
    } else if task.late > 0 {
        said.push(format!("{} late, until a server is started", task.late));
    }
    if task.failing > 0 {
        said.push(format!("{} failing, tried again by themselves", task.failing));
    }
    if task.given_up > 0 {
        is_wrong = true;
        said.push(format!(
            "{} given up: mend what the error says, then press Try again at {page} before they are cleared away \
             at night",
            task.given_up
        ));
    }
    if let Some(JobError { message, at }) = &task.last_error {
        let at = at.replace_nanosecond(0).unwrap_or(*at);
        let at = at.to_offset(UtcOffset::UTC).format(&Rfc3339).unwrap_or_default();
        said.push(format!("last error, at {at}: {message}"));
    }
    let said = said.join("; ");
    (!said.is_empty()).then_some(if is_wrong { Err(said) } else { Ok(said) })
}

fn files(site_root: &Path) -> Result<String, String> {
    let pkg = site_root.join("pkg");
    let found = std::fs::read_dir(&pkg).is_ok_and(|mut files| {
        files.any(|file| file.is_ok_and(|file| file.path().extension().is_some_and(|extension| extension == "wasm")))
    });
    if found {
        Ok(pkg.display().to_string())
    } else {
        Err(format!(
            "{} holds no dashboard; pages work without script only. Build it, or set LATCHKEY_SITE_ROOT.",
            pkg.display()
        ))
    }
}

fn report(what: &str, result: Result<String, String>) -> Result<bool, std::io::Error> {
    match result {
        Ok(detail) => passed(what, &detail).map(|()| true),
        Err(problem) => output::line(&format!("FAILED  {what}: {problem}")).map(|()| false),
    }
}

fn passed(what: &str, detail: &str) -> Result<(), std::io::Error> {
    output::line(&format!("ok      {what}: {detail}"))
}

fn told(error: &dyn std::error::Error) -> String {
    output::with_causes(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const PAGE: &str = "http://127.0.0.1:3000/operator/jobs";

    fn task() -> TaskState {
        TaskState {
            task: "reprobe".to_owned(),
            queued: 3,
            running: 1,
            late: 0,
            failing: 0,
            given_up: 0,
            longest_due: None,
            next_run: None,
            last_error: None,
            last_scheduled: None,
        }
    }

    #[test]
    fn nothing_is_said_of_a_task_that_is_well() {
        assert_eq!(task_report(&task(), 1, PAGE), None);
    }

    #[test]
    fn late_jobs_are_wrong_only_while_somebody_should_do_them() {
        let late = TaskState { late: 3, ..task() };
        let waits = task_report(&late, 0, PAGE).unwrap().unwrap();
        assert_eq!(waits, "3 late, until a server is started");
        let wrong = task_report(&late, 2, PAGE).unwrap().unwrap_err();
        assert!(wrong.starts_with("3 late, although servers are at work"), "{wrong}");
    }

    #[test]
    fn failed_jobs_are_told_of_with_their_error_and_what_to_do() {
        let last_error = Some(JobError {
            message: "the mail server is full".to_owned(),
            at: datetime!(2026-11-21 14:02:07.5 UTC),
        });
        let failing = TaskState {
            failing: 2,
            last_error,
            ..task()
        };
        let told = task_report(&failing, 1, PAGE).unwrap().unwrap();
        assert_eq!(
            told,
            "2 failing, tried again by themselves; last error, at 2026-11-21T14:02:07Z: the mail server is full"
        );
        let given_up = TaskState { given_up: 1, ..failing };
        let told = task_report(&given_up, 1, PAGE).unwrap().unwrap_err();
        assert!(told.contains("1 given up") && told.contains(PAGE), "{told}");
    }

    #[test]
    fn the_queue_is_summed_up() {
        let state = QueueState {
            tasks: vec![task(), task()],
            servers: Vec::new(),
        };
        let summary = queue_summary(&state);
        assert!(
            summary.starts_with("servers at work: 0; jobs that wait: 6; a server"),
            "{summary}"
        );
    }
}
