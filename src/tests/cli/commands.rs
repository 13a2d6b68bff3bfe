//! Every command once, for people and as JSON.

mod keys;

use super::{Ran, Terminal};
use crate::harness::TestApp;
use clap::CommandFactory;
use latchkey::cli::CommandLine;
use serde_json::{Value, json};
use sqlx::PgPool;

/// What works on the database or the machine itself rather than on a running Latchkey, and what `login.rs` runs.
const NOT_HERE: &[&str] = &[
    "serve",
    "demo",
    "migrate",
    "doctor",
    "user",
    "token",
    "organization",
    "rollup",
    "master-key",
    "help",
    "login",
    "logout",
];

/// A terminal on which all is asked for in one of both forms.
struct Asker {
    terminal: Terminal,
    json: bool,
}

impl Asker {
    /// Runs a command that is to be done; what it printed. As JSON that is JSON or nothing, and nobody is told
    /// anything beside it.
    async fn ask(&self, arguments: &[&str], input: &str) -> String {
        let form: &[&str] = if self.json { &["--json"] } else { &[] };
        let ran = self.terminal.run(&[arguments, form].concat(), input).await;
        assert_eq!(ran.code, 0, "{arguments:?}: {ran:?}");
        if self.json {
            assert_eq!(ran.err, "", "{arguments:?}");
            assert!(
                ran.out.is_empty() || serde_json::from_str::<Value>(&ran.out).is_ok(),
                "{arguments:?}: {ran:?}"
            );
        }
        let Ran { out, err, .. } = ran;
        // What people are told beside what they asked for.
        out + &err
    }

    /// The same, with words that stand in what it printed for people.
    async fn says(&self, arguments: &[&str], input: &str, words: &[&str]) -> String {
        let said = self.ask(arguments, input).await;
        for word in words {
            assert!(
                self.json || said.contains(word),
                "{arguments:?} does not say {word}: {said}"
            );
        }
        said
    }

    /// The JSON of the same thing, whatever the form asked for.
    async fn look(&self, arguments: &[&str]) -> Value {
        self.terminal.json(arguments, "").await
    }

    /// The only key that a list shows with this name.
    async fn key(&self, name: &str) -> Value {
        let list = self.look(&["keys", "list"]).await;
        let mut named = list["keys"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|key| key["name"] == name);
        let key = named.next().unwrap_or_else(|| panic!("{name} is not among {list}"));
        key.clone()
    }
}

#[sqlx::test(migrations = false)]
async fn every_command_does_what_it_says_for_people(pool: PgPool) {
    every_command(Terminal::start(pool).await, false).await;
}

#[sqlx::test(migrations = false)]
async fn every_command_does_what_it_says_as_json(pool: PgPool) {
    every_command(Terminal::start(pool).await, true).await;
}

async fn every_command(terminal: Terminal, json: bool) {
    let asker = Asker { terminal, json };
    keys::keys(&asker).await;
    keys::applying(&asker).await;
    projects(&asker).await;
    tokens(&asker).await;
    locks(&asker).await;
    records(&asker).await;
    completions(&asker.terminal).await;
    let told = asker.terminal.told.borrow();
    for command in every_leaf() {
        assert!(
            told.iter().any(|line| line.starts_with(&command)),
            "nobody has run latchkey {command}"
        );
    }
}

/// `keys list`, …: every command that works on a running Latchkey.
fn every_leaf() -> Vec<String> {
    let mut leaves = Vec::new();
    for command in CommandLine::command().get_subcommands() {
        let name = command.get_name();
        if NOT_HERE.contains(&name) {
            continue;
        }
        let inner: Vec<_> = command.get_subcommands().map(clap::Command::get_name).collect();
        match inner.as_slice() {
            // What stands below it works on the database, and is tried beside that.
            _ if name == "audit" => leaves.push(name.to_owned()),
            [] => leaves.push(name.to_owned()),
            inner => leaves.extend(
                inner
                    .iter()
                    .filter(|inner| **inner != "help")
                    .map(|inner| format!("{name} {inner}")),
            ),
        }
    }
    assert!(leaves.len() > 20, "{leaves:?}");
    leaves
}

async fn projects(asker: &Asker) {
    asker
        .says(&["projects", "create", "Second one"], "", &["second-one", "Second one"])
        .await;
    asker
        .says(
            &["projects", "rename", "second-one", "Third"],
            "",
            &["second-one", "Third"],
        )
        .await;
    asker.says(&["projects", "list"], "", &["main", "Third"]).await;
    // Several projects: nobody's guess; the organization's default once one was chosen, unless another one is named.
    let terminal = &asker.terminal;
    let unsaid = terminal.run(&["keys", "list"], "").await;
    assert!(unsaid.code == 2 && unsaid.err.contains("--project"), "{unsaid:?}");
    let chosen = terminal
        .app
        .call("PATCH", "/api/v1/organization")
        .bearer(&terminal.token);
    let chosen = chosen
        .header("if-match", "*")
        .json(json!({ "default_project": "main" }));
    chosen.send().await.expect(200);
    asker.says(&["keys", "list"], "", &["openai"]).await;
    let named = ["keys", "list", "--project", "second-one"];
    asker.says(&named, "", &["There are none."]).await;
}

async fn tokens(asker: &Asker) {
    let create = [
        "tokens",
        "create",
        "--name",
        "CI",
        "--scope",
        "read:byok,write:byok",
        "--scope",
        "read:usage",
        "--project",
        "main",
        "--expires-days",
        "30",
    ];
    let made = asker.terminal.run(&create, "").await;
    let text = Terminal::done(made).trim().to_owned();
    assert!(
        text.starts_with("lk_api_") && !text.contains('\n'),
        "the token and nothing else: {text}"
    );
    assert_eq!(status(&asker.terminal.app, &text).await, 200);
    asker.says(&["tokens", "list"], "", &["CI", "read:byok", "works"]).await;
    let list = asker.look(&["tokens", "list"]).await;
    let tokens = list["tokens"].as_array().unwrap();
    let id = tokens.iter().find(|token| token["name"] == "CI").unwrap()["id"]
        .as_str()
        .unwrap();

    let minted = asker
        .terminal
        .json(&["tokens", "rotate", id, "--overlap", "7d"], "")
        .await;
    let (new, new_text) = (
        minted["token"]["id"].as_str().unwrap(),
        minted["text"].as_str().unwrap(),
    );
    assert_eq!(
        (
            status(&asker.terminal.app, &text).await,
            status(&asker.terminal.app, new_text).await
        ),
        (200, 200)
    );
    asker.says(&["tokens", "end-overlap", id], "", &["ended"]).await;
    assert_eq!(
        (
            status(&asker.terminal.app, &text).await,
            status(&asker.terminal.app, new_text).await
        ),
        (401, 200)
    );
    asker.says(&["tokens", "revoke", new], "", &["ended"]).await;
    assert_eq!(status(&asker.terminal.app, new_text).await, 401);
}

/// Whether a token may read the project's keys.
async fn status(app: &TestApp, token: &str) -> u16 {
    let call = app.call("GET", "/api/v1/projects/main/keys").bearer(token);
    call.send().await.status.as_u16()
}

async fn locks(asker: &Asker) {
    let add = [
        "locks",
        "add",
        "--project",
        "main",
        "--provider",
        "openai",
        "--reason",
        "leaked",
    ];
    asker.says(&add, "", &["openai", "leaked"]).await;
    asker.says(&["locks", "add", "--everything"], "", &["all"]).await;
    asker.says(&["locks", "list"], "", &["leaked", "all"]).await;
    let list = asker.look(&["locks", "list"]).await;
    for lock in list["locks"].as_array().unwrap() {
        let remove = ["locks", "remove", lock["id"].as_str().unwrap(), "--reason", "replaced"];
        asker.says(&remove, "", &["Calls may pass again."]).await;
    }
    asker.says(&["locks", "list"], "", &["There are none."]).await;
}

/// Calls and what was done.
async fn records(asker: &Asker) {
    let app = &asker.terminal.app;
    let token = app.project_token(&["use:gateway"]).await;
    let before = app.services.ledger.written();
    for _ in 0..3 {
        let call = app.call("POST", "/gateway/openai/v1/chat/completions").bearer(&token);
        let body = json!({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Name one colour."}]});
        assert_eq!(call.json(body).send().await.status.as_u16(), 200);
    }
    while app.services.ledger.written() < before + 3 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    asker
        .says(&["usage", "--last", "1h"], "", &["gpt-4o-mini", "byok", "200"])
        .await;
    asker
        .says(&["usage", "--limit", "2"], "", &["There is more: --cursor "])
        .await;
    let first = asker.look(&["usage", "--limit", "2", "--project", "main"]).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    let rest = asker.look(&["usage", "--limit", "2", "--cursor", cursor]).await;
    assert_eq!(
        (rest["calls"].as_array().unwrap().len(), &rest["next_cursor"]),
        (1, &Value::Null)
    );
    asker
        .says(&["usage", "--status", "failed"], "", &["There are none."])
        .await;
    let sums = ["usage", "--sums", "--last", "1d", "--provider", "openai"];
    asker.says(&sums, "", &["openai", "CALLS", "3"]).await;

    asker
        .says(
            &["audit", "--last", "1h", "--limit", "200"],
            "",
            &["key.rotated", "calls.unlocked"],
        )
        .await;
    let purged = asker.look(&["audit", "--event", "key.purged"]).await;
    assert_eq!(purged["events"].as_array().unwrap().len(), 1, "{purged}");
    asker
        .says(&["audit", "--limit", "1"], "", &["There is more: --cursor "])
        .await;
}

async fn completions(terminal: &Terminal) {
    for shell in ["bash", "zsh", "fish"] {
        let script = Terminal::done(terminal.run_with(&[], &["completions", shell], "").await);
        assert!(script.contains("end-overlap"), "{shell}");
    }
    // What the shell itself thinks of it.
    let script = Terminal::done(terminal.run_with(&[], &["completions", "bash"], "").await);
    let file = terminal.file("completions", &script);
    let offered = format!(
        "source {}; COMP_WORDS=(latchkey keys ro); COMP_CWORD=2; _latchkey latchkey ro keys; echo ${{COMPREPLY[*]}}",
        file.display()
    );
    let bash = tokio::process::Command::new("bash")
        .args(["-c", &offered])
        .output()
        .await
        .unwrap();
    assert_eq!(
        String::from_utf8(bash.stdout).unwrap().trim(),
        "rotate",
        "{:?}",
        bash.stderr
    );
}
