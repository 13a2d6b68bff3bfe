//! One connection, driven by whoever holds it.

use super::bell::Bell;
use super::body::RequestBody;
use super::connect::Stream;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder, Connection, SendRequest};
use hyper_util::rt::TokioIo;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use tokio::time::Instant;

/// The longest head of an answer, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;

type Open = Pin<Box<Connection<TokioIo<Stream>, RequestBody>>>;

/// A connection to a provider.
pub(super) struct Wire {
    sender: SendRequest<RequestBody>,
    /// `None` once it has ended.
    connection: Option<Open>,
    bell: Bell,
    /// When it was last used.
    pub(super) rests_since: Instant,
    /// Whether it has carried a call before.
    pub(super) is_used: bool,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Wire")
    }
}

/// A call that got no answer.
#[derive(Debug)]
pub(super) struct Unanswered {
    pub(super) error: hyper::Error,
    /// The call, where nothing of it was sent.
    pub(super) unsent: Option<Request<RequestBody>>,
}

impl Wire {
    pub(super) async fn new(stream: Stream) -> Result<Self, hyper::Error> {
        let handshake = Builder::new()
            .max_buf_size(LONGEST_HEAD)
            .handshake(TokioIo::new(stream));
        let (sender, connection) = handshake.await?;
        Ok(Self {
            sender,
            connection: Some(Box::pin(connection)),
            bell: Bell::new(),
            rests_since: Instant::now(),
            is_used: false,
        })
    }

    /// Sends a call and waits for the head of its answer.
    pub(super) async fn send(&mut self, request: Request<RequestBody>) -> Result<Response<Incoming>, Unanswered> {
        let mut answer = pin!(self.sender.try_send_request(request));
        let outcome = poll_fn(|context| self.poll(context, |context| answer.as_mut().poll(context)));
        outcome.await.map_err(|mut error| Unanswered {
            unsent: error.take_message(),
            error: error.into_error(),
        })
    }

    /// Asks for something that comes over it, moving bytes as far as they go.
    pub(super) fn poll<T>(
        &mut self,
        context: &Context<'_>,
        mut ask: impl FnMut(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<T> {
        let Self { connection, bell, .. } = self;
        bell.hold(context.waker(), |context| {
            let outcome = ask(context);
            if outcome.is_ready() {
                return outcome;
            }
            drive(connection, context);
            ask(context)
        })
    }

    /// Whether another call may be sent over it. A provider that hung up meanwhile is noticed here; nobody is woken
    /// for what comes of a connection at rest.
    pub(super) fn can_serve(&mut self) -> bool {
        let Self { connection, bell, .. } = self;
        let driven = bell.hold(Waker::noop(), |context| {
            drive(connection, context);
            Poll::Ready(())
        });
        driven.is_ready() && self.connection.is_some() && self.sender.is_ready()
    }
}

fn drive(connection: &mut Option<Open>, context: &mut Context<'_>) {
    let ended = match connection {
        Some(open) => open.as_mut().poll(context),
        None => return,
    };
    if let Poll::Ready(outcome) = ended {
        *connection = None;
        // Whoever waits for an answer over it is told by the answer's own end.
        if let Err(error) = outcome {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "a provider's connection broke"
            );
        }
    }
}
