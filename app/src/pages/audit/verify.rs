//! The button that has the whole chain read, and what that came to.

use crate::api::VerifyAudit;
use crate::components::{ButtonKind, Icon, Message, SubmitButton, icon};
use crate::contract::{AuditVerifiedView, Flash};
use crate::forms::{at_form, on_answer, pending, refusal};
use leptos::prelude::*;

const FUNCTION: &str = "verify_audit";

/// Has the chain read, and says what that came to.
pub(super) fn verify_form(flash: Option<&Flash>) -> AnyView {
    let action = ServerAction::<VerifyAudit>::new();
    let refused = refusal(action, flash.and_then(|flash| flash.refused_by(FUNCTION)).cloned());
    let verified = RwSignal::new(flash.and_then(|flash| flash.done::<AuditVerifiedView>(FUNCTION)));
    on_answer(action, move |answer| verified.set(answer.ok()));
    let intact = move || {
        verified.get().filter(|verified| verified.is_intact).map(|verified| {
            view! { <p class="verified">{icon(Icon::Check)} <span>{verified.message}</span></p> }
        })
    };
    let broken = Signal::derive(move || {
        let found = verified.get().filter(|verified| !verified.is_intact);
        found
            .map(|verified| verified.message)
            .or_else(|| at_form(refused, &[]).get())
    });
    view! {
        <section class="card verify" aria-label="Verify">
            <ActionForm action>
                <p>"Verify that all events stand as they were written, from the first to the last."</p>
                <SubmitButton label="Verify".to_owned() pending=pending(action) kind=ButtonKind::Outlined />
            </ActionForm>
            <div role="status">{intact}</div>
            <Message text=broken />
        </section>
    }
    .into_any()
}
