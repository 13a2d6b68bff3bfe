//! An invitation just made, whose link no mail carries: shown once.

use crate::components::{CopyButton, Icon, Notice, icon};
use crate::contract::CreatedInvitation;
use crate::forms::focus_on;
use leptos::html::H2;
use leptos::prelude::*;

/// What is said of an invitation besides its link.
pub(super) fn notice_of(invitation: &CreatedInvitation) -> Option<Notice> {
    let CreatedInvitation {
        email,
        link,
        replaces_another,
        ..
    } = invitation;
    let hint = replaces_another.then(|| "The link that they had before does not work any more.".to_owned());
    let message = match link {
        None => format!("Invitation sent to {email}."),
        Some(_) if hint.is_some() => format!("{email} is invited anew."),
        Some(_) => return None,
    };
    Some(Notice {
        hint,
        ..Notice::saying(message)
    })
}

/// The link to be given to the invited person.
#[component]
pub(super) fn Created(
    /// The invitation.
    invitation: CreatedInvitation,
    /// Emptied when the person has given the link on.
    shown: RwSignal<Option<CreatedInvitation>>,
) -> impl IntoView {
    let CreatedInvitation { email, role, link, .. } = invitation;
    let link = link.unwrap_or_default();
    let heading = NodeRef::<H2>::new();
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            let _ = heading.focus();
        }
    });
    // Without script the link loads the page anew, and the invitation's is gone from it.
    view! {
        <section class="card created" aria-labelledby="created-invitation">
            <h2 id="created-invitation" tabindex="-1" node_ref=heading>
                {icon(Icon::Members)}
                "Give this link to "
                <span class="break">{email}</span>
            </h2>
            <p>
                {format!(
                    "It lets them join as {role}, once, within 7 days. Latchkey sends no mail here and keeps only a hash of the link, so it cannot be shown again.",
                )}
            </p>
            <div class="copyable">
                <code data-invitation="">{link.clone()}</code>
                <CopyButton text=link what="link" />
            </div>
            <p>
                <a
                    class="button filled"
                    href="/members"
                    rel="external"
                    on:click=move |event| {
                        event.prevent_default();
                        shown.set(None);
                        focus_on("main");
                    }
                >
                    "I have it"
                </a>
            </p>
        </section>
    }
}
