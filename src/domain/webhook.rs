//! Where an organization wants to be told: an address on the public internet.

use super::{EndpointPolicy, is_public_address};
use std::fmt;
use std::net::IpAddr;
use url::{Host, Url};

/// The longest address, in bytes, of which `webhooks.url` holds as many characters.
const LONGEST: usize = 2_000;
/// Ports that a receiver may listen on.
const PORTS: [u16; 2] = [443, 8443];

/// An address that messages are sent to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WebhookUrl(Url);

/// Why an address is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookUrlError {
    /// Not an address at all.
    #[error("Enter a full address: https://example.com/path.")]
    NotAUrl,
    /// Longer than anybody needs.
    #[error("Use an address of up to {LONGEST} characters.")]
    TooLong,
    /// Not https.
    #[error("Use an address that begins with https://.")]
    NotHttps,
    /// With a user or password.
    #[error("Leave user name and password out of the address; messages are signed instead.")]
    WithUser,
    /// Another port.
    #[error("Use port 443 or 8443.")]
    Port,
    /// An address of a private network.
    #[error("This address leads to a private network. Use one on the public internet.")]
    NotPublic,
}

impl WebhookUrl {
    /// The address as it was saved.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The host's name where it has one: an address in numbers was judged when it was read.
    #[must_use]
    pub fn domain(&self) -> Option<&str> {
        self.0.domain()
    }

    /// Scheme, host and port alone, for logs: the rest may hold what nobody else should read.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }
}

impl fmt::Display for WebhookUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl EndpointPolicy {
    /// Reads the address of a webhook. Where its host really leads is looked up apart, at save and at each connection.
    ///
    /// # Errors
    /// [`WebhookUrlError`] for what is not https at a public host.
    pub fn parse_webhook(&self, text: &str) -> Result<WebhookUrl, WebhookUrlError> {
        let mut url = Url::parse(text.trim()).map_err(|_| WebhookUrlError::NotAUrl)?;
        url.set_fragment(None);
        // As it is written down: what is no ASCII takes several characters then.
        if url.as_str().len() > LONGEST {
            return Err(WebhookUrlError::TooLong);
        }
        let Some(host) = url.host() else {
            return Err(WebhookUrlError::NotAUrl);
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(WebhookUrlError::WithUser);
        }
        if self.is_sandbox_origin(&url) {
            return Ok(WebhookUrl(url));
        }
        if url.scheme() != "https" {
            return Err(WebhookUrlError::NotHttps);
        }
        if !url.port_or_known_default().is_some_and(|port| PORTS.contains(&port)) {
            return Err(WebhookUrlError::Port);
        }
        let is_public = match host {
            Host::Domain(_) => true,
            Host::Ipv4(address) => is_public_address(IpAddr::V4(address)),
            Host::Ipv6(address) => is_public_address(IpAddr::V6(address)),
        };
        if is_public {
            Ok(WebhookUrl(url))
        } else {
            Err(WebhookUrlError::NotPublic)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_is_https_on_the_public_internet() {
        let policy = EndpointPolicy::with_sandbox(([127, 0, 0, 1], 4010).into());
        let url = policy.parse_webhook(" https://Example.com/hook?a=b#c ").unwrap();
        assert_eq!(url.as_str(), "https://example.com/hook?a=b");
        assert_eq!(url.origin(), "https://example.com");
        assert!(policy.parse_webhook("http://127.0.0.1:4010/webhooks/a").is_ok());
        for (text, error) in [
            ("example.com", WebhookUrlError::NotAUrl),
            ("http://example.com/", WebhookUrlError::NotHttps),
            ("ftp://example.com/", WebhookUrlError::NotHttps),
            ("https://user:word@example.com/", WebhookUrlError::WithUser),
            ("https://example.com:22/", WebhookUrlError::Port),
            ("https://169.254.169.254/latest", WebhookUrlError::NotPublic),
            ("https://[::ffff:10.0.0.1]/", WebhookUrlError::NotPublic),
            ("https://127.1/", WebhookUrlError::NotPublic),
            ("https://0x7f000001/", WebhookUrlError::NotPublic),
            ("http://127.0.0.1:4011/", WebhookUrlError::NotHttps),
        ] {
            assert_eq!(policy.parse_webhook(text), Err(error), "{text}");
        }
        for long in ["a".repeat(LONGEST), "é".repeat(LONGEST / 4)] {
            let long = policy.parse_webhook(&format!("https://example.com/{long}"));
            assert_eq!(long, Err(WebhookUrlError::TooLong));
        }
    }
}
