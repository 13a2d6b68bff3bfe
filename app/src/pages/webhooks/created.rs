//! A webhook's secret, shown once.

use crate::components::{CopyButton, Icon, When, icon};
use crate::contract::WebhookSecret;
use crate::forms::focus_on;
use leptos::html::H2;
use leptos::prelude::*;

/// The secret just made, while there is one: to be copied and put away. `page` is where it stands.
pub(super) fn created(made: RwSignal<Option<WebhookSecret>>, page: &str) -> AnyView {
    let page = page.to_owned();
    let shown = move || {
        let page = page.clone();
        made.get().map(|secret| view! { <Created secret page made /> })
    };
    view! { {shown} }.into_any()
}

#[component]
fn Created(secret: WebhookSecret, page: String, made: RwSignal<Option<WebhookSecret>>) -> impl IntoView {
    let WebhookSecret {
        id,
        url,
        secret,
        old_secret_until,
    } = secret;
    let heading = NodeRef::<H2>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            let _ = heading.focus();
        }
    });
    let overlap = old_secret_until.map(|until| {
        view! {
            <p>
                "Until the old secret ends, " <When moment=until />
                ", each message carries a signature with both. Put the new one in its place before then."
            </p>
        }
    });
    let own = format!("/webhooks/{id}");
    let next = (own != page).then(|| {
        view! {
            <a class="button outlined" href=own>
                "Open the webhook"
            </a>
        }
    });
    // Without script the link loads the page anew, and the secret is gone from it.
    view! {
        <section class="card created" aria-labelledby="created-secret">
            <h2 id="created-secret" tabindex="-1" node_ref=heading>
                {icon(Icon::Key)}
                "Save this signing secret now"
            </h2>
            <p class="break">
                {format!(
                    "Give it to whatever answers at {url}: it tells messages of Latchkey from others by it. It is not shown again.",
                )}
            </p>
            {overlap}
            <div class="copyable">
                <code data-secret="">{secret.clone()}</code>
                <CopyButton text=secret what="secret" />
            </div>
            <p class="row">
                <a
                    class="button filled"
                    href=page
                    rel="external"
                    on:click=move |event| {
                        event.prevent_default();
                        made.set(None);
                        focus_on("main");
                    }
                >
                    "I saved it"
                </a>
                {next}
            </p>
        </section>
    }
}
