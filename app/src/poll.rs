//! Asking again and again, as long as somebody looks.

use leptos::ev::focus;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

/// How long a page asks that nobody touches: it must not keep its session alive for ever.
pub(crate) const UNATTENDED: Duration = Duration::from_mins(30);

/// A question under way.
pub(crate) type Asking = Pin<Box<dyn Future<Output = ()>>>;

/// Calls `ask` at this pace and awaits what it gives, until what called this is gone. Not while the page
/// is hidden, and not while an answer is awaited. `ask` is told how long the page has been looked at.
pub(crate) fn poll(every: Duration, ask: impl Fn(Duration) -> Option<Asking> + 'static) {
    let ask = Rc::new(ask);
    // An effect, because nothing is asked while the server draws the page.
    Effect::new(move |_| {
        let ask = ask.clone();
        let is_asking = Rc::new(Cell::new(false));
        let looked_at = Cell::new(Duration::ZERO);
        let tick = move || {
            if document().hidden() {
                return;
            }
            looked_at.set(looked_at.get() + every);
            if is_asking.get() {
                return;
            }
            if let Some(asking) = ask(looked_at.get()) {
                let is_asking = is_asking.clone();
                is_asking.set(true);
                spawn_local(async move {
                    asking.await;
                    is_asking.set(false);
                });
            }
        };
        if let Ok(ticking) = set_interval_with_handle(tick, every) {
            on_cleanup(move || ticking.clear());
        }
    });
}

/// Calls `ask` at this pace while the page is looked at, and at once when it is looked at again or the address changes;
/// not when it was neither for [`UNATTENDED`].
pub(crate) fn keep_fresh(path: Memo<String>, every: Duration, ask: impl Fn() + Copy + 'static) {
    let now = StoredValue::new(Duration::ZERO);
    let touched = StoredValue::new(Duration::ZERO);
    let touch = move || {
        if let Some(now) = now.try_get_value() {
            touched.try_set_value(now);
            ask();
        }
    };
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now) {
            touch();
        }
        now
    });
    Effect::new(move |_| {
        let looking = window_event_listener(focus, move |_| touch());
        on_cleanup(move || looking.remove());
    });
    poll(every, move |looked_at| {
        now.try_set_value(looked_at);
        if looked_at.saturating_sub(touched.try_get_value()?) <= UNATTENDED {
            ask();
        }
        None
    });
}
