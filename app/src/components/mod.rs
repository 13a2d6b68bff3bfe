//! Presentational pieces with plain props.

#![expect(
    unreachable_pub,
    reason = "the component macro makes public types of private components"
)]
#![expect(clippy::needless_pass_by_value, reason = "a component owns its props")]

mod ask_first;
mod badge;
mod button;
mod copy_button;
mod failure;
mod field;
mod icon;
mod menu;
mod message;
mod moment;
mod notice;
mod page_head;
mod person_menu;
mod project_switcher;
mod provider_mark;
mod rail;
mod secret_field;
mod theme_choice;

pub(crate) use ask_first::AskFirst;
pub(crate) use badge::{StatusBadge, status_name};
pub(crate) use button::{ButtonKind, SubmitButton};
pub(crate) use copy_button::CopyButton;
pub(crate) use failure::{NotFound, failure};
pub(crate) use field::{FieldMessage, TextField, select_field};
pub(crate) use icon::{Icon, icon};
pub(crate) use menu::Menu;
pub(crate) use message::Message;
pub(crate) use moment::When;
pub(crate) use notice::{NOTICES, Notice, NoticeRegion};
pub(crate) use page_head::PageHead;
pub(crate) use person_menu::PersonMenu;
pub(crate) use project_switcher::ProjectSwitcher;
pub(crate) use provider_mark::provider_mark;
pub(crate) use rail::Rail;
pub(crate) use secret_field::SecretField;
pub(crate) use theme_choice::ThemeChoice;
