//! Answers that take a while: through changes of keys, callers who leave or dawdle, and the server's end.

use super::hostile::upstream::{RawUpstream, SCRIPT};
use super::{CHAT, NATIVES, bring, chat, code_in, key, report};
use crate::harness::{Setup, Socket, TestApp};
use latchkey::domain::GatewayLimits;
use latchkey::sandbox::Behaviour;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

const STREAMS: usize = 1000;
const REPLACEMENTS: usize = 100;
/// How soon a provider hears that its caller has left.
const LEFT: Duration = Duration::from_secs(1);

/// A chat that says `words`, streamed.
fn streamed(words: &str) -> Value {
    let mut body = chat();
    body["stream"] = json!(true);
    body["messages"][0]["content"] = json!(words);
    body
}

/// The words of a chat that was streamed, and how it ended.
fn said(stream: &str) -> (String, bool) {
    let events = stream.split("\n\n").filter_map(|event| event.strip_prefix("data: "));
    let chunks = events
        .clone()
        .filter_map(|event| serde_json::from_str::<Value>(event).ok());
    let words = chunks.filter_map(|chunk| Some(chunk["choices"][0]["delta"]["content"].as_str()?.to_owned()));
    (words.collect(), events.last() == Some("[DONE]"))
}

#[sqlx::test(migrations = false)]
async fn a_thousand_streams_survive_a_hundred_replacements_of_their_key(pool: PgPool) {
    allow_open_files(4 * STREAMS + 512);
    let (app, upstream, token) = with_raw_upstream(pool, GatewayLimits::default(), Duration::ZERO).await;
    let first = key("openai", Behaviour::Valid, "own");
    let server = app.listen().await;
    let script = "repeats what it is asked until it is told to end";
    let mut streams = JoinSet::new();
    for number in 0..STREAMS {
        let (address, token) = (server.address, token.clone());
        streams.spawn(async move {
            let mut socket = begin(address, &token, script, &format!("stream {number} speaks ")).await;
            (number, socket.rest().await)
        });
    }
    super::eventually(async || (upstream.keys().len() == STREAMS).then_some(())).await;
    for number in 0..REPLACEMENTS {
        bring(
            &app,
            "openai",
            &key("openai", Behaviour::Valid, &format!("number-{number}")),
        )
        .await;
    }
    assert_eq!(upstream.open(), STREAMS, "a stream was broken off");
    upstream.release();
    for (number, stream) in streams.join_all().await {
        let (words, is_done) = said(&stream.expect("a stream was broken off"));
        assert!(is_done, "stream {number} was cut short");
        let own = format!("stream {number} speaks ");
        assert!(words.len() >= own.len(), "stream {number} said nothing");
        assert_eq!(words.replace(&own, ""), "", "stream {number} is mixed with others");
    }
    assert!(
        upstream.keys().iter().all(|key| *key == first),
        "calls keep the key that they began with"
    );
    let last = key("openai", Behaviour::Valid, &format!("number-{}", REPLACEMENTS - 1));
    super::eventually(async || {
        begin(server.address, &token, script, "again").await;
        (upstream.keys().last() == Some(&last)).then_some(())
    })
    .await;
}

/// A thousand streams take four sockets each, all of them in this process.
fn allow_open_files(count: usize) {
    let limit = getrlimit(Resource::Nofile);
    let wanted = u64::try_from(count).unwrap();
    if limit.current.is_some_and(|current| current < wanted) {
        let current = Some(limit.maximum.map_or(wanted, |most| most.min(wanted)));
        setrlimit(Resource::Nofile, Rlimit { current, ..limit }).unwrap();
    }
}

#[sqlx::test(migrations = false)]
async fn a_caller_who_leaves_ends_the_call_at_the_provider(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    let server = app.listen().await;
    let mut slowest = Duration::ZERO;
    for (provider, behaviour, streams, reads) in [
        ("openai", Behaviour::Long, true, true),
        ("mistral", Behaviour::Silent, true, false),
        ("together", Behaviour::Silent, false, false),
        ("xai", Behaviour::Hanging, true, false),
        ("openrouter", Behaviour::Hanging, false, false),
    ] {
        let id = bring(&app, provider, &key(provider, behaviour, "own")).await;
        super::set(
            &app,
            id,
            "is_active = true, checked_at = now(), health_reason = null, health_message = null",
        )
        .await;
        let native = NATIVES.iter().find(|native| native.slug == provider).unwrap();
        let before = app.sandbox.abandoned_streams();
        let mut socket = Socket::connect(server.address).await;
        let body = if streams { streamed("words") } else { chat() };
        socket
            .post(&format!("/gateway/{provider}{}", native.path), &token, &body)
            .await;
        app.sandbox.until_streams(|streams| streams.open == 1).await;
        if reads {
            assert_eq!(socket.head().await.unwrap().status, 200);
            assert!(socket.piece().await.unwrap().is_some());
        }
        let left = Instant::now();
        drop(socket);
        let closed = app
            .sandbox
            .until_streams(|streams| streams.open == 0 && streams.abandoned > before);
        let closed = timeout(Duration::from_secs(10), closed).await;
        assert!(closed.is_ok(), "{behaviour:?} (streamed: {streams}) is never told");
        slowest = slowest.max(left.elapsed());
    }
    report(&format!("a provider heard of a caller who left within {slowest:?}"));
    assert!(slowest <= LEFT, "{slowest:?}");
}

/// A server with a provider on a raw socket in OpenAI's place, and the token and key to call it.
async fn with_raw_upstream(pool: PgPool, limits: GatewayLimits, drain: Duration) -> (TestApp, RawUpstream, String) {
    let upstream = RawUpstream::start();
    let setup = Setup {
        limits,
        upstreams: HashMap::from([("openai".to_owned(), upstream.url("openai"))]),
        drain,
        ..Setup::default()
    };
    let app = TestApp::start_with(pool, setup).await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "openai", &key("openai", Behaviour::Valid, "own")).await;
    (app, upstream, token)
}

/// Begins a call for which the raw provider plays a script.
async fn begin(address: SocketAddr, token: &str, script: &str, prompt: &str) -> Socket {
    let mut socket = Socket::connect(address).await;
    let body = streamed(prompt).to_string();
    socket
        .send(format!(
            "POST {CHAT} HTTP/1.1\r\nhost: latchkey\r\nauthorization: Bearer {token}\r\n{SCRIPT}: {script}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
        .await;
    assert_eq!(socket.head().await.unwrap().status, 200);
    socket
}

/// What the sockets in between hold, and the server's own buffers: not what it has read ahead.
const IN_BETWEEN: u64 = 24 << 20;

#[sqlx::test(migrations = false)]
async fn a_slow_reader_is_waited_for(pool: PgPool) {
    let (app, upstream, token) = with_raw_upstream(pool, GatewayLimits::default(), Duration::ZERO).await;
    let server = app.listen().await;
    let mut socket = begin(server.address, &token, "floods", "more").await;
    let stalled = until_stalled(&upstream).await;
    assert!(stalled < IN_BETWEEN, "{stalled} bytes were read ahead");
    // It goes on where it stopped, as soon as somebody reads.
    let mut read = 0;
    while read < 4 * IN_BETWEEN {
        read += socket.piece().await.unwrap().unwrap().len() as u64;
    }
    let sent = until_stalled(&upstream).await;
    assert!(
        sent >= read && sent - read < IN_BETWEEN,
        "{sent} were sent, {read} read"
    );
    drop(socket);
    super::eventually(async || (upstream.open() == 0).then_some(())).await;
}

/// How much a provider has sent when nobody takes more.
async fn until_stalled(upstream: &RawUpstream) -> u64 {
    let mut sent = upstream.sent();
    loop {
        sleep(Duration::from_millis(400)).await;
        if upstream.sent() == sent && sent > 0 {
            return sent;
        }
        sent = upstream.sent();
    }
}

/// However fast it comes, and whether or not somebody reads.
#[sqlx::test(migrations = false)]
async fn a_flood_ends_with_the_calls_time(pool: PgPool) {
    let limits = GatewayLimits {
        idle: Duration::from_secs(1),
        total: Duration::from_secs(2),
        ..GatewayLimits::default()
    };
    let (app, upstream, token) = with_raw_upstream(pool, limits, Duration::ZERO).await;
    let server = app.listen().await;
    let mut socket = begin(server.address, &token, "floods", "more").await;
    let mut tail = Vec::new();
    while let Some(piece) = socket.piece().await.unwrap() {
        tail.extend_from_slice(&piece);
        tail.drain(..tail.len().saturating_sub(4096));
    }
    let tail = String::from_utf8_lossy(&tail).into_owned();
    let last = tail.trim_end().rsplit("data: ").next().unwrap();
    assert_eq!(code_in(last.as_bytes()).as_deref(), Some("upstream_timeout"), "{last}");
    super::eventually(async || (upstream.open() == 0).then_some(())).await;

    let _unread = begin(server.address, &token, "floods", "more").await;
    let begun = Instant::now();
    super::eventually(async || (upstream.open() == 0).then_some(())).await;
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}
