//! What scanners of leaked secrets need to know.

use crate::components::{CopyButton, Icon, icon};
use leptos::prelude::*;

/// How a token is told from other text.
#[component]
pub(super) fn Scanners(
    /// The regular expression.
    pattern: String,
) -> impl IntoView {
    view! {
        <details class="ended">
            <summary class="button quiet">{icon(Icon::Chevron)} "For secret scanners"</summary>
            <div class="card form-card">
                <p>
                    "Every token begins with " <code>"lk_"</code>
                    " and ends with a checksum. Teach this regular expression to whatever looks for leaked secrets in your code and logs:"
                </p>
                <div class="copyable">
                    <code data-pattern="">{pattern.clone()}</code>
                    <CopyButton text=pattern what="regular expression" />
                </div>
                <p class="quiet">
                    "A hit is a token when its last eight characters are the CRC-32 (IEEE, in hexadecimal) of everything before the last "
                    <code>"_"</code> "; anything else only looks like one. Revoke a token that leaked."
                </p>
            </div>
        </details>
    }
}
