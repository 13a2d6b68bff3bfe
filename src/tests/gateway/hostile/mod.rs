//! A provider that means harm: whatever it does, each call ends in time, its caller gets the provider's bytes or
//! an error that says what it is, the key is shown to nobody, and the server stays small.

mod bodies;
mod contents;
mod gzip;
mod heads;
mod refusals;
mod scripts;
pub(crate) mod upstream;

use super::{NATIVES, Native, bring, code_in, key};
use crate::harness::{Program, Received, Socket, TestApp};
use futures::StreamExt;
use futures::stream;
use latchkey::sandbox::Behaviour;
use scripts::{Ends, Script, every};
use sqlx::PgPool;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use upstream::{RawUpstream, SCRIPT};

/// One provider of each shape of errors.
const SHAPES: [&str; 6] = ["openai", "anthropic", "gemini", "cohere", "mistral", "xai"];
/// What the program is told: how long a call may take, and an answer may be waited for or pause.
const LIMITS: [(&str, &str); 4] = [
    ("LATCHKEY_GATEWAY_CONNECT_SECONDS", "1"),
    ("LATCHKEY_GATEWAY_FIRST_BYTE_SECONDS", "2"),
    ("LATCHKEY_GATEWAY_IDLE_SECONDS", "2"),
    ("LATCHKEY_GATEWAY_TOTAL_SECONDS", "4"),
];
/// The longest of these, and what a busy machine may add.
const LATEST: Duration = Duration::from_secs(4 + 8);
/// Calls at once of scripts that mostly wait, and of those that send much.
const AT_ONCE: (usize, usize) = (64, 8);
/// What the server may grow by, in bytes.
const GROWTH: usize = 64 << 20;

/// What callers look at who keep nothing of a flood, or tell the provider when to end.
const APART: [&str; 2] = ["floods", "repeats what it is asked until it is told to end"];

/// Headers by which a provider would set state or rules for Latchkey's own address, or lead the caller elsewhere.
const RULING: [&str; 7] = [
    "set-cookie",
    "strict-transport-security",
    "clear-site-data",
    "access-control-allow-origin",
    "refresh",
    "alt-svc",
    "location",
];

/// One call that a provider does something to.
#[derive(Clone, Copy)]
struct Case {
    native: &'static Native,
    streams: bool,
    script: &'static Script,
}

impl std::fmt::Display for Case {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let how = if self.streams { "streamed" } else { "whole" };
        write!(formatter, "{} {} ({how})", self.native.slug, self.script.name)
    }
}

#[sqlx::test(migrations = false)]
async fn no_provider_does_harm(pool: PgPool) {
    assert!(every().count() >= 40);
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    for slug in SHAPES {
        bring(&app, slug, &secret_of(slug)).await;
    }
    let upstream = RawUpstream::start();
    let program = start(&app, &upstream).await;
    run(cases("answers and stays"), AT_ONCE.0, &program, &token).await;
    let before = program.memory();
    let most = AtomicUsize::new(0);
    let watching = async {
        loop {
            most.fetch_max(program.memory().unwrap_or_default(), Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let failures = tokio::select! {
        failures = run_every(&program, &token) => failures,
        () = watching => unreachable!(),
    };
    assert!(
        failures.is_empty(),
        "{} of them:\n{}",
        failures.len(),
        failures.join("\n")
    );
    if let Some(before) = before {
        let grown = most.load(Ordering::Relaxed).saturating_sub(before);
        super::report(&format!(
            "the server grew by {} MB among hostile providers",
            grown >> 20
        ));
        assert!(grown <= GROWTH, "{grown} bytes");
    }
    // Nothing that was sent unasked is taken for the next call's answer, and everything still works.
    let failures = run(cases("answers and stays"), AT_ONCE.0, &program, &token).await;
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let said = program.said();
    assert!(!said.contains("panicked"), "{said}");
    assert!(
        SHAPES.iter().all(|slug| !said.contains(&secret_of(slug))),
        "a key is in the log"
    );
}

async fn start(app: &TestApp, upstream: &RawUpstream) -> Program {
    let transports = SHAPES.map(|slug| {
        let name = format!("LATCHKEY_{}_BASE_URL", slug.to_uppercase());
        (name, upstream.url(slug).to_string())
    });
    let limits = LIMITS.map(|(name, value)| (name.to_owned(), value.to_owned()));
    app.program(transports.into_iter().chain(limits)).await
}

fn secret_of(slug: &str) -> String {
    key(slug, Behaviour::Valid, "never-to-be-shown")
}

/// A script against every shape, streamed and not.
fn cases(script: &str) -> impl Iterator<Item = Case> {
    let script = scripts::find(script);
    let natives = NATIVES.iter().filter(|native| SHAPES.contains(&native.slug));
    natives.flat_map(move |native| {
        [false, true].map(|streams| Case {
            native,
            streams,
            script,
        })
    })
}

/// Every script against every shape; returns what was wrong.
async fn run_every(program: &Program, token: &str) -> Vec<String> {
    let (waiting, sending): (Vec<_>, Vec<_>) = every()
        .filter(|script| !APART.contains(&script.name))
        .flat_map(|script| cases(script.name))
        .partition(|case| case.script.waits());
    let mut failures = run(waiting, AT_ONCE.0, program, token).await;
    failures.extend(run(sending, AT_ONCE.1, program, token).await);
    failures
}

/// Makes these calls, so many at a time; returns what was wrong.
async fn run(cases: impl IntoIterator<Item = Case>, at_once: usize, program: &Program, token: &str) -> Vec<String> {
    let calls = cases.into_iter().map(|case| async move {
        let begun = Instant::now();
        let received = call(program.address, token, case).await;
        let took = begun.elapsed();
        let judged = received.and_then(|received| judge(case, &received));
        let in_time = if took > LATEST {
            Err(format!("took {took:?}"))
        } else {
            Ok(())
        };
        judged.and(in_time).err().map(|wrong| format!("{case}: {wrong}"))
    });
    let outcomes: Vec<_> = stream::iter(calls).buffer_unordered(at_once).collect().await;
    outcomes.into_iter().flatten().collect()
}

async fn call(address: SocketAddr, token: &str, case: Case) -> Result<Received, String> {
    let Case {
        native,
        streams,
        script,
    } = case;
    let path = if streams { native.streamed_path } else { native.path };
    let body = if streams {
        native.streamed_body()
    } else {
        (native.body)()
    }
    .to_string();
    let mut socket = Socket::connect(address).await;
    socket
        .send(format!(
            "POST /gateway/{}{path} HTTP/1.1\r\nhost: latchkey\r\nauthorization: Bearer {token}\r\n{SCRIPT}: {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            native.slug,
            script.name,
            body.len()
        ))
        .await;
    socket.answer().await.ok_or_else(|| "no answer".to_owned())
}

/// What is wrong with an answer.
fn judge(case: Case, received: &Received) -> Result<(), String> {
    let Received { status, body, .. } = received;
    let shown = || {
        format!(
            "{}{}",
            received.head,
            received.text().chars().take(600).collect::<String>()
        )
    };
    let check = |holds: bool, what: &str| {
        if holds {
            Ok(())
        } else {
            Err(format!("{what}: {}", shown()))
        }
    };
    let secret = secret_of(case.native.slug);
    check(!received.head.contains(&secret), "the key is in the head")?;
    check(
        memchr::memmem::find(body, secret.as_bytes()).is_none(),
        "the key is in the body",
    )?;
    check(
        memchr::memmem::find(body, b"smuggled").is_none(),
        "another call's answer",
    )?;
    check(
        received
            .header("x-latchkey-request-id")
            .is_some_and(|id| id.len() == 36),
        "no id",
    )?;
    for name in RULING {
        check(received.header(name).is_none(), "a header that would rule the caller")?;
    }
    match case.script.ends {
        Ends::Given(wanted) => {
            check(*status == wanted && received.is_whole, "not given on")?;
            check(
                received.header("x-latchkey-key-source") == Some("byok"),
                "not said to be the project's key",
            )
        }
        Ends::Refused(wanted, code) => {
            check(*status == wanted && received.is_whole, "not refused so")?;
            check(
                received.header("x-latchkey-error") == Some(code),
                "not refused for that",
            )?;
            check(code_in(body) == Some(code.to_owned()), "not in the provider's shape")
        }
        Ends::Cut(code) => {
            check(*status == 200, "not begun")?;
            if received.header("content-type") != Some("text/event-stream") {
                return check(!received.is_whole, "a part is taken for the whole");
            }
            let text = received.text();
            let last = text.trim_end().rsplit("\n\n").next().unwrap_or_default();
            let data = last
                .lines()
                .find_map(|line| line.strip_prefix("data: "))
                .unwrap_or_default();
            check(received.is_whole, "the stream breaks off")?;
            check(
                code_in(data.as_bytes()) == Some(code.to_owned()),
                &format!("ends otherwise: {last:.300}"),
            )
        }
    }
}
