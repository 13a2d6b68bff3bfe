//! Presentational pieces with plain props.

#![expect(
    unreachable_pub,
    reason = "the component macro makes public types of private components"
)]
#![expect(clippy::needless_pass_by_value, reason = "a component owns its props")]

mod ask_first;
mod badge;
mod bell_link;
mod button;
mod code_field;
mod confirm_identity;
mod copy_button;
mod countdown;
mod facts;
mod failure;
mod field;
mod filter_form;
mod icon;
mod link_row;
mod lock_strip;
mod menu;
mod message;
mod moment;
mod nothing_found;
mod notice;
mod organization_switcher;
mod page_head;
mod person_menu;
mod project_switcher;
mod provider_mark;
mod rail;
mod secret_field;
mod table_head;
mod theme_choice;

pub(crate) use ask_first::AskFirst;
pub(crate) use badge::{StatusBadge, state_badge, status_name, urgency_badge};
pub(crate) use bell_link::BellLink;
pub(crate) use button::{ButtonKind, SubmitButton};
pub(crate) use code_field::CodeField;
pub(crate) use confirm_identity::ConfirmIdentity;
pub(crate) use copy_button::CopyButton;
pub(crate) use countdown::Countdown;
pub(crate) use facts::fact_groups;
pub(crate) use failure::{NotFound, failure};
pub(crate) use field::{FieldMessage, TextField, select_field};
pub(crate) use filter_form::filter_form;
pub(crate) use icon::{Icon, icon};
pub(crate) use link_row::link_row;
pub(crate) use lock_strip::LockStrip;
pub(crate) use menu::Menu;
pub(crate) use message::Message;
pub(crate) use moment::{When, when_or};
pub(crate) use nothing_found::nothing_found;
pub(crate) use notice::{NOTICES, Notice, NoticeRegion};
pub(crate) use organization_switcher::OrganizationSwitcher;
pub(crate) use page_head::PageHead;
pub(crate) use person_menu::PersonMenu;
pub(crate) use project_switcher::ProjectSwitcher;
pub(crate) use provider_mark::provider_mark;
pub(crate) use rail::{Rail, place_in};
pub(crate) use secret_field::SecretField;
pub(crate) use table_head::table_head;
pub(crate) use theme_choice::ThemeChoice;
