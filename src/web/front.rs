//! What the listener hands requests to: the gateway's proxy for calls of models, the router for all else.

use super::App;
use super::gateway::{CallerBody, GatewayBody, Proxy};
use axum::Router;
use axum::body::Body as PageBody;
use axum::extract::ConnectInfo;
use http::{Request, Response};
use http_body_util::Either;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
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
            return answer.map(FrontBody::Right);
        }
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = self.router.clone().call(request.map(PageBody::new)).await;
        let Ok(answer) = answer.map_err(|never: Infallible| match never {});
        answer.map(FrontBody::Left)
    }
}

/// An answer's body: the router's, or the gateway's.
pub type FrontBody = Either<PageBody, GatewayBody>;
