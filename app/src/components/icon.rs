//! Line icons, drawn on a grid of 24 units with a stroke of the text's colour.

use leptos::prelude::*;

/// An icon's shape.
#[derive(Clone, Copy)]
pub(crate) enum Icon {
    /// Latchkey's own mark: a key in a keyhole's ring.
    Latchkey,
    Overview,
    Key,
    Lock,
    Bell,
    Webhook,
    Activity,
    Token,
    Settings,
    Projects,
    Members,
    Audit,
    Organization,
    Check,
    Warning,
    Cross,
    Pause,
    Question,
    Info,
    Clock,
    Chevron,
    Eye,
    Copy,
    Plus,
    External,
    Sun,
    Moon,
    Screen,
}

impl Icon {
    const fn shape(self) -> &'static str {
        match self {
            Icon::Latchkey => {
                r#"<circle cx="8.5" cy="12" r="5"/><circle cx="8.5" cy="12" r="1.2"/><path d="M13.5 12H22m-3 0v4m-3.5-4v2.5"/>"#
            }
            Icon::Key => r#"<circle cx="8" cy="15.5" r="4.5"/><path d="M11.2 12.3 20 3.5M16.5 7l3 3"/>"#,
            Icon::Lock => {
                r#"<rect x="5" y="10.5" width="14" height="10" rx="2"/><path d="M8.5 10.500V7.500a3.500 3.500 0 0 1 7 0v3"/>"#
            }
            Icon::Overview => r#"<path d="M3.5 11 12 4l8.5 7M6 9.2V20h12V9.2M10 20v-6h4v6"/>"#,
            Icon::Bell => r#"<path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2H4.5l1.5-2ZM10 21.5h4"/>"#,
            Icon::Webhook => {
                r#"<circle cx="12" cy="6.5" r="3"/><circle cx="5.5" cy="17" r="3"/><circle cx="18.5" cy="17" r="3"/><path d="m10.4 9-3.3 5.5M13.6 9l3.3 5.5M8.5 17h7"/>"#
            }
            Icon::Activity => r#"<path d="M3 12h4l3-7.5 4 15 3-7.5h4"/>"#,
            Icon::Token => {
                r#"<rect x="3" y="6" width="18" height="12" rx="2.5"/><path d="M7 10.5v3m3.5-3v3M14 12h3.5"/>"#
            }
            Icon::Settings => {
                r#"<path d="M4 7h9m5 0h2M4 17h2m5 0h9"/><circle cx="15.5" cy="7" r="2.5"/><circle cx="8.5" cy="17" r="2.5"/>"#
            }
            Icon::Projects => {
                r#"<rect x="3.5" y="3.5" width="7" height="7" rx="1.5"/><rect x="13.5" y="3.5" width="7" height="7" rx="1.5"/><rect x="3.5" y="13.5" width="7" height="7" rx="1.5"/><rect x="13.5" y="13.5" width="7" height="7" rx="1.5"/>"#
            }
            Icon::Members => {
                r#"<circle cx="9" cy="8.5" r="3.5"/><path d="M2.5 20c.4-4 2.8-6 6.5-6s6.1 2 6.5 6M15.5 5.3a3.5 3.5 0 0 1 0 6.4M18 14.6c2 .8 3.2 2.6 3.5 5.4"/>"#
            }
            Icon::Audit => {
                r#"<path d="M9 4.5H6.5A1.5 1.5 0 0 0 5 6v13.5A1.5 1.5 0 0 0 6.5 21h11a1.5 1.5 0 0 0 1.5-1.5V6a1.5 1.5 0 0 0-1.5-1.5H15"/><rect x="9" y="3" width="6" height="3.5" rx="1"/><path d="m8.5 14 2.3 2.3 4.700-4.8"/>"#
            }
            Icon::Organization => {
                r#"<path d="M4 21V5.5L13 3v18M13 9l7 2v10M2.5 21h19M7.5 9h2m-2 4h2m-2 4h2m6.5-3h1m-1 3.500h1"/>"#
            }
            Icon::Check => r#"<path d="m5 12.5 4.5 4.5L19 7.5"/>"#,
            Icon::Warning => r#"<path d="M12 4 2.8 20h18.4L12 4Zm0 6v4.5m0 2.6v.1"/>"#,
            Icon::Cross => r#"<path d="m6 6 12 12M18 6 6 18"/>"#,
            Icon::Pause => r#"<circle cx="12" cy="12" r="9"/><path d="M10 9v6m4-6v6"/>"#,
            Icon::Question => {
                r#"<circle cx="12" cy="12" r="9"/><path d="M9.7 9.3a2.4 2.4 0 1 1 3.4 2.4c-.8.4-1.1.9-1.1 1.7m0 2.8v.1"/>"#
            }
            Icon::Info => r#"<circle cx="12" cy="12" r="9"/><path d="M12 11v5.5m0-9v.1"/>"#,
            Icon::Clock => r#"<circle cx="12" cy="12" r="9"/><path d="M12 7v5.2l3.3 2"/>"#,
            Icon::Chevron => r#"<path d="m7 9.5 5 5 5-5"/>"#,
            Icon::Eye => {
                r#"<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z"/><circle cx="12" cy="12" r="2.7"/>"#
            }
            Icon::Copy => {
                r#"<rect x="8.5" y="8.5" width="12" height="12" rx="2"/><path d="M15.5 5.5v-.3a1.7 1.7 0 0 0-1.7-1.7H5.2a1.7 1.7 0 0 0-1.7 1.7v8.6c0 .9.8 1.7 1.7 1.7h.3"/>"#
            }
            Icon::Plus => r#"<path d="M12 5v14M5 12h14"/>"#,
            Icon::External => r#"<path d="M10 5H5v14h14v-5M14 4h6v6m0-6-9 9"/>"#,
            Icon::Sun => {
                r#"<circle cx="12" cy="12" r="4"/><path d="M12 2.5v2m0 15v2M2.5 12h2m15 0h2M5.3 5.3l1.4 1.4m10.6 10.6 1.4 1.4m0-13.4-1.4 1.4M6.7 17.3l-1.4 1.4"/>"#
            }
            Icon::Moon => r#"<path d="M20 14.2A8.3 8.3 0 1 1 9.8 4a6.6 6.6 0 0 0 10.2 10.2Z"/>"#,
            Icon::Screen => r#"<rect x="3" y="4.5" width="18" height="12" rx="2"/><path d="M9 20h6m-3-3.5V20"/>"#,
        }
    }
}

/// An icon beside words; hidden from assistive technology, which has the words.
pub(crate) fn icon(icon: Icon) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" inner_html=icon.shape()></svg>
    }
    .into_any()
}
