//! What the five documents that Latchkey follows tell their readers to do, done as they tell it: their own commands, run
//! by a shell as they stand, with only the host, the credential and the elided keys filled in.

mod launchgate;
mod layer;
mod levain;
mod lgtm;
mod sonzai;

use crate::harness::{Answer, Server, TestApp};
use latchkey::sandbox::{Behaviour, Sandbox};
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::process::Command;

/// Tells curl to print the status on a line of its own behind the body, and to go nowhere but where it is told.
const CURL: &str = "curl() { command curl --silent --show-error --noproxy '*' --write-out '\\n%{http_code}' \"$@\"; }";

/// Somebody who follows a document on a deployment.
struct Reader {
    app: TestApp,
    server: Server,
    /// The document's name for the host.
    host: &'static str,
    /// The document's name for the credential.
    credential: &'static str,
    token: String,
}

/// What a command printed.
struct Said {
    status: u16,
    body: String,
}

impl Reader {
    /// Whoever may bring and see keys, and call models.
    async fn new(pool: PgPool, host: &'static str, credential: &'static str) -> Self {
        let app = TestApp::start(pool).await;
        let token = app.project_token(&["read:byok", "write:byok", "use:gateway"]).await;
        let server = app.listen().await;
        Self {
            app,
            server,
            host,
            credential,
            token,
        }
    }

    /// Runs a command of the document with these variables set.
    async fn run(&self, command: &str, variables: &[(&str, &str)]) -> Said {
        let here = format!("http://{}", self.server.address);
        assert!(command.contains(self.host), "{command}");
        let script = format!("{CURL}\n{}", command.replace(self.host, &here));
        let output = Command::new("bash")
            .args(["-c", &script])
            .env(self.credential, &self.token)
            .envs(variables.iter().copied())
            .output()
            .await
            .unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {complaint}");
        let (body, status) = printed.rsplit_once('\n').unwrap();
        Said {
            status: status.parse().unwrap(),
            body: body.to_owned(),
        }
    }

    /// A call of a model.
    async fn call_model(&self, provider: &str) -> Answer {
        call_model(&self.app, &self.token, provider).await
    }
}

impl Said {
    /// The JSON of an answer with this status, in which none of these secrets stands.
    #[track_caller]
    fn expect(&self, status: u16, secrets: &[&str]) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        for secret in secrets {
            assert!(!self.body.contains(secret), "{}", self.body);
        }
        serde_json::from_str(&self.body).unwrap()
    }

    /// Nothing, with the status that says so.
    #[track_caller]
    fn expect_nothing(&self) {
        assert_eq!((self.status, self.body.as_str()), (204, ""));
    }
}

/// A call of a provider's model with a token.
async fn call_model(app: &TestApp, token: &str, provider: &str) -> Answer {
    let (path, body) = match provider {
        "anthropic" => (
            "v1/messages",
            json!({ "model": "claude-haiku-4-5", "max_tokens": 9, "messages": messages() }),
        ),
        _ => (
            "v1/chat/completions",
            json!({ "model": "gpt-4o-mini", "messages": messages() }),
        ),
    };
    app.call("POST", &format!("/gateway/{provider}/{path}"))
        .bearer(token)
        .header("anthropic-version", "2023-06-01")
        .json(body)
        .send()
        .await
}

fn messages() -> Value {
    json!([{ "role": "user", "content": "Name one colour." }])
}

/// Whose key served a call that succeeded.
#[track_caller]
fn served_by(answer: &Answer) -> (&str, &str) {
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    let reason = answer.header("x-latchkey-fallback-reason");
    (answer.header("x-latchkey-key-source"), reason)
}

/// One of several keys that the provider accepts.
fn valid(provider: &str, end: &str) -> String {
    format!("{}-{end}", Sandbox::key(provider, Behaviour::Valid))
}
