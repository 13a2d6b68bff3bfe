//! The code that follows the password.

use crate::components::{ButtonKind, CodeField, Message, SubmitButton};
use crate::contract::Flash;
use crate::forms::{at_field, at_form};
use leptos::prelude::*;

// Not an `ActionForm`: a session begins with a full load.
pub(super) fn code_form(flash: Option<&Flash>) -> AnyView {
    let refusal = RwSignal::new(flash.and_then(|flash| flash.refused_by("second_step")).cloned());
    view! {
        <form method="post" action="/_fn/second_step" class="panel">
            <h1>"Enter your code"</h1>
            <p class="lead">"Your password was right. Now show that you have your authenticator."</p>
            <Message text=at_form(refusal, &["code"]) />
            <CodeField id="code" error=at_field(refusal, "code") />
            <SubmitButton label="Sign in".to_owned() kind=ButtonKind::Filled />
        </form>
        <form method="post" action="/_fn/sign_out">
            <SubmitButton label="Start again".to_owned() kind=ButtonKind::Quiet />
        </form>
    }
    .into_any()
}
