//! Latchkey as an operator runs it: `latchkey serve` with its own Postgres, whose `openai` is the mock.

use super::script::{PATH, PROVIDER_KEY};
use super::{SERVER_CORE, free_address, spare_core};
use crate::{Failure, client, process};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_mins(1);
const ORGANIZATION: &str = "Bench";
/// What the log says when usage events were lost.
const DROPS: &str = "usage_events_dropped";

/// Where an application sends its chat completions.
pub(super) fn path() -> String {
    format!("/gateway/openai{PATH}")
}

/// Started in a folder of its own, and stopped when dropped.
pub(super) struct Latchkey {
    program: String,
    folder: PathBuf,
    child: Child,
    pub(super) address: SocketAddr,
    /// What an application sends in place of a provider key.
    pub(super) token: String,
}

impl Latchkey {
    /// Serving, with one project that has a key and a token, and held to its core.
    pub(super) async fn start(program: &str, site: &str, folder: &Path, upstream: SocketAddr) -> Result<Self, Failure> {
        fs::create_dir_all(folder)?;
        let address = free_address()?;
        let child = command(program, folder)
            .arg("serve")
            .env("LATCHKEY_LISTEN", address.to_string())
            .env("LATCHKEY_SITE_ROOT", site)
            .env("LATCHKEY_OPENAI_BASE_URL", format!("http://{upstream}"))
            .env("RUST_LOG", "warn")
            .env("TOKIO_WORKER_THREADS", "1")
            .stderr(File::create(folder.join("log"))?)
            .spawn()?;
        let mut latchkey = Self {
            program: program.to_owned(),
            folder: folder.to_owned(),
            child,
            address,
            token: String::new(),
        };
        latchkey.wait_until_ready().await?;
        latchkey.furnish().await?;
        latchkey.pin()?;
        Ok(latchkey)
    }

    pub(super) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Processor time of the private Postgres so far.
    pub(super) fn postgres_time(&self) -> Result<Duration, Failure> {
        let mut sum = Duration::ZERO;
        for id in self.postgres()? {
            // A backend may end while this looks.
            sum += process::time_of(id).unwrap_or_default();
        }
        Ok(sum)
    }

    /// Stops it; fails when usage events were lost, since a run with any is void.
    pub(super) fn stop(mut self) -> Result<(), Failure> {
        process::end(&mut self.child)?;
        let log = fs::read_to_string(self.folder.join("log"))?;
        match log.lines().find(|line| line.contains(DROPS)) {
            Some(line) => Err(format!("usage events were lost: {line}").into()),
            None => Ok(()),
        }
    }

    /// What the log says, for a run that failed.
    pub(super) fn last_words(&self) -> String {
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(5)..].join("\n")
    }

    async fn wait_until_ready(&mut self) -> Result<(), Failure> {
        let started = Instant::now();
        let client = client()?;
        while started.elapsed() < PATIENCE {
            let ready = client.get(self.url("/readyz")).send().await;
            if ready.is_ok_and(|answer| answer.status() == 200) {
                return Ok(());
            }
            if let Some(ended) = self.child.try_wait()? {
                return Err(format!("latchkey ended at start: {ended}\n{}", self.last_words()).into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err("latchkey did not become ready".into())
    }

    /// An organization, a project, its key and its token, by the ways that an operator has.
    async fn furnish(&mut self) -> Result<(), Failure> {
        self.create_owner()?;
        let token = self.create_token(&["--scope", "*"])?;
        let client = client()?;
        let project = client
            .post(self.url("/api/v1/projects"))
            .json(&json!({"name": "Production"}));
        let project = answer(project.bearer_auth(&token)).await?;
        let slug = project["slug"].as_str().ok_or("the project has no slug")?;
        let key = client
            .put(self.url(&format!("/api/v1/projects/{slug}/byok-keys/openai")))
            .json(&json!({"api_key": PROVIDER_KEY}));
        let key = answer(key.bearer_auth(&token)).await?;
        if key["health_status"] != "healthy" {
            return Err(format!("the provider key is not healthy: {key}").into());
        }
        self.token = self.create_token(&["--project", slug, "--scope", "use:gateway"])?;
        Ok(())
    }

    fn create_owner(&self) -> Result<(), Failure> {
        let words = "--email bench@latchkey.example --role owner --password-stdin";
        let mut creating = command(&self.program, &self.folder)
            .args(["user", "create", "--organization", ORGANIZATION])
            .args(words.split(' '))
            .stdin(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut password = creating.stdin.take().ok_or("no standard input")?;
        password.write_all(b"every key here is fake\n")?;
        drop(password);
        let done = creating.wait()?;
        done.success()
            .then_some(())
            .ok_or_else(|| "the owner was not created".into())
    }

    fn create_token(&self, words: &[&str]) -> Result<String, Failure> {
        let made = command(&self.program, &self.folder)
            .args(["token", "create", "--organization", ORGANIZATION, "--name", "bench"])
            .args(words)
            .output()?;
        if !made.status.success() {
            return Err(format!("no token was created: {}", String::from_utf8_lossy(&made.stderr)).into());
        }
        Ok(String::from_utf8(made.stdout)?.trim().to_owned())
    }

    /// Postgres first: what it starts later must not stand on the server's core either.
    fn pin(&self) -> Result<(), Failure> {
        for id in self.postgres()? {
            process::pin(id, spare_core()?)?;
        }
        process::pin(self.process(), SERVER_CORE)
    }

    fn postgres(&self) -> Result<Vec<u32>, Failure> {
        let notes = fs::read_to_string(self.folder.join("data/postgres/postmaster.pid"))?;
        let postmaster: u32 = notes.lines().next().ok_or("postmaster.pid is empty")?.trim().parse()?;
        let mut processes = process::children(postmaster)?;
        processes.insert(0, postmaster);
        Ok(processes)
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// No server is left behind by a run that failed.
impl Drop for Latchkey {
    fn drop(&mut self) {
        // It may have ended already, and that is all that is wanted.
        let _ended = process::end(&mut self.child);
    }
}

/// The program with its data in `folder` and nothing of the caller's deployment.
fn command(program: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .env("LATCHKEY_DATA_DIR", folder.join("data"))
        .env_remove("DATABASE_URL")
        .env_remove("LATCHKEY_PROGRAM");
    command
}

async fn answer(request: RequestBuilder) -> Result<Value, Failure> {
    let answer = request.send().await?;
    let status = answer.status();
    let text = answer.text().await?;
    if !status.is_success() {
        return Err(format!("{status}: {text}").into());
    }
    Ok(serde_json::from_str(&text)?)
}
