//! A token just made, shown once.

use crate::components::{CopyButton, Icon, When, icon};
use crate::contract::{CreatedToken, ReplacedTokenView};
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
    let CreatedToken {
        name,
        token,
        curl,
        replaces,
    } = token;
    let heading = NodeRef::<H2>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            let _ = heading.focus();
        }
    });
    let title = match (name.as_str(), &replaces) {
        ("", None) => "Save this token now".to_owned(),
        ("", Some(_)) => "Save the new token now".to_owned(),
        (name, None) => format!("Save “{name}” now"),
        (name, Some(_)) => format!("Save the new “{name}” now"),
    };
    // Without script the link loads the page anew, and the token is gone from it.
    view! {
        <section class="card created" aria-labelledby="created-token">
            <h2 id="created-token" tabindex="-1" node_ref=heading>
                {icon(Icon::Key)}
                {title}
            </h2>
            <p>"Latchkey keeps only a hash of it, so it cannot be shown again."</p>
            {replaces.map(of_the_old_one)}
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

fn of_the_old_one(ReplacedTokenView { prefix, until }: ReplacedTokenView) -> AnyView {
    let what = match until {
        Some(until) => {
            view! { " stops working " <When moment=until /> ". Put the new one in its place before then." }.into_any()
        }
        None => view! { " works no longer." }.into_any(),
    };
    view! {
        <p>
            "The old token, " <code>{prefix}</code> "," {what}
        </p>
    }
    .into_any()
}
