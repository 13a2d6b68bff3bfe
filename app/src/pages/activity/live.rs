//! New calls, arriving by themselves while somebody looks.

use super::Desk;
use crate::api;
use crate::components::{Icon, icon};
use crate::contract::{ActivityView, CallView, ErrorCode};
use crate::poll::{UNATTENDED, poll};
use leptos::prelude::*;
use std::time::Duration;

/// How often newer calls are asked for.
const ASK_EVERY: Duration = Duration::from_secs(2);

/// When the page is asked for anew, because "2 min ago" does not stay true.
const RENEW_AFTER: Duration = Duration::from_secs(30);

/// How many calls an open page holds at most. Those that fall out are still there a page further on, once the page
/// was asked for anew.
const MOST_CALLS: usize = 400;

/// Says whether new calls appear by themselves, and stops them when asked to.
pub(super) fn live_bar(shown: RwSignal<ActivityView>, desk: &Desk) -> AnyView {
    let is_paused = RwSignal::new(false);
    let arrived = RwSignal::new(0_usize);
    follow(shown, desk.clone(), is_paused, arrived);
    let said = move || match (is_paused.get(), arrived.get()) {
        (true, _) => "Paused. New calls wait until you go on.".to_owned(),
        (false, 0) => "Live. New calls appear here by themselves.".to_owned(),
        (false, 1) => "Live. 1 new call.".to_owned(),
        (false, many) => format!("Live. {many} new calls."),
    };
    view! {
        <div class="live js-only">
            <p role="status" data-paused=move || is_paused.get().then_some("true")>
                {icon(Icon::Activity)}
                <span>{said}</span>
            </p>
            <button
                type="button"
                class="button outlined"
                on:click=move |_| is_paused.update(|is_paused| *is_paused = !*is_paused)
            >
                {move || if is_paused.get() { "Resume" } else { "Pause" }}
            </button>
        </div>
    }
    .into_any()
}

fn follow(shown: RwSignal<ActivityView>, desk: Desk, is_paused: RwSignal<bool>, arrived: RwSignal<usize>) {
    let touched = StoredValue::new(Duration::ZERO);
    let renewed = StoredValue::new(Duration::ZERO);
    poll(ASK_EVERY, move |now| {
        if is_paused.try_get_untracked()? {
            touched.set_value(now);
            return None;
        }
        if now.saturating_sub(touched.try_get_value()?) > UNATTENDED {
            is_paused.set(true);
            return None;
        }
        if now.saturating_sub(renewed.try_get_value()?) > RENEW_AFTER {
            renewed.set_value(now);
            desk.page.refetch();
            return None;
        }
        // Until the first call has come the whole page is asked for, checklist and all.
        let newest = shown.try_with_untracked(|shown| match shown.checklist {
            Some(_) => String::new(),
            None => shown.newest.clone(),
        })?;
        let Desk { project, filter, page } = desk.clone();
        Some(Box::pin(async move {
            match api::activity(project, filter, String::new(), newest).await {
                Ok(news) => show(shown, news, arrived),
                // The page's own data leads to sign-in.
                Err(error) if error.code == ErrorCode::SignedOut => page.refetch(),
                // It is asked again in a moment.
                Err(_) => {}
            }
        }))
    });
}

/// Puts new calls among those that are there; most are the newest, but a long one is told of when it ends.
fn show(shown: RwSignal<ActivityView>, news: ActivityView, arrived: RwSignal<usize>) {
    let is_news = shown.try_with_untracked(|shown| !news.calls.is_empty() || shown.checklist != news.checklist);
    if is_news != Some(true) {
        return;
    }
    shown.try_update(|shown| {
        let new = add(&mut shown.calls, news.calls);
        arrived.try_update(|arrived| *arrived += new);
        shown.newest = news.newest;
        shown.checklist = news.checklist;
    });
}

/// Puts calls in their places, and says how many were not there yet.
fn add(calls: &mut Vec<CallView>, news: Vec<CallView>) -> usize {
    let before = calls.len();
    for call in news {
        if calls.iter().all(|known| known.id != call.id) {
            // Ids sort as the calls came in.
            let place = calls.partition_point(|known| known.id > call.id);
            calls.insert(place, call);
        }
    }
    let new = calls.len() - before;
    calls.truncate(MOST_CALLS);
    new
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Moment;

    fn call(number: usize) -> CallView {
        CallView {
            id: format!("{number:05}"),
            at: Moment {
                iso: String::new(),
                relative: String::new(),
                exact: String::new(),
            },
            provider: "OpenAI".to_owned(),
            model: "gpt-4o".to_owned(),
            source: "byok".to_owned(),
            source_words: "Your key".to_owned(),
            fallback: String::new(),
            status: 200,
            is_failed: false,
            error_code: None,
            input_tokens: "1".to_owned(),
            output_tokens: "1".to_owned(),
            cost: "unknown".to_owned(),
            latency: "1 ms".to_owned(),
        }
    }

    fn ids(calls: &[CallView]) -> Vec<&str> {
        calls.iter().map(|call| call.id.as_str()).collect()
    }

    #[test]
    fn each_call_stands_once_where_it_came_in() {
        let mut calls = vec![call(5), call(2)];
        let new = add(&mut calls, vec![call(7), call(5), call(3), call(7)]);
        assert_eq!((new, ids(&calls)), (2, vec!["00007", "00005", "00003", "00002"]));
    }

    #[test]
    fn the_oldest_fall_out_when_there_are_very_many() {
        let mut calls = vec![call(0)];
        assert_eq!(add(&mut calls, (1..=MOST_CALLS).map(call).collect()), MOST_CALLS);
        assert_eq!(calls.len(), MOST_CALLS);
        assert_eq!((ids(&calls)[0], ids(&calls)[MOST_CALLS - 1]), ("00400", "00001"));
    }
}
