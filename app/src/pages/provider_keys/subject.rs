//! One key of a card, as the forms about it see it.

use super::Desk;
use crate::contract::{CardView, ErrorCode, KeyChange, KeyStatus, KeyView, ProviderView, UiError};
use leptos::html::H2;
use leptos::prelude::*;

/// One key of a card, and what the forms about it share.
#[derive(Clone)]
pub(super) struct Subject {
    pub(super) card: Memo<CardView>,
    pub(super) key: Memo<KeyView>,
    pub(super) key_id: String,
    /// `OpenAI key`; `OpenAI key Backup` where it is not the default.
    pub(super) about: String,
    pub(super) is_default: bool,
    pub(super) provider: ProviderView,
    /// The card's heading, from which the page goes on.
    pub(super) heading: NodeRef<H2>,
    /// Why the last of its small forms was refused.
    pub(super) refusal: RwSignal<Option<UiError>>,
    pub(super) desk: Desk,
}

/// Functions whose refusal is told above the buttons.
const SMALL: [&str; 7] = [
    "test_key",
    "set_key_active",
    "set_key_fallback",
    "delete_key",
    "end_key_overlap",
    "make_key_default",
    "rename_key",
];

impl Subject {
    /// The key with this id, as long as the card has it.
    pub(super) fn of(card: Memo<CardView>, key_id: &str, heading: NodeRef<H2>, desk: &Desk) -> Option<Self> {
        let found = |card: &CardView| {
            let mut keys = card.key.iter().chain(&card.others);
            keys.find(|key| key.id == key_id).cloned()
        };
        let first = card.with_untracked(found)?;
        let (provider, is_default) = card.with_untracked(|card| {
            let is_default = card.key.as_ref().is_some_and(|key| key.id == key_id);
            (card.provider.clone(), is_default)
        });
        let about = match (is_default, first.name.as_str()) {
            (true, _) => format!("{} key", provider.name),
            (false, "") => format!("{} key {}", provider.name, first.redacted),
            (false, name) => format!("{} key {name}", provider.name),
        };
        let earlier = SMALL
            .into_iter()
            .find_map(|function| desk.refused(function, "key_id", key_id));
        let id = key_id.to_owned();
        let key = Memo::new(move |last: Option<&KeyView>| {
            let now = card.with(|card| {
                let mut keys = card.key.iter().chain(&card.others);
                keys.find(|key| key.id == id).cloned()
            });
            now.unwrap_or_else(|| last.unwrap_or(&first).clone())
        });
        Some(Self {
            card,
            key,
            key_id: key_id.to_owned(),
            about,
            is_default,
            provider,
            heading,
            refusal: RwSignal::new(earlier),
            desk: desk.clone(),
        })
    }

    /// The fields of every form about it that are not seen.
    pub(super) fn hidden(&self) -> AnyView {
        view! {
            <input type="hidden" name="project" value=self.desk.project.clone() />
            <input type="hidden" name="key_id" value=self.key_id.clone() />
        }
        .into_any()
    }

    /// The version that a form was made for.
    pub(super) fn row_version(&self) -> AnyView {
        let key = self.key;
        let value = move || key.with(|key| key.row_version.to_string());
        view! { <input type="hidden" name="row_version" value=value /> }.into_any()
    }

    /// What follows when a small form is answered: the page says so, and shows how things are.
    pub(super) fn answered(&self, answer: Result<KeyChange, UiError>) {
        self.refusal.set(answer.as_ref().err().cloned());
        match answer {
            Ok(change) => self.desk.changed(change),
            Err(error) if error.code == ErrorCode::Conflict => self.desk.page.refetch(),
            Err(_) => {}
        }
    }

    /// As [`Subject::answered`], where what was pressed goes away: the page goes on from the card's heading.
    pub(super) fn moved_on(&self, answer: Result<KeyChange, UiError>) {
        let is_done = answer.is_ok();
        self.answered(answer);
        if is_done {
            self.go_on();
        }
    }

    /// Puts the focus on the card's heading.
    pub(super) fn go_on(&self) {
        if let Some(heading) = self.heading.get_untracked() {
            let _ = heading.focus();
        }
    }

    /// What the badge shows.
    pub(super) fn status(&self) -> Memo<KeyStatus> {
        let key = self.key;
        Memo::new(move |_| key.with(|key| key.status))
    }

    /// Why `function` was refused for this key, where no script ran.
    pub(super) fn refused(&self, function: &str) -> Option<UiError> {
        self.desk.refused(function, "key_id", &self.key_id)
    }

    /// Asks the page anew, so that what is told before a decision is fresh.
    pub(super) fn refresh(&self) -> Callback<()> {
        let page = self.desk.page;
        Callback::new(move |()| page.refetch())
    }
}
