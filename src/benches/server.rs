//! The release program, run as `latchkey demo` in a folder of its own.

use crate::{Failure, client, process};
use reqwest::header::{CONTENT_TYPE, SET_COOKIE};
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PORT: u16 = 3990;
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Server {
    program: String,
    site: String,
    folder: PathBuf,
    child: Child,
    /// From the program's start to its readiness, in milliseconds.
    pub(crate) start_ms: f64,
}

impl Server {
    /// Starts it on an empty folder.
    pub(crate) async fn start(program: &str, site: &str) -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("lk-bench-{}", std::process::id()));
        fs::create_dir_all(&folder)?;
        let child = spawn(program, site, &folder)?;
        let mut server = Self {
            program: program.to_owned(),
            site: site.to_owned(),
            folder,
            child,
            start_ms: 0.0,
        };
        server.wait().await?;
        Ok(server)
    }

    /// Stops it and starts it again on the same folder.
    pub(crate) async fn restart(&mut self) -> Result<(), Failure> {
        process::end(&mut self.child)?;
        self.child = spawn(&self.program, &self.site, &self.folder)?;
        self.wait().await
    }

    /// Stops it and removes its folder.
    pub(crate) async fn stop(mut self) -> Result<(), Failure> {
        process::end(&mut self.child)?;
        Ok(tokio::fs::remove_dir_all(&self.folder).await?)
    }

    pub(crate) fn url(path: &str) -> String {
        format!("http://127.0.0.1:{PORT}{path}")
    }

    /// The cookie of the signed-in owner.
    pub(crate) async fn signed_in(&self) -> Result<String, Failure> {
        let answer = client()?
            .post(Self::url("/_fn/sign_in"))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body("email=demo%40latchkey.example&password=every+key+here+is+fake")
            .send()
            .await?;
        let cookie = answer.headers().get(SET_COOKIE).ok_or("no session began")?.to_str()?;
        Ok(cookie.split(';').next().unwrap_or_default().to_owned())
    }

    /// A token that reads keys, made at the command line.
    pub(crate) fn token(&self) -> Result<String, Failure> {
        let words = "token create --organization Sandbox --project production --scope read:byok --name bench";
        let made = Command::new(&self.program)
            .args(words.split(' '))
            .env("XDG_CONFIG_HOME", self.folder.join("config"))
            .env("LATCHKEY_DATA_DIR", self.folder.join("data/demo"))
            .stderr(Stdio::null())
            .output()?;
        Ok(String::from_utf8(made.stdout)?.trim().to_owned())
    }

    /// Memory of the program itself, in MB.
    pub(crate) fn resident_mb(&self) -> Result<f64, Failure> {
        process::resident_mb(self.child.id())
    }

    async fn wait(&mut self) -> Result<(), Failure> {
        let started = Instant::now();
        let client = client()?;
        while started.elapsed() < PATIENCE {
            let ready = client.get(Self::url("/readyz")).send().await;
            if ready.is_ok_and(|answer| answer.status() == 200) {
                self.start_ms = started.elapsed().as_secs_f64() * 1e3;
                return Ok(());
            }
            if let Some(ended) = self.child.try_wait()? {
                return Err(format!("the server ended at start: {ended}").into());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Err("the server did not become ready".into())
    }
}

/// No server is left behind by a run that failed.
impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already, and that is all that is wanted.
        let _ended = process::end(&mut self.child);
    }
}

fn spawn(program: &str, site: &str, folder: &std::path::Path) -> Result<Child, Failure> {
    Ok(Command::new(program)
        .arg("demo")
        .env("RUST_LOG", "warn")
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .env("LATCHKEY_DATA_DIR", folder.join("data"))
        .env("LATCHKEY_LISTEN", format!("127.0.0.1:{PORT}"))
        .env("LATCHKEY_SITE_ROOT", site)
        .env_remove("DATABASE_URL")
        .stderr(Stdio::null())
        .spawn()?)
}
