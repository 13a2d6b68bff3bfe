//! Which headers pass. A denylist, so that providers' own headers do; what names a connection, a client, a
//! credential or an account of the operator's does not.

use http::header::CONNECTION;
use http::{HeaderMap, HeaderName, HeaderValue};

/// Only between two neighbours (RFC 9110, 7.6.1).
fn is_hop_by_hop(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "keep-alive"
            | "proxy-connection"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "te"
            | "trailer"
            | "trailers"
            | "transfer-encoding"
            | "upgrade"
            | "http2-settings"
    )
}

/// Credentials and cookies of the caller's, wherever an SDK may put them.
fn is_credential(name: &str) -> bool {
    matches!(
        name,
        "authorization"
            | "x-api-key"
            | "x-goog-api-key"
            | "api-key"
            | "ocp-apim-subscription-key"
            | "x-auth-token"
            | "x-access-token"
            | "x-goog-user-project"
            | "cookie"
            | "cookie2"
    )
}

/// What tells where a call comes from.
fn is_forwarding(name: &str) -> bool {
    name.starts_with("x-forwarded-")
        || matches!(
            name,
            "forwarded"
                | "via"
                | "x-real-ip"
                | "x-client-ip"
                | "x-cluster-client-ip"
                | "true-client-ip"
                | "cf-connecting-ip"
                | "fastly-client-ip"
                | "x-original-forwarded-for"
        )
}

/// What the gateway sets itself, or what would have it answer in a form that it cannot read beside the stream.
fn is_ours_to_set(name: &str) -> bool {
    name.starts_with("x-latchkey-") || matches!(name, "host" | "content-length" | "accept-encoding" | "expect")
}

/// A caller's choice among accounts, which must not choose among the operator's.
fn chooses_account(name: &str) -> bool {
    matches!(name, "openai-organization" | "openai-project")
}

/// The headers of a call on its way to a provider.
pub(super) fn to_provider(caller: &HeaderMap, with_platform_key: bool) -> HeaderMap {
    let named = connection_names(caller);
    let mut headers = HeaderMap::with_capacity(caller.len() + 2);
    for (name, value) in caller {
        let text = name.as_str();
        let stays = is_hop_by_hop(text)
            || is_credential(text)
            || is_forwarding(text)
            || is_ours_to_set(text)
            || named.contains(name)
            || (with_platform_key && chooses_account(text));
        if !stays {
            headers.append(name, value.clone());
        }
    }
    headers
}

/// What a provider says of an account.
fn identifies_account(name: &str) -> bool {
    name.starts_with("x-ratelimit-")
        || name.starts_with("anthropic-ratelimit-")
        || name.starts_with("anthropic-organization")
        || name.starts_with("anthropic-workspace")
        || name.starts_with("openai-organization")
        || name.starts_with("openai-project")
        || matches!(name, "x-ms-region" | "x-groq-region" | "x-goog-user-project")
}

/// Never passed back: what is between neighbours, what would set state or rules for Latchkey's own address, and
/// what only Latchkey may say.
fn is_not_the_providers_to_say(name: &str) -> bool {
    name.starts_with("x-latchkey-")
        || name.starts_with("access-control-")
        || matches!(
            name,
            "set-cookie"
                | "set-cookie2"
                | "alt-svc"
                | "strict-transport-security"
                | "content-security-policy"
                | "x-content-type-options"
                | "clear-site-data"
                | "service-worker-allowed"
                | "refresh"
                | "location"
                | "www-authenticate"
        )
}

/// The headers of an answer on its way to the caller; a value that holds `secret` does not pass. Nearly all do, so the
/// few others are taken out.
pub(super) fn to_caller(mut provider: HeaderMap, from_platform_key: bool, secret: &str) -> HeaderMap {
    let named = connection_names(&provider);
    let stays = |(name, value): &(&HeaderName, &HeaderValue)| {
        let text = name.as_str();
        is_hop_by_hop(text)
            || is_not_the_providers_to_say(text)
            || named.contains(name)
            || (from_platform_key && identifies_account(text))
            || holds(value, secret)
    };
    let staying: Vec<HeaderName> = provider.iter().filter(stays).map(|(name, _)| name.clone()).collect();
    for name in staying {
        provider.remove(name);
    }
    provider
}

/// Headers that a `Connection` header names are between neighbours, too. Nearly always there are none.
fn connection_names(headers: &HeaderMap) -> Vec<HeaderName> {
    let values = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let names = values.flat_map(|value| value.split(',')).map(str::trim);
    names
        .filter(|name| !name.eq_ignore_ascii_case("keep-alive") && !name.eq_ignore_ascii_case("close"))
        .filter_map(|name| name.parse().ok())
        .collect()
}

fn holds(value: &HeaderValue, secret: &str) -> bool {
    value.len() >= secret.len() && memchr::memmem::find(value.as_bytes(), secret.as_bytes()).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(*name, HeaderValue::from_static(value));
        }
        map
    }

    fn names(headers: &HeaderMap) -> Vec<&str> {
        let mut names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn providers_own_headers_pass_and_nothing_of_the_caller_does() {
        let caller = map(&[
            ("anthropic-version", "2023-06-01"),
            ("anthropic-beta", "a"),
            ("x-stainless-lang", "python"),
            ("openai-organization", "org-of-the-customer"),
            ("authorization", "Bearer lk_x"),
            ("x-api-key", "lk_x"),
            ("x-goog-api-key", "lk_x"),
            ("api-key", "lk_x"),
            ("cookie", "a=b"),
            ("forwarded", "for=192.0.2.1"),
            ("x-forwarded-for", "192.0.2.1"),
            ("x-latchkey-session", "s"),
            ("connection", "keep-alive, x-secret-hop"),
            ("x-secret-hop", "1"),
            ("te", "trailers"),
            ("accept-encoding", "gzip"),
        ]);
        let own = to_provider(&caller, false);
        let passes = [
            "anthropic-beta",
            "anthropic-version",
            "openai-organization",
            "x-stainless-lang",
        ];
        assert_eq!(names(&own), passes);
        assert!(!to_provider(&caller, true).contains_key("openai-organization"));
    }

    #[test]
    fn an_answer_tells_nothing_of_the_operators_account() {
        let secret = "sk-fake-000000000000000000000000";
        let provider = map(&[
            ("content-type", "application/json"),
            ("x-request-id", "req_1"),
            ("openai-organization", "operator"),
            ("x-ratelimit-remaining-requests", "99"),
            ("set-cookie", "a=b"),
            ("x-debug", "key=sk-fake-000000000000000000000000"),
            ("transfer-encoding", "chunked"),
            ("x-latchkey-key-source", "byok"),
        ]);
        assert_eq!(
            names(&to_caller(provider.clone(), true, secret)),
            ["content-type", "x-request-id"]
        );
        let own = to_caller(provider, false, secret);
        assert!(own.contains_key("openai-organization") && own.contains_key("x-ratelimit-remaining-requests"));
        assert!(!own.contains_key("x-debug") && !own.contains_key("set-cookie"));
    }
}
