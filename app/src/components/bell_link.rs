//! The bell: how many notifications somebody has not seen, and the way to them.

use super::{Icon, icon};
use leptos::prelude::*;
use leptos_router::components::A;

/// How many are counted at most.
const MOST: u32 = 99;

/// The way to the notifications, with the number of new ones. Says so when there are more.
#[component]
pub(crate) fn BellLink(
    /// How many there are that the person has not seen.
    unread: RwSignal<u32>,
) -> impl IntoView {
    let name = move || match unread.get() {
        0 => "Notifications".to_owned(),
        some => format!("Notifications, {} unread", shortened(some)),
    };
    let count = move || {
        let some = Some(unread.get()).filter(|unread| *unread > 0)?;
        Some(view! { <span class="count">{shortened(some)}</span> })
    };
    let said = RwSignal::new(String::new());
    Effect::new(move |before: Option<u32>| {
        let now = unread.get();
        if before.is_some_and(|before| now > before) {
            said.set(name());
        }
        now
    });
    view! {
        <A href="/notifications" exact=true attr:class="bell" attr:aria-label=name>
            {icon(Icon::Bell)}
            {count}
        </A>
        <span class="sr-only" role="status">
            {move || said.get()}
        </span>
    }
}

fn shortened(count: u32) -> String {
    if count > MOST {
        format!("{MOST}+")
    } else {
        count.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn very_many_are_not_counted() {
        assert_eq!(shortened(1), "1");
        assert_eq!(shortened(99), "99");
        assert_eq!(shortened(100), "99+");
    }
}
