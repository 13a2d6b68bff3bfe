//! The HTML document around the dashboard, and the headers that protect it. Server only.

use crate::App;
use http::header::{CONTENT_SECURITY_POLICY, COOKIE, HeaderValue};
use leptos::nonce::use_nonce;
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use leptos_meta::{HashedStylesheet, MetaTags};

/// What is hidden from those whose browser runs no script.
const WITHOUT_SCRIPT: &str = ".js-only{display:none!important}";

/// The document of every page: `options` say where the stylesheet and the script lie.
///
/// Sets the Content-Security-Policy of the response, with this response's nonce.
#[must_use]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    set_content_security_policy();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=chosen_theme()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <HashedStylesheet options=options.clone() />
                <noscript>
                    <style nonce=use_nonce()>{WITHOUT_SCRIPT}</style>
                </noscript>
                <HydrationScripts options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The theme that this person chose, if they did; else the system's is used.
fn chosen_theme() -> Option<&'static str> {
    let parts = use_context::<http::request::Parts>()?;
    let cookies = parts.headers.get_all(COOKIE);
    cookies
        .iter()
        .filter_map(|value| value.to_str().ok())
        .find_map(theme_in)
}

/// The theme in a `Cookie` header.
fn theme_in(cookies: &str) -> Option<&'static str> {
    let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
    let (_, theme) = pairs.find(|(name, _)| *name == "theme")?;
    match theme {
        "light" => Some("light"),
        "dark" => Some("dark"),
        _ => None,
    }
}

/// Nothing but our own files, and the scripts that carry this response's nonce, may run.
fn set_content_security_policy() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else {
        return;
    };
    let policy = format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; \
         style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; connect-src 'self'; \
         object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(CONTENT_SECURITY_POLICY, policy);
    }
}

#[cfg(test)]
mod tests {
    use super::theme_in;

    #[test]
    fn the_theme_is_read_from_among_other_cookies() {
        assert_eq!(theme_in("a=b; theme=dark; c=d"), Some("dark"));
        assert_eq!(theme_in("theme=light"), Some("light"));
    }

    #[test]
    fn an_unknown_theme_is_no_theme() {
        assert_eq!(theme_in("theme=\"><script>"), None);
        assert_eq!(theme_in("mytheme=dark"), None);
        assert_eq!(theme_in(""), None);
    }
}
