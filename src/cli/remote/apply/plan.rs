//! What is to be done so that a project's keys are as a file says.

use super::file::{Desired, Entry};
use crate::cli::remote::failure::plain;
use crate::cli::remote::keys::{Fallback, Key, label};
use crate::domain::redact;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// What is done to a key, in the order in which it is done: names are free before they are given, and a provider's
/// calls always find a default key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Action {
    Rename,
    Add,
    Replace,
    Enable,
    MakeDefault,
    SetFallback,
    Disable,
    Delete,
}

/// One thing to do.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) action: Action,
    pub(super) provider: String,
    /// The key's name once all is done.
    pub(super) name: String,
    /// What is said of it besides.
    detail: String,
    /// The key as it was found; none where it is added.
    pub(super) key: Option<Key>,
    /// The file's entry, counted from 0; none where the file has none.
    pub(super) entry: Option<usize>,
}

/// What decides what is to be done, besides how the keys are now.
#[derive(Debug)]
pub(super) struct Planner<'apply> {
    pub(super) desired: &'apply Desired,
    /// The secrets of the file's entries, in their order.
    pub(super) secrets: &'apply [SecretString],
    /// How each provider's keys begin.
    pub(super) prefixes: &'apply BTreeMap<String, Vec<String>>,
    /// Whether secrets are replaced that look the same.
    pub(super) renew: bool,
    /// Whether keys are deleted of which the file says nothing.
    pub(super) prune: bool,
}

impl Action {
    /// As people and programs are told.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Action::Rename => "rename",
            Action::Add => "add",
            Action::Replace => "replace",
            Action::Enable => "enable",
            Action::MakeDefault => "make default",
            Action::SetFallback => "set fallback",
            Action::Disable => "disable",
            Action::Delete => "delete",
        }
    }

    const fn sign(self) -> char {
        match self {
            Action::Add => '+',
            Action::Delete => '-',
            _ => '~',
        }
    }
}

impl Step {
    /// Whether it does the same to the same key.
    pub(super) fn is_same(&self, other: &Step) -> bool {
        (self.action, &self.provider) == (other.action, &other.provider)
            && self.name.to_lowercase() == other.name.to_lowercase()
    }

    /// `replace openai/Main`
    pub(super) fn told(&self) -> String {
        plain(&format!(
            "{} {}",
            self.action.as_str(),
            label(&self.provider, &self.name)
        ))
    }

    /// A line of the plan.
    pub(super) fn line(&self) -> String {
        let label = label(&self.provider, &self.name);
        let line = format!(
            "  {} {:<13} {label}  {}",
            self.action.sign(),
            self.action.as_str(),
            self.detail
        );
        plain(line.trim_end())
    }

    /// The same for programs.
    pub(super) fn json(&self) -> Value {
        json!({ "action": self.action.as_str(), "provider": self.provider, "name": self.name })
    }
}

impl Planner<'_> {
    /// What is to be done to these keys, in order. `renewed` are the entries whose secrets were replaced already.
    pub(super) fn steps(&self, keys: &[Key], renewed: &BTreeSet<usize>) -> Vec<Step> {
        let (mut steps, mut kept) = (Vec::new(), BTreeSet::new());
        for (index, entry) in self.desired.keys.iter().enumerate() {
            let step = |action: Action, key: Option<&Key>, detail: String| Step {
                action,
                provider: entry.provider.clone(),
                name: entry.name.clone(),
                detail,
                key: key.cloned(),
                entry: Some(index),
            };
            let Some(key) = found(keys, entry) else {
                let default = if entry.default { ", the default" } else { "" };
                steps.push(step(
                    Action::Add,
                    None,
                    format!("{}{default}", self.masked(index, entry)),
                ));
                steps.extend(Self::settings(entry, None, true).map(|(action, told)| step(action, None, told)));
                continue;
            };
            kept.insert(key.id.as_str());
            let mut push = |action, detail| steps.push(step(action, Some(key), detail));
            if key.name != entry.name {
                push(Action::Rename, format!("before {}", key.label()));
            }
            let masked = self.masked(index, entry);
            let is_renewed = self.renew && !renewed.contains(&index);
            let is_replaced = is_renewed || masked != key.redacted || is_elsewhere(entry, key);
            if is_replaced {
                push(Action::Replace, format!("{} becomes {masked}", key.redacted));
            }
            // A secret that its provider has just taken is switched on.
            let is_active = key.is_active || is_replaced;
            for (action, told) in Self::settings(entry, Some(key), is_active) {
                push(action, told);
            }
        }
        if self.prune {
            steps.extend(
                keys.iter()
                    .filter(|key| !kept.contains(key.id.as_str()))
                    .filter_map(superfluous),
            );
        }
        // Stable: apart from this, the file's order. The default goes before what else is added.
        let is_default = |step: &Step| step.entry.is_some_and(|index| self.desired.keys[index].default);
        steps.sort_by_key(|step| (step.action, !is_default(step)));
        steps
    }

    /// What is to be set on a key that then is on or off; on a new one where there is none.
    fn settings(entry: &Entry, key: Option<&Key>, is_active: bool) -> impl Iterator<Item = (Action, String)> {
        let undecided = Fallback {
            on_missing: "project".to_owned(),
            on_failure: "project".to_owned(),
        };
        let current = key.map_or(undecided, |key| key.fallback.clone());
        let fallback = entry.fallback.as_ref().filter(|wanted| **wanted != current);
        let told = |wanted: &Fallback| format!("missing: {}, failing: {}", wanted.on_missing, wanted.on_failure);
        let takes_over = entry.default && key.is_some_and(|key| !key.is_default);
        let switched = |on: bool| entry.enabled == Some(on) && is_active != on;
        [
            switched(true).then(|| (Action::Enable, String::new())),
            takes_over.then(|| (Action::MakeDefault, String::new())),
            fallback.map(|wanted| (Action::SetFallback, told(wanted))),
            switched(false).then(|| (Action::Disable, String::new())),
        ]
        .into_iter()
        .flatten()
    }

    /// What would be shown of an entry's secret.
    fn masked(&self, index: usize, entry: &Entry) -> String {
        let prefixes = self.prefixes.get(&entry.provider).map_or(&[][..], Vec::as_slice);
        let prefixes: Vec<_> = prefixes.iter().map(String::as_str).collect();
        let secret = self.secrets.get(index).map(ExposeSecret::expose_secret);
        redact(secret.unwrap_or_default().trim(), &prefixes)
    }
}

/// The key of an entry: the one of its name, else of the name that it had.
fn found<'keys>(keys: &'keys [Key], entry: &Entry) -> Option<&'keys Key> {
    let called = |name: &str| {
        keys.iter()
            .find(|key| key.provider == entry.provider && key.name.to_lowercase() == name.to_lowercase())
    };
    called(&entry.name).or_else(|| called(entry.was.as_deref()?))
}

/// Whether the file has a key's secret sent elsewhere than now.
fn is_elsewhere(entry: &Entry, key: &Key) -> bool {
    let origin = |text: &str| Url::parse(text.trim()).map_or(text.to_owned(), |url| url.origin().ascii_serialization());
    let current = key.api_version.as_deref().unwrap_or_default();
    entry
        .endpoint
        .as_deref()
        .is_some_and(|wanted| origin(wanted) != origin(&key.endpoint))
        || entry.api_version.as_deref().is_some_and(|wanted| wanted != current)
}

/// The deletion of a key of which the file says nothing; one that was rotated out goes by itself.
fn superfluous(key: &Key) -> Option<Step> {
    key.retires_at.is_none().then(|| Step {
        action: Action::Delete,
        provider: key.provider.clone(),
        name: key.name.clone(),
        detail: key.redacted.clone(),
        key: Some(key.clone()),
        entry: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const SECRET: &str = "sk-proj-FAKE-0123456789abcdef";

    fn key(name: &str, change: impl FnOnce(&mut Value)) -> Key {
        let mut key = json!({
            "id": name, "provider": "openai", "name": name, "redacted": "sk-proj-...cdef", "is_default": false,
            "is_active": true, "health": {"status": "healthy", "reason": null, "message": null},
            "fallback": {"on_missing": "project", "on_failure": "project"}, "endpoint": "https://api.openai.com",
            "api_version": null, "last_used_at": null, "deleted_at": null, "retires_at": null, "version": 1
        });
        change(&mut key);
        serde_json::from_value(key).unwrap()
    }

    fn is_default(key: &mut Value) {
        key["is_default"] = true.into();
    }

    fn lines(keys: &[Key], file: &str, renew: bool) -> Vec<String> {
        let desired = Desired::parse(file, Path::new("")).unwrap();
        let secrets: Vec<_> = desired.keys.iter().map(|_| SecretString::from(SECRET)).collect();
        let prefixes = BTreeMap::from([("openai".to_owned(), vec!["sk-".to_owned(), "sk-proj-".to_owned()])]);
        let planner = Planner {
            desired: &desired,
            secrets: &secrets,
            prefixes: &prefixes,
            renew,
            prune: true,
        };
        let steps = planner.steps(keys, &BTreeSet::new());
        steps.iter().map(Step::told).collect()
    }

    fn entries(entries: &[&str]) -> String {
        let line = |entry: &&str| format!("  - {{provider: openai, secret_env: A, {entry}}}\n");
        format!("keys:\n{}", entries.iter().map(line).collect::<String>())
    }

    #[test]
    fn nothing_is_done_where_all_is_as_it_should_be() {
        let keys = [key("Main", is_default), key("Backup", |_| ())];
        let file = entries(&["name: Main, default: true, enabled: true", "name: Backup"]);
        assert_eq!(lines(&keys, &file, false), [""; 0]);
        assert_eq!(
            lines(&keys, &file, true),
            ["replace openai/Main", "replace openai/Backup"]
        );
    }

    #[test]
    fn the_default_comes_before_what_else_is_new_and_deletions_come_last() {
        let keys = [
            key("Old", is_default),
            key("Retiring", |key| key["retires_at"] = "2026-11-21".into()),
        ];
        let file = entries(&["name: Backup, enabled: false", "name: Main, default: true"]);
        let expected = [
            "add openai/Main",
            "add openai/Backup",
            "disable openai/Backup",
            "delete openai/Old",
        ];
        assert_eq!(lines(&keys, &file, false), expected);
    }

    #[test]
    fn each_difference_is_one_step() {
        let keys = [
            key("old name", is_default),
            key("other secret", |key| key["redacted"] = "sk-proj-...0000".into()),
            key("off", |key| key["is_active"] = false.into()),
            key("", |key| key["is_active"] = false.into()),
        ];
        let file = entries(&[
            "name: New name, was: Old name",
            "name: Other secret",
            "name: 'off', enabled: true, default: true, fallback: {on_missing: fail, on_failure: project}",
            "name: Named, was: '', enabled: true, api_version: '2024-10-21'",
        ]);
        let expected = [
            "rename openai/New name",
            "rename openai/Other secret",
            "rename openai/Named",
            "replace openai/Other secret",
            "replace openai/Named",
            "enable openai/off",
            "make default openai/off",
            "set fallback openai/off",
        ];
        assert_eq!(lines(&keys, &file, false), expected);
    }

    #[test]
    fn what_the_file_leaves_out_stays() {
        let decided = |key: &mut Value| {
            key["is_active"] = false.into();
            key["fallback"]["on_missing"] = "fail".into();
        };
        assert_eq!(
            lines(&[key("Main", decided)], &entries(&["name: Main"]), false),
            [""; 0]
        );
    }
}
