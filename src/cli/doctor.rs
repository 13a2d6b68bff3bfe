//! `latchkey doctor`

use super::deployment::{Deployment, OpenDatabase, Sandboxed, read_config};
use super::{Outcome, output};
use crate::config::Config;
use crate::service::maintenance::QueueState;
use std::path::Path;

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
            healthy &= report("job queue", queue)?;
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
async fn services(config: &Config) -> (Result<String, String>, Result<String, String>) {
    let deployment = match Deployment::open(config, Sandboxed::default()).await {
        Ok(deployment) => deployment,
        Err(error) => return (Err(told(&*error)), Ok(String::new())),
    };
    let set_up = deployment.services.accounts.is_set_up().await;
    let queue = deployment.services.maintenance.queue_state().await;
    let closed = deployment.close().await;
    let fit = match (closed, set_up) {
        (Err(error), _) => Err(told(&*error)),
        (_, Err(error)) => Err(told(&error)),
        (_, Ok(true)) => Ok("fit each other".to_owned()),
        (_, Ok(false)) => {
            Ok("fit each other; nobody has an account yet: start `latchkey serve` for the set-up link".to_owned())
        }
    };
    (fit, queue.map_err(|error| told(&error)).and_then(queue_report))
}

fn queue_report(state: QueueState) -> Result<String, String> {
    let QueueState {
        late,
        given_up,
        workers,
    } = state;
    let given_up = match given_up {
        0 => String::new(),
        _ => format!("; {given_up} given up within the last day, see the log"),
    };
    match (late, workers) {
        (0, _) => Ok(format!("nothing is late; servers at work: {workers}{given_up}")),
        (_, 0) => Ok(format!("jobs that wait for a server to be started: {late}{given_up}")),
        _ => Err(format!(
            "jobs that are late: {late}, although servers at work: {workers}{given_up}; \
             their logs say why they cannot, or one more server is needed"
        )),
    }
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

    fn report(late: i64, workers: i64) -> Result<String, String> {
        queue_report(QueueState {
            late,
            given_up: 0,
            workers,
        })
    }

    #[test]
    fn late_jobs_are_wrong_only_while_somebody_should_do_them() {
        assert!(report(0, 0).is_ok());
        assert!(report(0, 2).unwrap().contains("nothing is late"));
        assert!(report(3, 0).unwrap().contains("to be started: 3"));
        assert!(report(3, 2).unwrap_err().contains("late: 3"));
    }
}
