//! A call's body on its way in: kept where something must be read of it or it may be sent again, else passed on as it
//! comes.

use super::refusal::Refusal;
use crate::providers::upstream::RequestBody;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body::{Body, Frame, SizeHint};
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::timeout;

type Failure = Box<dyn Error + Send + Sync>;

/// A caller's body.
pub(super) enum Intake {
    /// In hand.
    Whole(Bytes),
    /// Too large to keep: passed on once, counted meanwhile.
    Passing { body: RequestBody, passed: Arc<Passed> },
}

/// How much of a passing body went by, and whether it was cut off.
#[derive(Debug, Default)]
pub(super) struct Passed {
    pub(super) bytes: AtomicU64,
    pub(super) too_large: std::sync::atomic::AtomicBool,
}

/// What an intake may do.
pub(super) struct Measure {
    /// What is larger is passed on, not kept.
    pub(super) keep: usize,
    /// What is larger is refused.
    pub(super) most: usize,
    /// How long a body may pause.
    pub(super) idle: Duration,
}

/// Whether a body says it is JSON.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    kind.get(..16)
        .is_some_and(|kind| kind.eq_ignore_ascii_case(b"application/json"))
}

/// Whether a body is a form with files.
pub(super) fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map_or(&b""[..], |value| value.as_bytes());
    kind.get(..10)
        .is_some_and(|kind| kind.eq_ignore_ascii_case(b"multipart/"))
}

/// How long a body says it is, in bytes.
pub(super) fn said_length(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

impl Intake {
    pub(super) async fn read<B>(mut body: B, headers: &HeaderMap, measure: &Measure) -> Result<Self, Refusal>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<Failure>,
    {
        let said = said_length(headers);
        if said.is_some_and(|said| said > measure.most) {
            return Err(Refusal::too_large(measure.most));
        }
        let mut kept: Vec<Bytes> = Vec::new();
        let mut length = 0;
        let fits = said.is_none_or(|said| said <= measure.keep);
        while fits && length <= measure.keep {
            let frame = timeout(measure.idle, next(&mut body)).await;
            match frame.map_err(|_| paused())? {
                None => return Ok(Self::Whole(joined(kept, length))),
                Some(Err(_)) => return Err(Refusal::invalid("The request's body broke off.")),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        length += data.len();
                        kept.push(data);
                    }
                    if body.is_end_stream() && length <= measure.keep {
                        return Ok(Self::Whole(joined(kept, length)));
                    }
                }
            }
        }
        let passed = Arc::new(Passed::default());
        let passing = PassingBody {
            kept: kept.into_iter(),
            rest: body,
            left: measure.most,
            passed: passed.clone(),
        };
        Ok(Self::Passing {
            body: RequestBody::Passing(Box::pin(passing)),
            passed,
        })
    }
}

fn paused() -> Refusal {
    let message = "The request's body paused for too long.";
    Refusal::new(http::StatusCode::REQUEST_TIMEOUT, "request_timeout", message)
}

async fn next<B: Body<Data = Bytes> + Unpin>(body: &mut B) -> Option<Result<Frame<Bytes>, B::Error>> {
    std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await
}

/// Most bodies come in one piece, which is not copied.
fn joined(mut kept: Vec<Bytes>, length: usize) -> Bytes {
    if kept.len() == 1 {
        return kept.remove(0);
    }
    let mut whole = BytesMut::with_capacity(length);
    for piece in kept {
        whole.extend_from_slice(&piece);
    }
    whole.freeze()
}

struct PassingBody<B> {
    kept: std::vec::IntoIter<Bytes>,
    rest: B,
    left: usize,
    passed: Arc<Passed>,
}

impl<B> Body for PassingBody<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Failure>,
{
    type Data = Bytes;
    type Error = Failure;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = self.get_mut();
        let frame = match this.kept.next() {
            Some(data) => Poll::Ready(Some(Ok(Frame::data(data)))),
            None => Pin::new(&mut this.rest)
                .poll_frame(context)
                .map(|frame| frame.map(|frame| frame.map_err(Into::into))),
        };
        if let Poll::Ready(Some(Ok(frame))) = &frame
            && let Some(data) = frame.data_ref()
        {
            let Some(left) = this.left.checked_sub(data.len()) else {
                this.passed.too_large.store(true, Ordering::Relaxed);
                return Poll::Ready(Some(Err("the body is too large".into())));
            };
            this.left = left;
            this.passed.bytes.fetch_add(data.len() as u64, Ordering::Relaxed);
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.kept.len() == 0 && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let kept: usize = self.kept.as_slice().iter().map(Bytes::len).sum();
        let rest = self.rest.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower() + kept as u64);
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + kept as u64);
        }
        hint
    }
}
