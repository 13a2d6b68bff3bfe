//! What of the notifications was seen: looking at them is seeing them, and without script a button says so.

use crate::api::{self, ReadNotifications};
use crate::components::{ButtonKind, Message, NOTICES, Notice, SubmitButton};
use crate::contract::{Flash, NotificationsView, UnreadView};
use crate::forms::{at_form, focus_on, on_answer, pending, refusal};
use crate::loaded::Answer;
use crate::pages::bell::Bell;
use crate::poll::{UNATTENDED, poll};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeSet;
use std::time::Duration;

/// How often a page that is looked at asks for newer notifications.
const ASK_EVERY: Duration = Duration::from_secs(4);

/// The notifications that were new when they came onto this page. They stay marked until it is left, although the
/// server knows that they were seen.
#[derive(Clone, Copy)]
pub(super) struct Marks(RwSignal<BTreeSet<String>>);

impl Marks {
    /// Marks what is new, tells the server that it was seen, and, where the page is the first one, asks for what comes.
    pub(super) fn of(shown: RwSignal<NotificationsView>, page: Answer<NotificationsView>, is_first: bool) -> Self {
        let marks = Self(RwSignal::new(new_ones(&shown.get_untracked())));
        let bell = use_context::<Bell>();
        Effect::new(move |_| {
            let new = shown.with(new_ones);
            marks.0.update(|marks| marks.extend(new));
            see(shown, bell);
        });
        poll(ASK_EVERY, move |looked_at| {
            see(shown, bell);
            if is_first && looked_at <= UNATTENDED {
                page.refetch();
            }
            None
        });
        marks
    }

    /// Whether the notification with this id is marked.
    pub(super) fn has(self, id: String) -> Memo<bool> {
        Memo::new(move |_| self.0.with(|marks| marks.contains(&id)))
    }
}

fn new_ones(view: &NotificationsView) -> BTreeSet<String> {
    let new = view.notifications.iter().filter(|one| one.is_new);
    new.map(|one| one.id.clone()).collect()
}

/// Tells the server that what stands here was seen, if somebody sees it and the server does not know.
fn see(shown: RwSignal<NotificationsView>, bell: Option<Bell>) {
    let Some((new, read_to)) = shown.try_with_untracked(|shown| (new_ones(shown), shown.read_to.clone())) else {
        return;
    };
    if new.is_empty() || document().hidden() {
        return;
    }
    spawn_local(async move {
        let Ok(UnreadView { unread }) = api::read_notifications(read_to).await else {
            return; // It is told again with the next look.
        };
        shown.try_update(|shown| {
            shown.unread = unread;
            let seen = shown.notifications.iter_mut().filter(|one| new.contains(&one.id));
            seen.for_each(|one| one.is_new = false);
        });
        if let Some(bell) = bell {
            bell.ask();
        }
    });
}

/// Marks everything as read, while anything is marked as new.
pub(super) fn read_form(
    shown: RwSignal<NotificationsView>,
    marks: Marks,
    notice: RwSignal<Option<Notice>>,
    flash: Option<&Flash>,
) -> AnyView {
    let Marks(marked) = marks;
    let action = ServerAction::<ReadNotifications>::new();
    let earlier = flash.and_then(|flash| flash.refused_by("read_notifications"));
    let refusal = refusal(action, earlier.cloned());
    let bell = use_context::<Bell>();
    on_answer(action, move |answer| {
        if let Ok(UnreadView { unread }) = answer {
            shown.update(|shown| shown.unread = unread);
            marked.set(BTreeSet::new());
            notice.set(Some(Notice::saying("All notifications are marked as read.")));
            focus_on(NOTICES);
            if let Some(bell) = bell {
                bell.ask();
            }
        }
    });
    let has_new = Memo::new(move |_| marked.with(|marked| !marked.is_empty()) || shown.with(|shown| shown.unread > 0));
    let form = move || {
        has_new.get().then(|| {
            view! {
                <ActionForm action>
                    <input
                        type="hidden"
                        name="read_to"
                        value=move || shown.with(|shown| shown.read_to.clone())
                    />
                    <SubmitButton
                        label="Mark all as read".to_owned()
                        pending=pending(action)
                        kind=ButtonKind::Outlined
                    />
                </ActionForm>
            }
        })
    };
    view! {
        {form}
        <Message text=at_form(refusal, &[]) />
    }
    .into_any()
}
