//! A provider's answer on its way to the caller: passed on as it comes, read beside, cut off where it stalls.

use super::call::Call;
use super::guard::Guard;
use super::refusal::SHUTTING_DOWN;
use crate::providers::upstream::UpstreamBody;
use crate::providers::usage::Meter;
use crate::providers::{ErrorShape, native_error_event};
use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame};
use http_body_util::{Either, Full};
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

type Failure = Box<dyn Error + Send + Sync>;

/// An answer of the gateway: in hand, or as it comes from a provider.
pub type GatewayBody = Either<Full<Bytes>, Box<Passing>>;

/// How long an answer may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    pub(super) idle: Duration,
    pub(super) ends_at: Instant,
}

/// A provider's answer on its way.
pub struct Passing {
    upstream: UpstreamBody,
    guard: Guard,
    meter: Meter,
    call: Call,
    shape: ErrorShape,
    patience: Patience,
    closing: CancellationToken,
    last: Instant,
    /// Made when there is something to wait for.
    waiting: Option<Waiting>,
    ended: bool,
    /// Why the answer breaks off, once what came before has been written.
    failure: Option<Failure>,
}

/// What ends a wait besides the provider.
struct Waiting {
    timer: Pin<Box<Sleep>>,
    closing: Pin<Box<WaitForCancellationFutureOwned>>,
}

/// Why an answer ends before its provider ended it.
enum Cut {
    Idle,
    Total,
    Closing,
    Broken,
}

impl fmt::Debug for Passing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Passing")
    }
}

impl Body for Passing {
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        self.get_mut()
            .poll(context)
            .map(|next| next.map(|bytes| bytes.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.ended && self.failure.is_none()
    }

    // The answer's own content-length, where it has one, stands in its headers.
}

impl Passing {
    pub(super) fn new(
        upstream: UpstreamBody,
        call: Call,
        guard: Guard,
        meter: Meter,
        shape: ErrorShape,
        (patience, closing): (Patience, CancellationToken),
    ) -> Self {
        Self {
            upstream,
            guard,
            meter,
            call,
            shape,
            patience,
            closing,
            last: Instant::now(),
            waiting: None,
            ended: false,
            failure: None,
        }
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Failure>>> {
        if let Some(failure) = self.failure.take() {
            return Poll::Ready(Some(Err(failure)));
        }
        while !self.ended {
            let bytes = match Pin::new(&mut self.upstream).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    self.last = Instant::now();
                    // Of a provider that always has more, nothing is ever waited for.
                    if self.last < self.patience.ends_at {
                        Ok(self.take(frame))
                    } else {
                        self.cut(&Cut::Total)
                    }
                }
                Poll::Ready(Some(Err(_))) => self.cut(&Cut::Broken),
                Poll::Ready(None) => Ok(self.end(Bytes::new())),
                Poll::Pending => match self.wait(context) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(reason) => self.cut(&reason),
                },
            };
            match bytes {
                Ok(bytes) if bytes.is_empty() => {}
                Ok(bytes) => return Poll::Ready(Some(Ok(bytes))),
                Err(failure) => {
                    // At the failure the connection is dropped with all that was not written yet, the answer's head
                    // perhaps: whoever polls writes first.
                    self.failure = Some(failure);
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
            }
        }
        Poll::Ready(None)
    }

    /// What goes on of a frame.
    fn take(&mut self, frame: Frame<Bytes>) -> Bytes {
        let Ok(data) = frame.into_data() else {
            return Bytes::new();
        };
        self.call.first_byte.get_or_insert(self.last);
        self.call.response_bytes += data.len() as u64;
        let guarded = self.guard.pass(data);
        let passed = self.meter.pass(guarded);
        // The body's length is known and reached: nobody may ask for what follows.
        if self.upstream.is_end_stream() {
            self.end(passed)
        } else {
            passed
        }
    }

    /// The provider is done; `last` and what was held back goes on.
    fn end(&mut self, last: Bytes) -> Bytes {
        self.ended = true;
        let guarded = self.guard.end();
        let rest = if guarded.is_empty() {
            guarded
        } else {
            self.meter.pass(guarded)
        };
        let held = self.meter.end();
        joined(&[last, rest, held])
    }

    /// Whether the wait is over without the provider.
    fn wait(&mut self, context: &mut Context<'_>) -> Poll<Cut> {
        let Patience { idle, ends_at } = self.patience;
        let (last, closing) = (self.last, &self.closing);
        let waiting = self.waiting.get_or_insert_with(|| Waiting {
            timer: Box::pin(sleep_until((last + idle).min(ends_at))),
            closing: Box::pin(closing.clone().cancelled_owned()),
        });
        if waiting.closing.as_mut().poll(context).is_ready() {
            return Poll::Ready(Cut::Closing);
        }
        // The timer is not set anew for each chunk; when it rings, it is seen whether one came meanwhile.
        while waiting.timer.as_mut().poll(context).is_ready() {
            let now = Instant::now();
            if now >= ends_at {
                return Poll::Ready(Cut::Total);
            }
            if now >= last + idle {
                return Poll::Ready(Cut::Idle);
            }
            waiting.timer.as_mut().reset((last + idle).min(ends_at));
        }
        Poll::Pending
    }

    /// Ends the answer here: a stream with an error event, anything else by breaking off, so that nobody takes a
    /// part for the whole.
    fn cut(&mut self, reason: &Cut) -> Result<Bytes, Failure> {
        let provider = self.call.admission.route.provider.name();
        let (status, code, message) = match reason {
            Cut::Idle => (
                504,
                "upstream_timeout",
                format!("{provider} fell silent; the stream was ended."),
            ),
            Cut::Total => (
                504,
                "upstream_timeout",
                "The call took longer than is allowed here.".to_owned(),
            ),
            Cut::Broken => (
                502,
                "upstream_unreachable",
                format!("{provider} broke off in the middle of its answer."),
            ),
            Cut::Closing => (503, "shutting_down", SHUTTING_DOWN.to_owned()),
        };
        self.ended = true;
        self.call.error_code = Some(code);
        if !self.call.streamed {
            return Err(message.into());
        }
        let event = native_error_event(self.shape, status, code, &message);
        // Whatever event was begun is closed first; what is held of it is of no use any more.
        Ok(joined(&[Bytes::from_static(b"\n\n"), event.into()]))
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        self.call.metered = self.meter.metered();
        if self.call.metered.stream_error {
            self.call.error_code.get_or_insert("stream_error");
        }
    }
}

/// Mostly one piece, which is not copied.
fn joined(pieces: &[Bytes]) -> Bytes {
    let mut filled = pieces.iter().filter(|piece| !piece.is_empty());
    let first = filled.next().cloned().unwrap_or_default();
    if filled.next().is_none() {
        return first;
    }
    let mut whole = BytesMut::new();
    for piece in pieces {
        whole.extend_from_slice(piece);
    }
    whole.freeze()
}
