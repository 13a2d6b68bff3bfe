//! How many notifications the person has not seen, for the bell in the rail.

use crate::api;
use crate::contract::{ErrorCode, UnreadView};
use crate::loaded::Answer;
use crate::poll::keep_fresh;
use leptos::prelude::*;
use std::time::Duration;

/// How often a page that is looked at asks.
const ASK_EVERY: Duration = Duration::from_secs(4);

/// What the bell shows; pages ask it anew when somebody has seen something.
#[derive(Clone, Copy)]
pub(crate) struct Bell(Answer<UnreadView>);

impl Bell {
    /// Asks the server, again and again, and makes it known to every page below.
    pub(crate) fn provide(path: Memo<String>) -> Self {
        let bell = Self(Resource::new_blocking(|| (), |()| api::unread_notifications()));
        keep_fresh(path, ASK_EVERY, move || bell.ask());
        provide_context(bell);
        bell
    }

    /// Asks anew; not for those who may not know, or are not signed in any more.
    pub(crate) fn ask(self) {
        let Self(unread) = self;
        let refusal = unread.get_untracked().and_then(Result::err).map(|error| error.code);
        if !matches!(refusal, Some(ErrorCode::SignedOut | ErrorCode::Forbidden)) {
            unread.refetch();
        }
    }

    /// The number, once it is here, and as it changes.
    pub(crate) async fn unread(self) -> RwSignal<u32> {
        let Self(unread) = self;
        let first = unread.await.map(|answer| answer.unread);
        let shown = RwSignal::new(first.unwrap_or_default());
        Effect::new(move |_| {
            if let Some(Ok(UnreadView { unread: next })) = unread.get()
                && shown.get_untracked() != next
            {
                shown.set(next);
            }
        });
        shown
    }
}
