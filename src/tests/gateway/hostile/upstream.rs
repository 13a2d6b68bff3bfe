//! A provider on a raw socket, which does to each call what a script says.

use super::scripts::find;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;
use tokio::time::sleep;
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

/// The header of a call that names the script.
pub(crate) const SCRIPT: &str = "x-script";

/// One thing that a provider does.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Sends bytes.
    Send(Vec<u8>),
    /// Sends bytes one at a time, with pauses.
    Drip(Vec<u8>, Duration),
    /// Sends the same bytes again and again, with pauses, until nobody takes them.
    Forever(Vec<u8>, Duration),
    /// Sends the same bytes again and again, with pauses, until it is told to go on.
    UntilReleased(Vec<u8>, Duration),
    /// Says nothing more until the other side leaves.
    Silence,
    /// Cuts the connection off without a goodbye.
    Reset,
    /// Waits for the next call on the same connection.
    Next,
}

/// A call as it reached the provider.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// Which provider's shape it wants: `openai`, …
    pub(super) provider: String,
    /// Whether it wants a stream.
    pub(super) streams: bool,
    /// The key that it came with.
    pub(super) key: String,
    /// What it asks, in OpenAI's shape.
    pub(super) prompt: String,
}

/// A provider on a raw socket.
pub(crate) struct RawUpstream {
    port: u16,
    counts: Arc<Counts>,
    _stop: DropGuard,
}

#[derive(Debug, Default)]
struct Counts {
    sent: AtomicU64,
    open: AtomicUsize,
    keys: Mutex<Vec<String>>,
    released: CancellationToken,
}

impl RawUpstream {
    /// Listens at a free port, on a thread of its own: it must not be late because a caller is busy.
    pub(crate) fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let port = listener.local_addr().unwrap().port();
        let counts = Arc::new(Counts::default());
        let stop = CancellationToken::new();
        let serving = stop.clone().run_until_cancelled_owned(accept(listener, counts.clone()));
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        std::thread::spawn(move || runtime.block_on(serving));
        Self {
            port,
            counts,
            _stop: stop.drop_guard(),
        }
    }

    /// Where a provider stands.
    pub(crate) fn url(&self, provider: &str) -> Url {
        Url::parse(&format!("http://127.0.0.1:{}/{provider}", self.port)).unwrap()
    }

    /// How many bytes were taken off it so far.
    pub(crate) fn sent(&self) -> u64 {
        self.counts.sent.load(Ordering::Relaxed)
    }

    /// The keys that calls came with, in their order.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.counts.keys.lock().unwrap().clone()
    }

    /// Lets answers go on that wait for it.
    pub(crate) fn release(&self) {
        self.counts.released.cancel();
    }

    /// How many connections are open.
    pub(crate) fn open(&self) -> usize {
        self.counts.open.load(Ordering::Relaxed)
    }
}

async fn accept(listener: std::net::TcpListener, counts: Arc<Counts>) {
    let listener = TcpListener::from_std(listener).unwrap();
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, counts.clone()));
    }
}

async fn serve(mut stream: TcpStream, counts: Arc<Counts>) {
    counts.open.fetch_add(1, Ordering::Relaxed);
    let mut buffer = Vec::new();
    while let Some((script, seen)) = read(&mut stream, &mut buffer).await {
        counts.keys.lock().unwrap().push(seen.key.clone());
        let steps = find(&script).steps(&seen);
        let goes_on = matches!(steps.last(), Some(Step::Next));
        for step in steps {
            if play(&mut stream, step, &counts).await.is_none() {
                break;
            }
        }
        if !goes_on {
            break;
        }
    }
    counts.open.fetch_sub(1, Ordering::Relaxed);
}

/// `None` when the other side has left.
async fn play(stream: &mut TcpStream, step: Step, counts: &Counts) -> Option<()> {
    match step {
        Step::Send(bytes) => send(stream, &bytes, counts).await,
        Step::Drip(bytes, pause) => {
            for byte in bytes {
                send(stream, &[byte], counts).await?;
                sleep(pause).await;
            }
            Some(())
        }
        Step::Forever(bytes, pause) => loop {
            send(stream, &bytes, counts).await?;
            if pause.is_zero() {
                tokio::task::yield_now().await;
            } else {
                sleep(pause).await;
            }
        },
        Step::UntilReleased(bytes, pause) => {
            while !counts.released.is_cancelled() {
                send(stream, &bytes, counts).await?;
                counts.released.run_until_cancelled(sleep(pause)).await;
            }
            Some(())
        }
        Step::Silence => {
            while stream.read(&mut [0; 4096]).await.is_ok_and(|count| count > 0) {}
            None
        }
        Step::Reset => {
            stream.set_zero_linger().unwrap();
            None
        }
        Step::Next => Some(()),
    }
}

async fn send(stream: &mut TcpStream, mut bytes: &[u8], counts: &Counts) -> Option<()> {
    while !bytes.is_empty() {
        let taken = stream.write(bytes).await.ok().filter(|count| *count > 0)?;
        counts.sent.fetch_add(taken as u64, Ordering::Relaxed);
        bytes = &bytes[taken..];
    }
    Some(())
}

/// Reads one call to its end.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<(String, Seen)> {
    loop {
        if let Some(end) = memchr::memmem::find(buffer, b"\r\n\r\n") {
            let head = String::from_utf8(buffer[..end].to_vec()).unwrap();
            let length: usize = header(&head, "content-length").map_or(0, |length| length.parse().unwrap());
            if buffer.len() >= end + 4 + length {
                let body = String::from_utf8_lossy(&buffer[end + 4..end + 4 + length]).into_owned();
                buffer.drain(..end + 4 + length);
                return Some((header(&head, SCRIPT)?.to_owned(), seen(&head, &body)));
            }
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

fn seen(head: &str, body: &str) -> Seen {
    let path = head.split(' ').nth(1).unwrap();
    let keys = ["authorization", "x-api-key", "x-goog-api-key", "api-key"];
    let key = keys.iter().find_map(|name| header(head, name)).unwrap_or_default();
    Seen {
        provider: path.split('/').nth(1).unwrap().to_owned(),
        streams: body.contains("\"stream\":true") || path.contains("streamGenerateContent"),
        key: key.trim_start_matches("Bearer ").to_owned(),
        prompt: prompt(body).unwrap_or_default(),
    }
}

fn prompt(body: &str) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    Some(body.pointer("/messages/0/content")?.as_str()?.to_owned())
}

fn header<'head>(head: &'head str, name: &str) -> Option<&'head str> {
    let lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let mut named = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
    named.next().map(|(_, value)| value.trim())
}
