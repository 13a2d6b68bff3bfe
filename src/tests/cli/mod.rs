//! The plural commands, as anybody runs them: the built program against a served Latchkey.

mod applying;
mod commands;
mod exits;
mod login;

use crate::harness::{Server, TestApp};
use latchkey::sandbox::{Behaviour, Sandbox};
use serde_json::Value;
use sqlx::PgPool;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// Somebody's terminal: a home folder, a token, and a Latchkey to work on.
struct Terminal {
    app: TestApp,
    server: Server,
    token: String,
    home: PathBuf,
    /// Every command line so far, without its options.
    told: RefCell<BTreeSet<String>>,
}

/// What a command came to.
#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Terminal {
    /// With a token of the whole organization that may do everything.
    async fn start(pool: PgPool) -> Self {
        let app = TestApp::start(pool).await;
        let token = app.token(&["*"]).await;
        let server = app.listen().await;
        let home = std::env::temp_dir().join(format!("latchkey-terminal-{}", app.own.owner.org));
        fs::create_dir(&home).unwrap();
        Self {
            app,
            server,
            token,
            home,
            told: RefCell::default(),
        }
    }

    /// Where Latchkey is.
    fn url(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// Runs a command that is told where Latchkey is and with what token. `input` stands on its standard input.
    async fn run(&self, arguments: &[&str], input: &str) -> Ran {
        let variables = [("LATCHKEY_URL", self.url()), ("LATCHKEY_TOKEN", self.token.clone())];
        self.run_with(&variables, arguments, input).await
    }

    /// Runs a command with these variables and no others.
    async fn run_with(&self, variables: &[(&str, String)], arguments: &[&str], input: &str) -> Ran {
        self.told.borrow_mut().insert(arguments.join(" "));
        let mut child = Command::new(env!("CARGO_BIN_EXE_latchkey"))
            .args(arguments)
            .env_clear()
            .env("XDG_CONFIG_HOME", &self.home)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A command that reads nothing may have ended by now.
        let _unread = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        let output = child.wait_with_output().await.unwrap();
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// A command that is done, and what it printed.
    #[track_caller]
    fn done(ran: Ran) -> String {
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.out
    }

    /// The JSON that a command prints.
    async fn json(&self, arguments: &[&str], input: &str) -> Value {
        let ran = self.run(&[arguments, &["--json"]].concat(), input).await;
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
        serde_json::from_str(&ran.out).unwrap()
    }

    /// Puts a file into the home folder.
    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.join(name);
        fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // What cannot be removed is the system's to tidy up.
        let _left = fs::remove_dir_all(&self.home);
    }
}

/// A key that the provider accepts.
fn valid(provider: &str, end: &str) -> String {
    format!("{}-{end}", Sandbox::key(provider, Behaviour::Valid))
}

/// The bits of a file's mode that are about who may do what.
fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}
