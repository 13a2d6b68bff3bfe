//! Logs: one JSON object a line, on stderr.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::time::UtcTime;

/// Modules of libraries that quote whole URLs, in which a caller may have put a key by mistake. They
/// are silent at every level.
const QUOTE_URLS: &[&str] = &["tower_http::csrf=warn"];

/// The filter that `directives` ask for (as in `RUST_LOG`), without what quotes URLs.
#[must_use]
pub fn filter(directives: &str) -> EnvFilter {
    let silenced = QUOTE_URLS.iter().filter_map(|directive| directive.parse().ok());
    silenced.fold(EnvFilter::new(directives), EnvFilter::add_directive)
}

/// Logs to stderr from here on; `RUST_LOG` chooses what, `info` by default.
pub(super) fn to_stderr() {
    let filter =
        filter(&std::env::var("RUST_LOG").unwrap_or_else(|_| "info,sqlx=warn,graphile_worker=warn".to_owned()));
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_timer(UtcTime::rfc_3339())
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    std::panic::set_hook(Box::new(|panic| {
        // Where, not what: a panic's own words may quote what was being worked on.
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(alarm = "panic", place, "a part of the program panicked");
    }));
    // A second call, as in tests, keeps the first one's choice.
    let _already_set = subscriber.try_init();
}
