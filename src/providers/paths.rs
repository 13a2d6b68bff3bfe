//! Which of a provider's paths are open by default, and which paths are not to be trusted at all.

use super::Provider;
use super::surface::{InferencePath, Operation};
use reqwest::Method;

/// What a call of a native path does; `None` when the path is not open by default.
///
/// `path` is from the origin on, without its query, as the client sent it. One that is not
/// [plain](is_plain_path) matches nothing. Allocates nothing.
#[must_use]
pub fn find_operation(provider: &dyn Provider, method: &Method, path: &str) -> Option<&'static Operation> {
    if !is_plain_path(path) {
        return None;
    }
    let open = |entry: &&InferencePath| entry.method == *method && matches(entry.pattern, path);
    provider
        .inference_paths()
        .iter()
        .find(open)
        .map(|entry| &entry.operation)
}

/// Whether a path means the same to everybody who reads it: it begins with one `/` and has no `//`, no `.`
/// segment, no `..`, no backslash, no query or fragment, no control character, and none of `/`, `.`, `\` and
/// `%` encoded. Others could lead past the list of open paths once a server behind has put them right.
#[must_use]
pub fn is_plain_path(path: &str) -> bool {
    let bytes = path.as_bytes();
    let is_ambiguous = |at: usize| may_be_ambiguous(bytes[at]) && begins_ambiguously(&bytes[at..]);
    bytes.first() == Some(&b'/') && !(0..bytes.len()).any(is_ambiguous)
}

/// Whether [`begins_ambiguously`] has to look closer; most of a path is letters.
const fn may_be_ambiguous(byte: u8) -> bool {
    matches!(byte, b'.' | b'/' | b'%' | b'\\' | b'?' | b'#' | 0..=0x1f | 0x7f)
}

fn begins_ambiguously(rest: &[u8]) -> bool {
    match rest {
        [b'\\' | b'?' | b'#' | 0..=0x1f | 0x7f, ..]
        | [b'.', b'.', ..]
        | [b'/', b'/', ..]
        | [b'/', b'.', b'/', ..]
        | [b'/', b'.'] => true,
        [b'%', tens, ones, ..] => matches!(
            (tens, ones.to_ascii_lowercase()),
            (b'2', b'5' | b'e' | b'f') | (b'5', b'c')
        ),
        _ => false,
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    if pattern == path {
        return true;
    }
    let mut given = path.split('/');
    let each = pattern
        .split('/')
        .all(|wanted| given.next().is_some_and(|given| segment_matches(wanted, given)));
    each && given.next().is_none()
}

fn segment_matches(wanted: &str, given: &str) -> bool {
    match wanted.split_once('*') {
        None => wanted == given,
        Some((before, behind)) => {
            given.len() > before.len() + behind.len() && given.starts_with(before) && given.ends_with(behind)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::find;
    use super::*;
    use proptest::prelude::*;
    use url::Url;

    fn name(slug: &str, method: &Method, path: &str) -> Option<&'static str> {
        find_operation(find(slug).unwrap(), method, path).map(|operation| operation.name)
    }

    #[test]
    fn a_star_stands_for_one_run_inside_a_segment() {
        for (pattern, path, expected) in [
            ("/v1/models", "/v1/models", true),
            ("/v1/models", "/v1/models/", false),
            ("/v1/models", "/v1", false),
            ("/v1/models", "/v1/Models", false),
            ("/v1/models/*", "/v1/models/gpt-4o", true),
            ("/v1/models/*", "/v1/models/", false),
            ("/v1/models/*", "/v1/models", false),
            ("/v1/models/*", "/v1/models/a/b", false),
            ("/m/*:generate", "/m/x:generate", true),
            ("/m/*:generate", "/m/:generate", false),
            ("/m/*:generate", "/m/x:generated", false),
            ("/m/*:generate", "/m/x/y:generate", false),
            ("/d/*/chat", "/d/eu/chat", true),
            ("/d/*/chat", "/d//chat", false),
        ] {
            assert_eq!(matches(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn the_method_counts() {
        assert_eq!(name("openai", &Method::POST, "/v1/chat/completions"), Some("chat"));
        assert_eq!(name("openai", &Method::GET, "/v1/chat/completions"), None);
        assert_eq!(name("openai", &Method::GET, "/v1/models/gpt-4o"), Some("models"));
        assert_eq!(name("openai", &Method::DELETE, "/v1/models/gpt-4o"), None);
        assert_eq!(name("openai", &Method::GET, "/v1/files"), None);
    }

    #[test]
    fn a_path_of_two_meanings_opens_nothing() {
        for path in [
            "",
            "v1/models",
            "//v1/models",
            "/v1//models",
            "/v1/./models",
            "/v1/models/.",
            "/v1/models/..",
            "/v1/files/../models",
            "/v1/models/..%2ffiles",
            "/v1/models/a%2Ffiles",
            "/v1/models/a%2ffiles",
            "/v1/models/%2e%2e",
            "/v1/models/%2E",
            "/v1/models/%252e",
            "/v1/models/a%5cfiles",
            "/v1/models/a\\files",
            "/v1/models/a?b",
            "/v1/models/a#b",
            "/v1/models/a\n",
        ] {
            assert!(!is_plain_path(path), "{path}");
            assert_eq!(name("openai", &Method::GET, path), None, "{path}");
        }
        for path in [
            "/",
            "/v1/models/gpt-4.1",
            "/v1/models/ft:gpt-4o:acme::x",
            "/v1/a%20b",
            "/v1/.x",
        ] {
            assert!(is_plain_path(path), "{path}");
        }
    }

    proptest! {
        /// Whoever puts a path right before reading it finds nothing to do in a plain one.
        #[test]
        fn a_url_parser_leaves_a_plain_path_as_it_is(path in r"/[ab./\\%25cefEF:]{0,16}") {
            if is_plain_path(&path) {
                let url = Url::parse(&format!("https://example.com{path}")).unwrap();
                prop_assert_eq!(url.path(), path);
            }
        }
    }
}
