//! The listener: HTTP/1.1, and an end that lets calls finish.

use super::Front;
use super::impatient::Impatient;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a request's head may take to come; also how long a connection may rest.
const HEAD_LIMIT: Duration = Duration::from_secs(75);
/// The longest head of a request, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;
/// How long the last errors may take to reach their callers.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// When no connection can be accepted: the process has too many open.
const BREATH: Duration = Duration::from_millis(50);

/// How a server ends.
#[derive(Clone, Debug)]
pub struct Ending {
    /// Begins the end: `/readyz` says so at once, and connections close as their calls end.
    pub stop: CancellationToken,
    /// How long calls may finish from then on.
    pub drain: Duration,
    /// Cancelled when that time is over; see [`Front::new`].
    pub closing: CancellationToken,
}

/// Serves until told to stop, then until every call has ended or the time for that is over. While calls are open,
/// new ones are answered too: whoever sends them has not heard yet.
pub async fn serve(listener: TcpListener, front: Front, ending: Ending) {
    let connections = TaskTracker::new();
    let cut_off = CancellationToken::new();
    let accepting = accept(&listener, &front, &ending, &connections, &cut_off);
    let finished = async {
        ending.stop.cancelled().await;
        connections.close();
        timeout(ending.drain, connections.wait()).await.is_ok()
    };
    let finished = tokio::select! {
        () = accepting => false,
        finished = finished => finished,
    };
    if finished {
        return;
    }
    tracing::warn!(
        seconds = ending.drain.as_secs(),
        connections = connections.len(),
        "calls were still open and are ended"
    );
    ending.closing.cancel();
    if timeout(LAST_WORDS, connections.wait()).await.is_err() {
        cut_off.cancel();
        connections.wait().await;
    }
}

async fn accept(
    listener: &TcpListener,
    front: &Front,
    ending: &Ending,
    connections: &TaskTracker,
    cut_off: &CancellationToken,
) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let (stop, cut_off) = (ending.stop.clone(), cut_off.clone());
                connections.spawn(connection(stream, peer, front.clone(), stop, cut_off));
            }
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "no connection can be accepted"
                );
                sleep(BREATH).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    front: Front,
    stop: CancellationToken,
    cut_off: CancellationToken,
) {
    // Small pieces of a stream must not wait for one another; a socket that refuses is already gone.
    let _refused = stream.set_nodelay(true);
    let stream = Impatient::new(stream, front.patience());
    let service = service_fn(move |request: Request<Incoming>| {
        let front = front.clone();
        async move { Ok::<_, Infallible>(front.answer(request, peer).await) }
    });
    let is_ending = stop.is_cancelled();
    let serving = Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .max_header_size(LONGEST_HEAD)
        // Who comes while the server ends gets one answer.
        .keep_alive(!is_ending)
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    // Each token that is watched costs at every step of a connection; the second means nothing before the first.
    let mut outcome = stop.run_until_cancelled(serving.as_mut()).await;
    if outcome.is_none() {
        if !is_ending {
            serving.as_mut().graceful_shutdown();
        }
        outcome = cut_off.run_until_cancelled(serving).await;
    }
    if let Some(Err(error)) = outcome {
        tracing::debug!(error = &error as &dyn std::error::Error, "a connection broke");
    }
}
