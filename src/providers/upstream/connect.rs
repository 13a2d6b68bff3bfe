//! From a host to an open connection.

use super::TlsError;
use crate::domain::EndpointPolicy;
use crate::providers::EndpointCheckError;
use crate::providers::resolver::GuardedResolver;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use rustls_platform_verifier::ConfigVerifierExt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::{Host, Url};

/// Why no connection was had. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The host has no address, or one where no key may go.
    #[error("the host's address cannot be used")]
    Endpoint(#[source] EndpointCheckError),
    /// The network refused.
    #[error("no connection could be opened")]
    Io(#[source] io::Error),
    /// It took too long.
    #[error("opening a connection took too long")]
    TimedOut,
}

/// TLS as this machine trusts.
#[derive(Clone)]
pub(super) struct Tls(TlsConnector);

impl std::fmt::Debug for Tls {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Tls")
    }
}

impl Tls {
    pub(super) fn of_this_machine() -> Result<Self, TlsError> {
        let mut config = ClientConfig::with_platform_verifier()?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }
}

/// Opens connections to one host.
#[derive(Debug)]
pub(super) struct Connector {
    host: String,
    port: u16,
    tls: Option<(Tls, ServerName<'static>)>,
    /// Present where a customer named the host: every address is checked at each connection.
    guard: Option<EndpointPolicy>,
}

impl Connector {
    /// `None` when the URL names no host that can be called.
    pub(super) fn new(url: &Url, tls: Tls, guard: Option<EndpointPolicy>) -> Option<Self> {
        let host = match url.host()? {
            Host::Domain(name) => name.to_owned(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        let tls = match url.scheme() {
            "https" => Some((tls, ServerName::try_from(host.clone()).ok()?)),
            "http" => None,
            _ => return None,
        };
        Some(Self {
            port: url.port_or_known_default()?,
            host,
            tls,
            guard,
        })
    }

    pub(super) async fn connect(&self) -> Result<Stream, ConnectError> {
        let stream = self.tcp().await?;
        // Small writes, such as a request's head, must not wait for one another.
        stream.set_nodelay(true).map_err(ConnectError::Io)?;
        match &self.tls {
            None => Ok(Stream::Plain(stream)),
            Some((tls, name)) => {
                let secured = tls.0.connect(name.clone(), stream).await.map_err(ConnectError::Io)?;
                Ok(Stream::Secured(Box::new(secured)))
            }
        }
    }

    async fn tcp(&self) -> Result<TcpStream, ConnectError> {
        let mut last = None;
        for address in self.addresses().await? {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = Some(error),
            }
        }
        Err(ConnectError::Io(
            last.unwrap_or_else(|| io::ErrorKind::AddrNotAvailable.into()),
        ))
    }

    async fn addresses(&self) -> Result<Vec<SocketAddr>, ConnectError> {
        // A host that is an address is the sandbox: the policy accepted no other.
        let literal = self.host.parse().ok().map(|host| SocketAddr::new(host, self.port));
        match (self.guard, literal) {
            (Some(policy), Some(address)) if policy.permits_address(address) => Ok(vec![address]),
            (Some(_), Some(_)) => Err(ConnectError::Endpoint(EndpointCheckError::NotPublic)),
            (Some(policy), None) => {
                let found = GuardedResolver { policy }.addresses(&self.host).await;
                let found = found.map_err(ConnectError::Endpoint)?;
                Ok(found
                    .into_iter()
                    .map(|found| SocketAddr::new(found.ip(), self.port))
                    .collect())
            }
            (None, _) => {
                let found = tokio::net::lookup_host((self.host.as_str(), self.port)).await;
                Ok(found.map_err(ConnectError::Io)?.collect())
            }
        }
    }
}

/// A connection, secured or not.
#[derive(Debug)]
pub(super) enum Stream {
    Plain(TcpStream),
    Secured(Box<TlsStream<TcpStream>>),
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Secured(stream) => Pin::new(stream).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Secured(stream) => Pin::new(stream).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_write_vectored(context, slices),
            Self::Secured(stream) => Pin::new(stream).poll_write_vectored(context, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Plain(stream) => stream.is_write_vectored(),
            Self::Secured(stream) => stream.is_write_vectored(),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Secured(stream) => Pin::new(stream).poll_flush(context),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Secured(stream) => Pin::new(stream).poll_shutdown(context),
        }
    }
}
