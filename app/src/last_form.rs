//! What the last form came to, where no script ran: told by the server once, to the page after it.

use crate::api::take_flash;
use crate::contract::{Flash, UiError};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The outcome of the form that led to this page.
#[derive(Clone, Copy)]
pub(crate) struct LastForm {
    outcome: Resource<Result<Option<Flash>, UiError>>,
    is_past: RwSignal<bool>,
}

impl LastForm {
    /// Asks the server, and makes the outcome known to every page below. Call once, inside the router.
    pub(crate) fn provide() {
        let last_form = Self {
            outcome: Resource::new_blocking(|| (), |()| take_flash()),
            is_past: RwSignal::new(false),
        };
        let path = use_location().pathname;
        Effect::new(move |first: Option<String>| {
            let now = path.get();
            let first = first.unwrap_or_else(|| now.clone());
            if first != now {
                last_form.is_past.set(true);
            }
            first
        });
        provide_context(last_form);
    }

    /// The outcome, unless the person has moved on to another page since.
    pub(crate) async fn outcome(self) -> Option<Flash> {
        if self.is_past.get_untracked() {
            return None;
        }
        self.outcome.await.ok().flatten()
    }
}
