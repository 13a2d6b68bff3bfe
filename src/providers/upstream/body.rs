//! Bodies on their way to a provider and back.

use super::origin::Origin;
use super::wire::Wire;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// Why a caller's body broke off.
pub(super) type BodyError = Box<dyn Error + Send + Sync>;

/// A body on its way to a provider.
pub enum RequestBody {
    /// In hand, whole.
    Whole(Option<Bytes>),
    /// Passed on as it comes.
    Passing(Pin<Box<dyn Body<Data = Bytes, Error = BodyError> + Send>>),
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Whole(_) => "RequestBody::Whole",
            Self::Passing(_) => "RequestBody::Passing",
        })
    }
}

impl From<Bytes> for RequestBody {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(Some(bytes).filter(|bytes| !bytes.is_empty()))
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Passing(body) => body.as_mut().poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_none(),
            Self::Passing(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Passing(body) => body.size_hint(),
        }
    }
}

/// An answer's body, and the connection it comes over, which goes back to rest when the body has ended.
#[derive(Debug)]
pub struct UpstreamBody {
    incoming: Incoming,
    wire: Option<Wire>,
    origin: Arc<Origin>,
}

impl UpstreamBody {
    pub(super) const fn new(incoming: Incoming, wire: Wire, origin: Arc<Origin>) -> Self {
        Self {
            incoming,
            wire: Some(wire),
            origin,
        }
    }

    fn rest(&mut self) {
        if let Some(wire) = self.wire.take() {
            self.origin.keep(wire);
        }
    }
}

impl Body for UpstreamBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let this = self.get_mut();
        let incoming = &mut this.incoming;
        let frame = match &mut this.wire {
            Some(wire) => wire.poll(context, |context| Pin::new(&mut *incoming).poll_frame(context)),
            None => Pin::new(incoming).poll_frame(context),
        };
        // Who knows the body's length does not ask for what follows its last piece.
        let has_ended = match &frame {
            Poll::Ready(None) => true,
            Poll::Ready(Some(Ok(_))) => this.incoming.is_end_stream(),
            Poll::Ready(Some(Err(_))) | Poll::Pending => false,
        };
        if has_ended {
            this.rest();
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}
