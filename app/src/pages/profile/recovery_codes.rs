//! Recovery codes just made, shown once.

use crate::components::{CopyButton, Icon, icon};
use crate::contract::RecoveryCodes;
use crate::forms::focus_on;
use leptos::html::H2;
use leptos::prelude::*;

/// Recovery codes just made: to be copied or downloaded, and put away.
#[component]
pub(super) fn Codes(
    /// The codes.
    made: RecoveryCodes,
    /// Emptied when the person has saved them.
    shown: RwSignal<Option<RecoveryCodes>>,
) -> impl IntoView {
    let heading = NodeRef::<H2>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            let _ = heading.focus();
        }
    });
    let text = made.codes.join("\n");
    let items = made.codes.into_iter();
    let items = items.map(|code| view! { <li><code>{code}</code></li> }).collect_view();
    // Without script the link loads the page anew, and the codes are gone from it.
    view! {
        <section class="card created" aria-labelledby="recovery-codes">
            <h2 id="recovery-codes" tabindex="-1" node_ref=heading>
                {icon(Icon::Key)}
                "Save these recovery codes now"
            </h2>
            <p>
                "Each signs you in once when you do not have your authenticator. Latchkey keeps only hashes of them, so they cannot be shown again. Keep them apart from your password."
            </p>
            <ul class="recovery-codes">{items}</ul>
            <p class="row">
                <CopyButton text=text.clone() what="codes" />
                <a class="button outlined" href=download(&text) download="latchkey-recovery-codes.txt" rel="external">
                    "Download"
                </a>
            </p>
            <p>
                <a
                    class="button filled"
                    href="/profile/second-step"
                    rel="external"
                    on:click=move |event| {
                        event.prevent_default();
                        shown.set(None);
                        focus_on("main");
                    }
                >
                    "I saved them"
                </a>
            </p>
        </section>
    }
}

/// The codes as a file that the link itself carries. They are letters, digits and hyphens.
fn download(codes: &str) -> String {
    let lines = codes.replace('\n', "%0A");
    format!("data:text/plain;charset=utf-8,Latchkey%20recovery%20codes%0A%0A{lines}%0A")
}

#[cfg(test)]
mod tests {
    use super::download;

    #[test]
    fn the_file_has_a_code_on_each_line() {
        let link = download("abcde-12345\n67890-fghjk");
        assert!(link.ends_with("codes%0A%0Aabcde-12345%0A67890-fghjk%0A"), "{link}");
        assert!(!link.contains(['\n', ' ']));
    }
}
