//! `latchkey doctor`

use super::deployment::{Deployment, OpenDatabase, Sandboxed, read_config};
use super::{Outcome, output};
use crate::config::Config;
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
        healthy &= report("migrations, roles and master key", services(&config).await)?;
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

async fn services(config: &Config) -> Result<String, String> {
    let opened = Deployment::open(config, Sandboxed::default()).await;
    let deployment = opened.map_err(|error| told(&*error))?;
    let set_up = deployment.services.accounts.is_set_up().await;
    deployment.close().await.map_err(|error| told(&*error))?;
    match set_up {
        Ok(true) => Ok("fit each other".to_owned()),
        Ok(false) => {
            Ok("fit each other; nobody has an account yet: start `latchkey serve` for the set-up link".to_owned())
        }
        Err(error) => Err(told(&error)),
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
