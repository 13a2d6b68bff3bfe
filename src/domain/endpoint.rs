//! Where a provider key may be sent.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use url::{Host, Url};

/// Host suffixes that a customer's own Azure endpoint may have.
pub const AZURE_HOST_SUFFIXES: &[&str] = &[
    ".openai.azure.com",
    ".cognitiveservices.azure.com",
    ".services.ai.azure.com",
];

/// The origin that a key belongs to (`https://api.openai.com`), without a trailing slash.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Endpoint(String);

/// Why an endpoint is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Not a URL.
    #[error("enter a full address, such as https://my-resource.openai.azure.com")]
    NotAUrl,
    /// Not https.
    #[error("the endpoint must begin with https://")]
    NotHttps,
    /// With a user, port, path, query or fragment.
    #[error("enter the address alone, without a path, port, user name or query")]
    NotAnOrigin,
    /// Another host.
    #[error("the endpoint's host must end in one of {}", AZURE_HOST_SUFFIXES.join(", "))]
    HostNotAllowed,
}

/// Which customer endpoints are accepted.
///
/// The sandbox's exemption is one exact socket address; only `demo` and tests make one.
#[derive(Clone, Copy, Debug, Default)]
pub struct EndpointPolicy {
    sandbox: Option<SocketAddr>,
}

impl EndpointPolicy {
    /// Accepts plain http at this one address too.
    #[must_use]
    pub const fn with_sandbox(address: SocketAddr) -> Self {
        Self { sandbox: Some(address) }
    }

    /// Reads a customer's endpoint.
    ///
    /// # Errors
    /// [`EndpointError`] for what is not https at an allowed host.
    pub fn parse(&self, text: &str) -> Result<Endpoint, EndpointError> {
        let url = Url::parse(text.trim()).map_err(|_| EndpointError::NotAUrl)?;
        if self.is_sandbox(&url) {
            return Ok(Endpoint(url.origin().ascii_serialization()));
        }
        if url.scheme() != "https" {
            return Err(EndpointError::NotHttps);
        }
        let Some(Host::Domain(host)) = url.host() else {
            return Err(EndpointError::HostNotAllowed);
        };
        let resource = AZURE_HOST_SUFFIXES.iter().find_map(|suffix| host.strip_suffix(suffix));
        if resource.is_none_or(str::is_empty) {
            return Err(EndpointError::HostNotAllowed);
        }
        let bare = url.username().is_empty() && url.password().is_none() && url.port().is_none();
        let rootless = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !bare || !rootless {
            return Err(EndpointError::NotAnOrigin);
        }
        Ok(Endpoint(url.origin().ascii_serialization()))
    }

    /// Whether a connection to `address` is permitted: public, or exactly the sandbox.
    #[must_use]
    pub fn permits_address(&self, address: SocketAddr) -> bool {
        self.sandbox == Some(address) || is_public_address(address.ip())
    }

    fn is_sandbox(&self, url: &Url) -> bool {
        url.path() == "/" && self.is_sandbox_origin(url)
    }

    /// Whether scheme, host and port are those of the sandbox.
    pub(super) fn is_sandbox_origin(&self, url: &Url) -> bool {
        let address = match (url.host(), url.port()) {
            (Some(Host::Ipv4(host)), Some(port)) => SocketAddr::from((host, port)),
            (Some(Host::Ipv6(host)), Some(port)) => SocketAddr::from((host, port)),
            _ => return false,
        };
        url.scheme() == "http" && self.sandbox == Some(address)
    }
}

impl Endpoint {
    /// The catalogue's own origin of a provider.
    #[must_use]
    pub fn of_catalogue(origin: &'static str) -> Self {
        Self(origin.to_owned())
    }

    /// An endpoint as stored; it was checked when it was saved, and is bound into the envelope.
    #[must_use]
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The origin, without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether an address is on the public internet. Addresses that carry another one inside
/// (IPv4-mapped, NAT64, 6to4) are judged by the inner one.
#[must_use]
pub fn is_public_address(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => inner_v4(address).map_or_else(|| is_public_v6(address), is_public_v4),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let carrier_grade = first == 100 && (64..128).contains(&second);
    let protocol_assignments = first == 192 && second == 0 && third == 0;
    let benchmarking = first == 198 && (second == 18 || second == 19);
    let relay_anycast = first == 192 && second == 88 && third == 99;
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || first == 0
        || first >= 240
        || carrier_grade
        || protocol_assignments
        || benchmarking
        || relay_anycast)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // Only 2000::/3 is global unicast (RFC 4291); within it 2001:db8::/32 documents, 2001::/23 is for protocols.
    let [first, second, ..] = address.segments();
    let global_unicast = first & 0xE000 == 0x2000;
    let documentation = (first == 0x2001 && second == 0x0DB8) || first == 0x3FFF;
    let protocols = first == 0x2001 && second < 0x0200;
    global_unicast && !documentation && !protocols
}

fn inner_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let segments = address.segments();
    let from = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match segments {
        [0, 0, 0, 0, 0, 0xFFFF, high, low] | [0x0064, 0xFF9B, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => {
            Some(from(high, low))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_azure_endpoint_is_an_origin_at_an_allowed_host() {
        let policy = EndpointPolicy::default();
        let endpoint = policy.parse(" https://Contoso.openai.azure.com/ ").unwrap();
        assert_eq!(endpoint.as_str(), "https://contoso.openai.azure.com");
        for (text, error) in [
            ("contoso", EndpointError::NotAUrl),
            ("http://contoso.openai.azure.com", EndpointError::NotHttps),
            (
                "https://contoso.openai.azure.com.evil.example",
                EndpointError::HostNotAllowed,
            ),
            ("https://.openai.azure.com", EndpointError::HostNotAllowed),
            ("https://169.254.169.254", EndpointError::HostNotAllowed),
            ("https://user@contoso.openai.azure.com", EndpointError::NotAnOrigin),
            ("https://contoso.openai.azure.com:8443", EndpointError::NotAnOrigin),
            ("https://contoso.openai.azure.com/path", EndpointError::NotAnOrigin),
            ("https://contoso.openai.azure.com/?a=b", EndpointError::NotAnOrigin),
            ("http://127.0.0.1:4010", EndpointError::NotHttps),
        ] {
            assert_eq!(policy.parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn the_sandbox_is_one_exact_address() {
        let policy = EndpointPolicy::with_sandbox(([127, 0, 0, 1], 4010).into());
        assert_eq!(
            policy.parse("http://127.0.0.1:4010").unwrap().as_str(),
            "http://127.0.0.1:4010"
        );
        assert_eq!(policy.parse("http://127.0.0.1:4011"), Err(EndpointError::NotHttps));
        assert_eq!(policy.parse("http://localhost:4010"), Err(EndpointError::NotHttps));
        assert!(policy.permits_address(([127, 0, 0, 1], 4010).into()));
        assert!(!policy.permits_address(([127, 0, 0, 1], 4011).into()));
    }

    #[test]
    fn inner_addresses_are_unwrapped() {
        for private in [
            "10.0.0.1",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "0.0.0.0",
            "192.0.0.8",
            "::1",
            "fe80::1",
            "fc00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "2001:db8::1",
            "::",
        ] {
            assert!(!is_public_address(private.parse().unwrap()), "{private}");
        }
        for public in ["20.42.0.1", "2603:1030::1", "::ffff:20.42.0.1"] {
            assert!(is_public_address(public.parse().unwrap()), "{public}");
        }
    }
}
