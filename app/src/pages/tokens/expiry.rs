//! How long a new token lives.

use crate::components::{FieldMessage, select_field};
use crate::contract::{Flash, TokensView, UiError};
use crate::forms::at_field;
use leptos::prelude::*;

/// What the form starts with, in days.
const USUAL: &str = "90";

/// A choice among lives, and a day of one's own, which is shown when that is chosen.
pub(super) fn expiry_choice(view: &TokensView, flash: Option<&Flash>, refusal: RwSignal<Option<UiError>>) -> AnyView {
    let typed = |field| flash.and_then(|flash| flash.field(field)).map(ToOwned::to_owned);
    let chosen = typed("expires_days").unwrap_or_else(|| USUAL.to_owned());
    let day = typed("expires_on").unwrap_or_default();
    let choice = select_field(
        "Stops working after".to_owned(),
        "expires_days".to_owned(),
        "token-expiry".to_owned(),
        &chosen,
        view.expiries.clone(),
    );
    let error = at_field(refusal, "expires_on");
    view! {
        <div class="expiry">
            {choice} <div class="field own-day">
                <label for="token-end">"Stops working on"</label>
                <input
                    type="date"
                    id="token-end"
                    name="expires_on"
                    value=day
                    min=view.earliest_end.clone()
                    max=view.latest_end.clone()
                    aria-describedby="token-end-hint token-end-message"
                    aria-invalid=move || error.with(Option::is_some).then_some("true")
                />
                <p class="hint" id="token-end-hint">
                    "By UTC, at the time of day at which it is created."
                </p>
                <FieldMessage id="token-end-message" text=error />
            </div>
        </div>
    }
    .into_any()
}
