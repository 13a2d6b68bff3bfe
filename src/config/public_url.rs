//! How browsers reach the server.

use std::fmt;
use std::net::SocketAddr;
use url::{Host, Url};

/// The origin under which browsers reach the server: https, or plain http on this machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PublicUrl(Url);

/// Why an address cannot be the public one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PublicUrlError {
    /// Not a URL, or of another scheme.
    #[error("it is not an http or https address")]
    NotAnAddress,
    /// With a user, path, query or fragment.
    #[error("it has more than scheme, host and port")]
    NotAnOrigin,
    /// Plain http beyond this machine: cookies and keys would travel readable.
    #[error("plain http is only for this machine itself")]
    PlainHttp,
}

impl PublicUrl {
    /// Reads an origin.
    ///
    /// # Errors
    /// [`PublicUrlError`] for what is not one, and for plain http beyond loopback.
    pub fn parse(text: &str) -> Result<Self, PublicUrlError> {
        let url = Url::parse(text).map_err(|_| PublicUrlError::NotAnAddress)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(PublicUrlError::NotAnAddress);
        }
        if !is_origin(&url) {
            return Err(PublicUrlError::NotAnOrigin);
        }
        if url.scheme() == "http" && !names_loopback(&url) {
            return Err(PublicUrlError::PlainHttp);
        }
        Ok(Self(url))
    }

    /// The address of a listener that browsers reach directly, over plain http.
    ///
    /// # Errors
    /// [`PublicUrlError::PlainHttp`] for one that is open beyond this machine.
    pub fn of_listener(listener: SocketAddr) -> Result<Self, PublicUrlError> {
        Self::parse(&format!("http://{listener}"))
    }

    /// Whether browsers come over TLS: whether cookies are marked `Secure`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether browsers run on this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        names_loopback(&self.0)
    }

    /// As a browser's `Origin` header has it: scheme, host, and port where it is not the usual one.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// The full address of a path that begins with `/`.
    #[must_use]
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.origin())
    }
}

/// Whether `url` is scheme, host and port alone.
pub(super) fn is_origin(url: &Url) -> bool {
    has_no_user(url) && url.path() == "/" && url.query().is_none() && url.fragment().is_none()
}

/// Whether `url` carries neither user nor password.
pub(super) fn has_no_user(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

/// Whether the host is this machine. Names under `localhost` always are (RFC 6761, section 6.3).
pub(super) fn names_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_loopback_only() {
        for good in [
            "http://127.0.0.1:3000",
            "http://[::1]:3000",
            "http://localhost",
            "http://a.localhost:1",
        ] {
            let url = PublicUrl::parse(good).unwrap();
            assert!(url.is_loopback() && !url.is_https(), "{good}");
        }
        for bad in [
            "http://0.0.0.0:3000",
            "http://10.0.0.1",
            "http://keys.example",
            "http://localhost.example",
        ] {
            assert_eq!(PublicUrl::parse(bad), Err(PublicUrlError::PlainHttp), "{bad}");
        }
        let url = PublicUrl::parse("https://Keys.example:443/").unwrap();
        assert!(url.is_https() && !url.is_loopback());
        assert_eq!(url.join("/setup"), "https://keys.example/setup");
        assert!(PublicUrl::parse("https://localhost:8443").unwrap().is_loopback());
    }

    #[test]
    fn it_is_an_origin() {
        for bad in [
            "https://keys.example/latchkey",
            "https://user@keys.example",
            "https://keys.example/?a",
        ] {
            assert_eq!(PublicUrl::parse(bad), Err(PublicUrlError::NotAnOrigin), "{bad}");
        }
        for bad in ["keys.example", "ftp://keys.example", "127.0.0.1:3000", ""] {
            assert_eq!(PublicUrl::parse(bad), Err(PublicUrlError::NotAnAddress), "{bad}");
        }
    }

    #[test]
    fn a_listener_has_an_address() {
        let url = PublicUrl::of_listener(([127, 0, 0, 1], 3000).into()).unwrap();
        assert_eq!(url.to_string(), "http://127.0.0.1:3000");
        assert_eq!(
            PublicUrl::of_listener(([0, 0, 0, 0], 3000).into()),
            Err(PublicUrlError::PlainHttp)
        );
    }
}
