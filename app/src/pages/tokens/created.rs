//! A token just made, shown once.

use crate::components::{CopyButton, Icon, icon};
use crate::contract::CreatedToken;
use crate::forms::focus_on;
use leptos::html::H2;
use leptos::prelude::*;

/// A token just made: to be copied, tried and put away.
#[component]
pub(super) fn Created(
    /// The token.
    token: CreatedToken,
    /// The project's slug.
    project: String,
    /// Emptied when the person has saved it.
    shown: RwSignal<Option<CreatedToken>>,
) -> impl IntoView {
    let CreatedToken { name, token, curl } = token;
    let heading = NodeRef::<H2>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            let _ = heading.focus();
        }
    });
    let title = if name.is_empty() {
        "Save this token now".to_owned()
    } else {
        format!("Save “{name}” now")
    };
    // Without script the link loads the page anew, and the token is gone from it.
    view! {
        <section class="card created" aria-labelledby="created-token">
            <h2 id="created-token" tabindex="-1" node_ref=heading>
                {icon(Icon::Key)}
                {title}
            </h2>
            <p>"Latchkey keeps only a hash of it, so it cannot be shown again."</p>
            <div class="copyable">
                <code data-token="">{token.clone()}</code>
                <CopyButton text=token what="token" />
            </div>
            <h3>"Try it"</h3>
            <div class="copyable">
                <pre tabindex="0">
                    <code>{curl.clone()}</code>
                </pre>
                <CopyButton text=curl what="command" />
            </div>
            <p>
                <a
                    class="button filled"
                    href=format!("/projects/{project}/tokens")
                    rel="external"
                    on:click=move |event| {
                        event.prevent_default();
                        shown.set(None);
                        focus_on("main");
                    }
                >
                    "I saved it"
                </a>
            </p>
        </section>
    }
}
