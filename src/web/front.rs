//! What the listener hands requests to: the gateway's proxy for calls of models, the router for all else.

use super::App;
use super::gateway::{CallerBody, GatewayBody, Proxy};
use axum::Router;
use axum::body::Body as PageBody;
use axum::extract::ConnectInfo;
use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::error::Error;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tower::Service;

/// Everything that is served; cheap to clone.
#[derive(Clone)]
pub struct Front {
    router: Router,
    proxy: Arc<Proxy>,
}

impl Front {
    /// Everything that `app` serves. Open answers of the gateway end when `closing` is cancelled.
    #[must_use]
    pub fn new(app: App, closing: CancellationToken) -> Self {
        Self {
            proxy: Arc::new(Proxy::new(&app, closing)),
            router: super::router(app),
        }
    }

    /// How long a caller may take nothing of an answer: as long as a provider may send nothing.
    pub(super) fn patience(&self) -> Duration {
        self.proxy.limits().idle
    }

    /// Answers a request from `peer`.
    pub async fn answer(&self, mut request: Request<impl CallerBody>, peer: SocketAddr) -> Response<FrontBody> {
        if Proxy::takes(request.uri().path()) {
            let answer = self.proxy.serve(request, Some(peer.ip())).await;
            return answer.map(FrontBody::Gateway);
        }
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = self.router.clone().call(request.map(PageBody::new)).await;
        let Ok(answer) = answer.map_err(|never: Infallible| match never {});
        answer.map(FrontBody::Page)
    }
}

/// An answer's body, whoever gave it.
#[derive(Debug)]
pub enum FrontBody {
    /// The router's.
    Page(PageBody),
    /// The gateway's.
    Gateway(GatewayBody),
}

impl Body for FrontBody {
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        match self.get_mut() {
            Self::Page(body) => Pin::new(body)
                .poll_frame(context)
                .map(|frame| frame.map(|frame| frame.map_err(Into::into))),
            Self::Gateway(body) => Pin::new(body).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Page(body) => body.is_end_stream(),
            Self::Gateway(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Page(body) => body.size_hint(),
            Self::Gateway(body) => body.size_hint(),
        }
    }
}
