//! The server's end: unready at once, calls finish in the time there is, the rest is told so, and then it is over.

use super::hostile::upstream::{RawUpstream, SCRIPT};
use super::{NATIVES, bring, code_in, key};
use crate::harness::{Received, Server, Setup, Socket, TestApp};
use futures::future::join_all;
use latchkey::sandbox::Behaviour;
use latchkey::service::projects::ProjectRef;
use sqlx::PgPool;
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::{Instant, timeout};

const DRAIN: Duration = Duration::from_secs(1);
/// Beyond it: how long the last words may take, and what a busy machine adds.
const BEYOND: Duration = Duration::from_secs(2 + 3);

#[sqlx::test(migrations = false)]
async fn calls_finish_in_the_time_there_is_and_the_rest_is_told_so(pool: PgPool) {
    let setup = Setup {
        drain: DRAIN,
        ..Setup::default()
    };
    let app = TestApp::start_with(pool, setup).await;
    let token = app.project_token(&["use:gateway"]).await;
    let server = app.listen().await;
    let mut idle = Socket::connect(server.address).await;
    assert_eq!(ready(&mut idle).await, Some(200));
    let mut long = Vec::new();
    for native in NATIVES {
        let behaviour = if native.slug == "openai" {
            Behaviour::Slow
        } else {
            Behaviour::Long
        };
        bring(&app, native.slug, &key(native.slug, behaviour, "own")).await;
    }
    for native in NATIVES.iter().filter(|native| native.slug != "openai") {
        let mut socket = open(
            &server,
            &token,
            native.slug,
            native.streamed_path,
            &native.streamed_body().to_string(),
        )
        .await;
        assert_eq!(socket.head().await.unwrap().status, 200, "{}", native.slug);
        long.push((native.slug, socket));
    }
    // Takes longer than the time there is: nobody waits for what has not begun.
    let slow = &NATIVES[0];
    let mut slow = open(&server, &token, slow.slug, slow.path, &(slow.body)().to_string()).await;
    super::eventually(async || (app.sandbox.calls().len() == NATIVES.len()).then_some(())).await;

    let begun = Instant::now();
    server.begin_to_end();
    let mut newcomer = Socket::connect(server.address).await;
    assert_eq!(ready(&mut newcomer).await, Some(503), "unready at once");
    assert!(idle.is_closed().await, "who rests is sent away");
    let ended = async {
        server.ended().await;
        begun.elapsed()
    };
    let told = async {
        join_all(
            long.iter_mut()
                .map(|(slug, socket)| async { (*slug, rest(socket).await) }),
        )
        .await
    };
    let (took, told, slow) = tokio::join!(timeout(DRAIN + BEYOND, ended), told, slow.answer());
    let took = took.expect("the server does not end");
    assert!(took >= DRAIN, "streams had their time: {took:?}");
    for (slug, text) in told {
        let last = text.trim_end().rsplit("\n\n").next().unwrap();
        let data = last
            .lines()
            .find_map(|line| line.strip_prefix("data: "))
            .unwrap_or_default();
        assert_eq!(
            code_in(data.as_bytes()).as_deref(),
            Some("shutting_down"),
            "{slug}: {last}"
        );
        assert!(text.contains("You"), "{slug}: what came before stays: {text}");
    }
    assert!(slow.is_none_or(|answer: Received| answer.status != 200 || answer.is_whole));
    assert_eq!(app.sandbox.until_streams(|streams| streams.open == 0).await.open, 0);
}

#[sqlx::test(migrations = false)]
async fn it_ends_at_once_when_nobody_calls_and_as_soon_as_the_last_call_is_over(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "openai", &key("openai", Behaviour::Slow, "own")).await;
    let native = &NATIVES[0];
    let server = app.listen().await;
    let mut resting = Socket::connect(server.address).await;
    assert_eq!(ready(&mut resting).await, Some(200));
    let mut socket = open(
        &server,
        &token,
        "openai",
        native.streamed_path,
        &native.streamed_body().to_string(),
    )
    .await;
    super::eventually(async || (app.sandbox.calls().len() == 1).then_some(())).await;
    let begun = Instant::now();
    server.begin_to_end();
    let (answer, ()) = tokio::join!(socket.answer(), server.ended());
    let answer = answer.unwrap();
    assert!(
        answer.is_whole && answer.text().ends_with("data: [DONE]\n\n"),
        "{}",
        answer.text()
    );
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{:?} of 30 s",
        begun.elapsed()
    );
}

/// The program itself, told to end by the system.
#[sqlx::test(migrations = false)]
async fn the_program_ends_in_good_order_when_it_is_terminated(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "openai", &key("openai", Behaviour::Long, "own")).await;
    let sandbox = app.sandbox.transports()["openai"].to_string();
    let variables = [
        ("LATCHKEY_OPENAI_BASE_URL", sandbox),
        ("LATCHKEY_DRAIN_SECONDS", "1".to_owned()),
    ];
    let mut program = app
        .program(variables.map(|(name, value)| (name.to_owned(), value)))
        .await;
    let mut socket = Socket::connect(program.address).await;
    let mut body = super::chat();
    body["stream"] = true.into();
    socket.post(super::CHAT, &token, &body).await;
    let head = socket.head().await.unwrap();
    assert_eq!(head.status, 200);
    let begun = Instant::now();
    program.terminate();
    let text = rest(&mut socket).await;
    assert!(text.contains("shutting_down"), "{text}");
    assert!(program.ended().await, "{}", program.said());
    assert!(
        begun.elapsed() < DRAIN + BEYOND + Duration::from_secs(10),
        "{:?}",
        begun.elapsed()
    );
    // What was to be recorded has been: nothing waits in a process that is gone.
    let (project, id) = (
        ProjectRef::Id(app.own.project.id),
        head.header("x-latchkey-request-id").unwrap(),
    );
    let call = app
        .services
        .usage
        .get(&app.own.owner, &project, id.parse().unwrap())
        .await
        .unwrap();
    assert_eq!(call.error_code.as_deref(), Some("shutting_down"));
}

/// A caller who takes nothing does not keep the server from ending.
#[sqlx::test(migrations = false)]
async fn nobody_who_does_not_read_holds_it_up(pool: PgPool) {
    let upstream = RawUpstream::start();
    let setup = Setup {
        upstreams: HashMap::from([("openai".to_owned(), upstream.url("openai"))]),
        drain: DRAIN,
        ..Setup::default()
    };
    let app = TestApp::start_with(pool, setup).await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "openai", &key("openai", Behaviour::Valid, "own")).await;
    let server = app.listen().await;
    let mut unread = Socket::connect(server.address).await;
    let body = NATIVES[0].streamed_body().to_string();
    let length = body.len();
    unread
        .send(format!(
            "POST {} HTTP/1.1\r\nhost: latchkey\r\nauthorization: Bearer {token}\r\n{SCRIPT}: floods\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}",
            super::CHAT
        ))
        .await;
    assert_eq!(unread.head().await.unwrap().status, 200);
    let mut half = Socket::connect(server.address).await;
    half.send("POST /gateway/openai/v1/chat").await;
    server.begin_to_end();
    let ended = timeout(DRAIN + BEYOND, server.ended()).await;
    assert!(ended.is_ok(), "the server does not end");
    super::eventually(async || (upstream.open() == 0).then_some(())).await;
}

async fn ready(socket: &mut Socket) -> Option<u16> {
    socket.send("GET /readyz HTTP/1.1\r\nhost: latchkey\r\n\r\n").await;
    Some(socket.answer().await?.status)
}

async fn open(server: &Server, token: &str, slug: &str, path: &str, body: &str) -> Socket {
    let mut socket = Socket::connect(server.address).await;
    let length = body.len();
    socket
        .send(format!(
            "POST /gateway/{slug}{path} HTTP/1.1\r\nhost: latchkey\r\nauthorization: Bearer {token}\r\n\
             anthropic-version: 2023-06-01\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        ))
        .await;
    socket
}

/// What is left of a stream.
async fn rest(socket: &mut Socket) -> String {
    socket.rest().await.expect("the stream breaks off")
}
