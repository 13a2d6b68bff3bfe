//! Where a caller's token stands: wherever its SDK puts a provider's key.

use http::HeaderMap;
use http::header::AUTHORIZATION;
use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// Where SDKs put a key that is no bearer token.
const KEY_HEADERS: [&str; 3] = ["x-api-key", "x-goog-api-key", "api-key"];
/// Google's parameter, and the one its OAuth takes.
const KEY_PARAMETERS: [&str; 2] = ["key", "access_token"];
/// SDKs want some key; one that is none of ours may be a placeholder beside ours.
const OURS: &str = "lk_";

/// The token of a call: the first credential that looks like one of Latchkey's.
pub(super) fn token<'request>(
    headers: &'request HeaderMap,
    query: Option<&'request str>,
) -> Option<Cow<'request, str>> {
    let bearer = headers.get_all(AUTHORIZATION).iter().filter_map(|value| {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let named = KEY_HEADERS.iter().flat_map(|name| headers.get_all(*name));
    let keys = named.filter_map(|value| Some(value.to_str().ok()?.trim()));
    let in_headers = bearer.chain(keys).find(|token| token.starts_with(OURS));
    in_headers.map(Cow::Borrowed).or_else(|| in_query(query?))
}

fn in_query(query: &str) -> Option<Cow<'_, str>> {
    parameters(query)
        .filter(|parameter| carries_key(parameter))
        .filter_map(|parameter| percent_decode_str(parameter.split_once('=')?.1).decode_utf8().ok())
        .find(|value| value.starts_with(OURS))
}

/// A path and query without any parameter that carries a credential.
pub(super) fn without_key(path: &str, query: Option<&str>) -> String {
    let kept: Vec<&str> = query
        .map(|query| parameters(query).filter(|parameter| !carries_key(parameter)).collect())
        .unwrap_or_default();
    if kept.is_empty() {
        return path.to_owned();
    }
    format!("{path}?{}", kept.join("&"))
}

fn parameters(query: &str) -> impl Iterator<Item = &str> {
    query.split('&').filter(|parameter| !parameter.is_empty())
}

/// Whether a parameter's name, however it is written, is one that carries a credential.
fn carries_key(parameter: &str) -> bool {
    let name = parameter.split('=').next().unwrap_or_default();
    let name = percent_decode_str(name).decode_utf8_lossy();
    KEY_PARAMETERS
        .iter()
        .any(|known| name.trim().eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)))
            .collect()
    }

    #[test]
    fn a_token_is_found_wherever_an_sdk_puts_a_key() {
        for pair in [
            ("authorization", "Bearer lk_api_x"),
            ("authorization", "bearer  lk_api_x"),
            ("x-api-key", "lk_api_x"),
            ("x-goog-api-key", "lk_api_x"),
            ("api-key", "lk_api_x"),
        ] {
            assert_eq!(token(&headers(&[pair]), None).as_deref(), Some("lk_api_x"), "{pair:?}");
        }
        for query in ["key=lk_api_x", "alt=sse&key=lk%5Fapi_x", "%6bey=lk_api_x"] {
            assert_eq!(
                token(&HeaderMap::new(), Some(query)).as_deref(),
                Some("lk_api_x"),
                "{query}"
            );
        }
    }

    #[test]
    fn a_placeholder_beside_it_does_not_hide_it() {
        let both = headers(&[("authorization", "Bearer not-used"), ("x-api-key", "lk_api_x")]);
        assert_eq!(token(&both, None).as_deref(), Some("lk_api_x"));
        assert_eq!(token(&headers(&[("authorization", "Basic lk_api_x")]), None), None);
    }

    #[test]
    fn no_spelling_of_the_key_parameter_passes() {
        let path = "/v1beta/models";
        assert_eq!(without_key(path, None), path);
        assert_eq!(without_key(path, Some("key=a")), path);
        assert_eq!(
            without_key(path, Some("alt=sse&KEY=a&k%65y=b&&x=1")),
            format!("{path}?alt=sse&x=1")
        );
        assert_eq!(
            without_key(path, Some("access_token=a&keyword=b")),
            format!("{path}?keyword=b")
        );
    }
}
