//! The panic switch: the strip over every page while calls are locked, and the switch itself.

use crate::api::{self, LockCalls};
use crate::components::{ButtonKind, Icon, LockStrip, Message, SubmitButton, TextField, icon, place_in, select_field};
use crate::contract::{Flash, LockView, LocksView, OptionView};
use crate::forms::{at_field, at_form, clear, focus_on, on_answer, pending, refusal};
use crate::last_form::LastForm;
use crate::loaded::Answer;
use crate::poll::keep_fresh;
use leptos::html::Form;
use leptos::prelude::*;
use std::time::Duration;

/// How often a page that is looked at asks whether calls are locked.
const ASK_EVERY: Duration = Duration::from_secs(20);
/// The strip's id.
const STRIP: &str = "locks";

/// What is locked; the switch asks it anew.
#[derive(Clone, Copy)]
pub(crate) struct Locks(Answer<LocksView>);

impl Locks {
    /// Asks the server, and makes it known to every page below.
    pub(crate) fn provide(path: Memo<String>) -> Self {
        let locks = Resource::new_blocking(|| (), |()| api::locks());
        let ask = move || {
            let answer: Option<Result<LocksView, _>> = locks.get_untracked();
            // Whoever may not see them, or is not signed in, is not asked again.
            if matches!(answer, Some(Ok(_))) {
                locks.refetch();
            }
        };
        keep_fresh(path, ASK_EVERY, ask);
        let locks = Self(locks);
        provide_context(locks);
        locks
    }
}

/// Above each page, while its project's calls are locked: what, since when, by whom and why.
#[component]
pub(crate) fn Strip(locks: Locks, path: Memo<String>) -> impl IntoView {
    let Locks(locks) = locks;
    let last_form = use_context::<LastForm>();
    let content = async move {
        let first = locks.await.ok()?;
        let flash = match last_form {
            Some(last_form) => last_form.outcome().await,
            None => None,
        };
        let shown = RwSignal::new(first);
        Effect::new(move |_| {
            if let Some(Ok(next)) = locks.get()
                && shown.with_untracked(|shown| *shown != next)
            {
                shown.set(next);
            }
        });
        Some(strip(shown, locks, path, flash))
    };
    let content = untrack(|| Suspend::new(content));
    view! { <Transition>{content}</Transition> }
}

fn strip(shown: RwSignal<LocksView>, locks: Answer<LocksView>, path: Memo<String>, flash: Option<Flash>) -> AnyView {
    let is_unlocked = RwSignal::new(
        flash
            .as_ref()
            .is_some_and(|flash| flash.done::<()>("unlock_calls").is_some()),
    );
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now) {
            is_unlocked.set(false);
        }
        now
    });
    let unlocked = Callback::new(move |()| {
        is_unlocked.set(true);
        locks.refetch();
        focus_on(STRIP);
    });
    let can_write = shown.with_untracked(|shown| shown.can_write);
    let each = move || {
        let project = place_in(&path.get()).0;
        let covers = |lock: &&LockView| lock.project.as_ref().is_none_or(|of| *of == project);
        shown.with(|shown| shown.locks.iter().filter(covers).cloned().collect::<Vec<_>>())
    };
    let has_any = Memo::new(move |_| !each().is_empty());
    let row = move |lock: LockView| {
        let refused = flash
            .as_ref()
            .and_then(|flash| flash.refused("unlock_calls", "lock_id", &lock.id));
        view! { <LockStrip lock can_write earlier=refused.cloned() unlocked /> }
    };
    let all = move || {
        let row = row.clone();
        has_any.get().then(|| {
            view! {
                <ul class="locks" aria-label="Locked calls">
                    <For each key=|lock| lock.id.clone() children=row />
                </ul>
            }
        })
    };
    let done = move || {
        is_unlocked
            .get()
            .then(|| view! { <p class="unlocked">{icon(Icon::Check)} "Unlocked. Calls pass again."</p> })
    };
    view! {
        <div id=STRIP class="lock-strip" tabindex="-1" role="status">
            {all}
            {done}
        </div>
    }
    .into_any()
}

/// The switch: one click locks a provider, or everything, of a project or, with none, of the organization. Stays away
/// from those who may not.
#[component]
pub(crate) fn PanicSwitch(
    /// The project's id or slug; `None` for every project.
    project: Option<String>,
    /// The form that led here, where no script ran.
    flash: Option<Flash>,
) -> impl IntoView {
    let locks = use_context::<Locks>().map(|Locks(locks)| locks);
    let content = async move {
        let locks = locks?;
        let first = locks.await.ok()?;
        first.can_write.then(|| switch(project, &first, locks, flash.as_ref()))
    };
    let content = untrack(|| Suspend::new(content));
    view! { <Transition>{content}</Transition> }
}

fn switch(project: Option<String>, first: &LocksView, locks: Answer<LocksView>, flash: Option<&Flash>) -> AnyView {
    let flash = flash.filter(|flash| flash.refused_by("lock_calls").is_some());
    let typed = |field| {
        flash
            .and_then(|flash| flash.field(field))
            .unwrap_or_default()
            .to_owned()
    };
    let action = ServerAction::<LockCalls>::new();
    let refusal = refusal(action, flash.and_then(|flash| flash.refused_by("lock_calls")).cloned());
    let form = NodeRef::<Form>::new();
    on_answer(action, move |answer| {
        locks.refetch();
        if answer.is_ok() {
            focus_on(STRIP);
            clear(form);
        }
    });
    let all = OptionView::new("", "Every provider");
    let options = std::iter::once(all).chain(first.providers.iter().cloned()).collect();
    let provider = select_field(
        "Calls to".to_owned(),
        "provider".to_owned(),
        "lock-provider".to_owned(),
        &typed("provider"),
        options,
    );
    let (organization, reason) = (first.organization_id.clone(), typed("reason"));
    let scope = if project.is_some() {
        "this project"
    } else {
        "every project"
    };
    view! {
        <section class="card form-card" aria-labelledby="panic-switch">
            <h2 id="panic-switch">"Panic switch"</h2>
            <p class="quiet">
                {format!(
                    "Stops calls of {scope} at once, with any key, the platform key too, until somebody unlocks them. Calls that are under way end as they began; no key is changed.",
                )}
            </p>
            <ActionForm action node_ref=form>
                <input type="hidden" name="organization_id" value=organization />
                <input type="hidden" name="project" value=project.unwrap_or_default() />
                {provider}
                <TextField
                    label="Reason"
                    name="reason"
                    id="lock-reason"
                    value=reason
                    hint="Shown on every page while calls are locked."
                    max_length=200
                    optional=true
                    error=at_field(refusal, "reason")
                />
                <Message text=at_form(refusal, &["reason"]) />
                <SubmitButton
                    label="Lock calls now".to_owned()
                    pending=pending(action)
                    kind=ButtonKind::Danger
                />
            </ActionForm>
        </section>
    }
    .into_any()
}
