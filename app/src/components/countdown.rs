//! How long it still is until something ends.

use crate::contract::Moment;
use leptos::prelude::*;
use std::time::Duration;
use web_sys::js_sys::Date;

/// The time that is left until `until`; where script runs, it gets less by itself, and `on_end` is called when there is
/// none left.
#[component]
pub(crate) fn Countdown(
    /// When it ends.
    until: Moment,
    /// How many seconds were left when the server looked.
    seconds: u64,
    /// What to do then.
    #[prop(into)]
    on_end: Callback<()>,
) -> impl IntoView {
    let left = RwSignal::new(seconds);
    // An effect, because no time passes while the server draws the page. The clock is asked each time: a hidden page
    // ticks slowly.
    Effect::new(move |_| {
        let began = Date::now();
        let tick = move || {
            let passed = Duration::try_from_secs_f64((Date::now() - began) / 1000.0).unwrap_or_default();
            let now_left = seconds.saturating_sub(passed.as_secs());
            let is_over = now_left == 0 && left.try_get_untracked() != Some(0);
            left.try_set(now_left);
            if is_over {
                on_end.run(());
            }
        };
        if let Ok(ticking) = set_interval_with_handle(tick, Duration::from_secs(1)) {
            on_cleanup(move || ticking.clear());
        }
    });
    let Moment { iso, exact, .. } = until;
    view! {
        <time datetime=iso tabindex="0" class="when" data-exact=exact.clone()>
            {move || in_words(left.get())}
            <span class="sr-only">{format!(", {exact}")}</span>
        </time>
    }
}

/// The two largest units of a time.
fn in_words(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, ..) => format!("{hours} h {} min", minutes % 60),
        (1, ..) => format!("1 day {} h", hours % 24),
        _ => format!("{days} days {} h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn the_two_largest_units_are_told() {
        assert_eq!(in_words(0), "0 s");
        assert_eq!(in_words(59), "59 s");
        assert_eq!(in_words(60), "1 min 0 s");
        assert_eq!(in_words(3_599), "59 min 59 s");
        assert_eq!(in_words(86_399), "23 h 59 min");
        assert_eq!(in_words(86_400), "1 day 0 h");
        assert_eq!(in_words(7 * 86_400 - 1), "6 days 23 h");
    }
}
