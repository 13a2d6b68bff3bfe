//! Requests that two servers would read in two ways: each is refused, or is the last one on its connection.

use super::{CHAT, bring, chat, key};
use crate::harness::{Received, Socket, TestApp};
use latchkey::sandbox::Behaviour;
use sqlx::PgPool;

/// A request's head after its first line, in which `{smuggled}` stands for the length of what is smuggled, and its
/// body in front of that.
const AMBIGUOUS: &[(&str, &str, &str)] = &[
    (
        "a length, then chunks",
        "content-length: {smuggled}\r\ntransfer-encoding: chunked\r\n",
        "0\r\n\r\n",
    ),
    (
        "chunks, then a length",
        "transfer-encoding: chunked\r\ncontent-length: {smuggled}\r\n",
        "0\r\n\r\n",
    ),
    (
        "a length of zero, and chunks",
        "content-length: 0\r\ntransfer-encoding: chunked\r\n",
        "0\r\n\r\n",
    ),
    (
        "two lengths, the shorter first",
        "content-length: 0\r\ncontent-length: {smuggled}\r\n",
        "",
    ),
    (
        "two lengths, the longer first",
        "content-length: {smuggled}\r\ncontent-length: 0\r\n",
        "",
    ),
    ("two lengths in one line", "content-length: 0, {smuggled}\r\n", ""),
    ("the same length twice in one line", "content-length: 0, 0\r\n", ""),
    ("a length with a sign", "content-length: +0\r\n", ""),
    ("a negative length", "content-length: -0\r\n", ""),
    ("a length in hexadecimal", "content-length: 0x0\r\n", ""),
    ("a length with a blank in it", "content-length: 0 0\r\n", ""),
    (
        "a length beyond all bounds",
        "content-length: 99999999999999999999999\r\n",
        "",
    ),
    ("chunks by another name", "transfer-encoding: xchunked\r\n", "0\r\n\r\n"),
    (
        "chunks, then none",
        "transfer-encoding: chunked, identity\r\n",
        "0\r\n\r\n",
    ),
    ("chunks in quotes", "transfer-encoding: \"chunked\"\r\n", "0\r\n\r\n"),
    (
        "no chunks at all",
        "transfer-encoding: identity\r\ncontent-length: 0\r\n",
        "",
    ),
    (
        "chunks in one header, and none in a second",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
        "0\r\n\r\n",
    ),
    (
        "chunks behind a blank in the name",
        "transfer-encoding : chunked\r\ncontent-length: 0\r\n",
        "",
    ),
    (
        "a blank in front of the name",
        " transfer-encoding: chunked\r\ncontent-length: 0\r\n",
        "",
    ),
    (
        "chunks in a folded header",
        "transfer-encoding:\r\n chunked\r\ncontent-length: 0\r\n",
        "",
    ),
    (
        "chunks behind a strange blank",
        "transfer-encoding:\u{b}chunked\r\n",
        "0\r\n\r\n",
    ),
    ("chunks behind a zero", "transfer-encoding: \0chunked\r\n", "0\r\n\r\n"),
    (
        "chunks behind a lone return",
        "x-harmless: a\rtransfer-encoding: chunked\r\n",
        "0\r\n\r\n",
    ),
    (
        "a length behind a lone return",
        "x-harmless: a\rcontent-length: 5\r\n",
        "",
    ),
    ("a folded header", "x-folded: a\r\n b\r\n", ""),
    ("a header without a colon", "no colon\r\n", ""),
    ("a header without a name", ": nameless\r\n", ""),
    ("a zero in a header", "x-zero: a\0b\r\n", ""),
    (
        "a chunk's length with a sign",
        "transfer-encoding: chunked\r\n",
        "+0\r\n\r\n",
    ),
    (
        "a chunk's length in words",
        "transfer-encoding: chunked\r\n",
        "zero\r\n\r\n",
    ),
    (
        "a chunk's length with a prefix",
        "transfer-encoding: chunked\r\n",
        "0x0\r\n\r\n",
    ),
    (
        "a chunk's length beyond all bounds",
        "transfer-encoding: chunked\r\n",
        "fffffffffffffffff\r\n",
    ),
    (
        "a chunk longer than it says",
        "transfer-encoding: chunked\r\n",
        "1\r\nab\r\n0\r\n\r\n",
    ),
    (
        "a chunk's length with a lone return",
        "transfer-encoding: chunked\r\n",
        "0\r\r\n\r\n",
    ),
];

/// First lines that a proxy would read as leading elsewhere, or that are none.
const LINES: &[&str] = &[
    "CONNECT api.openai.com:443 HTTP/1.1",
    "CONNECT /gateway/openai/v1/chat/completions HTTP/1.1",
    "POST  /gateway/openai/v1/chat/completions HTTP/1.1",
    "POST\t/gateway/openai/v1/chat/completions\tHTTP/1.1",
    "POST /gateway/openai/v1/chat/completions HTTP/1.1 x",
    "POST /gateway/openai/v1/chat/completions HTTP/2.0",
    "POST /gateway/openai/v1/chat/completions HTTP/0.9",
    "POST /gateway/openai/v1/chat/completions",
    "POST gateway/openai/v1/chat/completions HTTP/1.1",
    "POST /gateway/openai/v1/chat/completions\0 HTTP/1.1",
    "PO ST /gateway/openai/v1/chat/completions HTTP/1.1",
    "POST * HTTP/1.1",
    "PRI * HTTP/2.0",
    "",
];

struct Smuggler {
    app: TestApp,
    token: String,
    address: std::net::SocketAddr,
}

impl Smuggler {
    async fn start(pool: PgPool) -> Self {
        let app = TestApp::start(pool).await;
        let token = app.project_token(&["use:gateway"]).await;
        bring(&app, "openai", &key("openai", Behaviour::Valid, "own")).await;
        let address = app.listen().await.address;
        Self { app, token, address }
    }

    /// A good call, which nobody may make by the way.
    fn smuggled(&self) -> String {
        let body = chat().to_string().replace("some-model", "smuggled");
        format!(
            "POST {CHAT} HTTP/1.1\r\nhost: latchkey\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            self.token,
            body.len()
        )
    }

    /// Sends bytes; returns the answers that come until the connection is closed.
    async fn send(&self, bytes: &str) -> Vec<Received> {
        let mut socket = Socket::connect(self.address).await;
        socket.send(bytes).await;
        let mut answers = Vec::new();
        while let Some(answer) = socket.answer().await {
            answers.push(answer);
        }
        answers
    }

    fn was_smuggled(&self) -> bool {
        let calls = self.app.sandbox.calls();
        calls
            .iter()
            .any(|call| memchr::memmem::find(&call.body, b"smuggled").is_some())
    }
}

#[sqlx::test(migrations = false)]
async fn what_can_be_read_in_two_ways_carries_nothing_with_it(pool: PgPool) {
    let smuggler = Smuggler::start(pool).await;
    let smuggled = smuggler.smuggled();
    for path in [CHAT, "/v1/chat/completions", "/healthz", "/api/v1/projects"] {
        for (what, headers, body) in AMBIGUOUS {
            let headers = headers.replace("{smuggled}", &(body.len() + smuggled.len()).to_string());
            let token = &smuggler.token;
            let request = format!(
                "POST {path} HTTP/1.1\r\nhost: latchkey\r\nauthorization: Bearer {token}\r\n{headers}\r\n{body}{smuggled}"
            );
            let answers = smuggler.send(&request).await;
            assert!(answers.len() <= 1, "{path} with {what}: {answers:?}");
            assert!(!smuggler.was_smuggled(), "{path} with {what}");
            if let [answer] = &answers[..] {
                assert_ne!(answer.status, 200, "{path} with {what}: {answer:?}");
            }
        }
    }
}

#[sqlx::test(migrations = false)]
async fn a_first_line_that_is_none_is_refused(pool: PgPool) {
    let smuggler = Smuggler::start(pool).await;
    let body = chat().to_string();
    for line in LINES {
        let request = format!(
            "{line}\r\nhost: latchkey\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            smuggler.token,
            body.len()
        );
        let answers = smuggler.send(&request).await;
        assert!(
            answers.iter().all(|answer| (400..=599).contains(&answer.status)),
            "{line:?}: {answers:?}"
        );
        assert!(smuggler.app.sandbox.calls().is_empty(), "{line:?} was served");
    }
}

/// A whole address in the first line is the same as its path: nobody is led elsewhere.
#[sqlx::test(migrations = false)]
async fn an_address_of_elsewhere_leads_nowhere_else(pool: PgPool) {
    let smuggler = Smuggler::start(pool).await;
    for authority in ["http://169.254.169.254", "http://127.0.0.1:1", "https://evil.example"] {
        let call = smuggler
            .smuggled()
            .replace(&format!("POST {CHAT}"), &format!("POST {authority}{CHAT}"));
        let call = call.replace("host: latchkey", "host: evil.example\r\nconnection: close");
        smuggler.app.sandbox.clear_calls();
        let answers = smuggler.send(&call).await;
        assert_eq!(answers.len(), 1, "{authority}");
        assert_eq!(answers[0].status, 200, "{authority}: {}", answers[0].text());
        let seen = smuggler.app.sandbox.calls().pop().unwrap();
        assert_eq!(seen.headers["host"], smuggler.app.sandbox.address().to_string());
    }
}

#[sqlx::test(migrations = false)]
async fn a_head_has_its_limits(pool: PgPool) {
    let smuggler = Smuggler::start(pool).await;
    let many = "x-many: x\r\n".repeat(2000);
    let long = format!("x-long: {}\r\n", "x".repeat(200 * 1024));
    let endless = format!("x-long: {}", "x".repeat(1024 * 1024));
    for headers in [&many, &long, &endless] {
        let call = smuggler
            .smuggled()
            .replace("host: latchkey\r\n", &format!("host: latchkey\r\n{headers}"));
        let answers = smuggler.send(&call).await;
        assert!(
            answers.iter().all(|answer| matches!(answer.status, 400 | 414 | 431)),
            "{answers:?}"
        );
    }
    let path = format!("{CHAT}?{}", "x".repeat(100 * 1024));
    let answers = smuggler.send(&smuggler.smuggled().replace(CHAT, &path)).await;
    assert!(
        answers.iter().all(|answer| matches!(answer.status, 400 | 414 | 431)),
        "{answers:?}"
    );
    assert!(smuggler.app.sandbox.calls().is_empty());
}

/// Nothing makes another protocol of the connection, or the server wait for a body that it has refused.
#[sqlx::test(migrations = false)]
async fn no_connection_becomes_another_one(pool: PgPool) {
    let smuggler = Smuggler::start(pool).await;
    let upgrade =
        "host: latchkey\r\nconnection: upgrade, http2-settings, close\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABk\r\n";
    let answers = smuggler
        .send(&smuggler.smuggled().replace("host: latchkey\r\n", upgrade))
        .await;
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].status, 200);
    let seen = smuggler.app.sandbox.calls().pop().unwrap();
    for header in ["upgrade", "http2-settings", "connection"] {
        assert!(!seen.headers.contains_key(header), "{header} went on");
    }
    let expecting = smuggler.smuggled().replace(
        "host: latchkey\r\n",
        "host: latchkey\r\nexpect: 100-continue\r\nconnection: close\r\n",
    );
    let refused = expecting.replace(&smuggler.token, "lk_api_wrong");
    let answers = smuggler.send(&refused).await;
    assert_eq!(answers.last().map(|answer| answer.status), Some(401));
}
