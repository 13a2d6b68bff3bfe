//! Testing and changing keys that are there.

use super::key::{self, Health, Key};
use super::{DeleteKey, Here, KeyName, RenameKey, TestKey};
use crate::cli::remote::failure::{Exit, Failure, plain};
use crate::cli::remote::table::{Table, moment};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

/// What used a key of late.
#[derive(Debug, Deserialize)]
struct Dependents {
    tokens_last_hour: u64,
    calls_last_hour: u64,
    last_call_at: Option<String>,
}

impl Here<'_> {
    /// Prints the verdict, and fails where it is a bad one.
    pub(super) async fn test(&self, test: &TestKey) -> Result<(), Failure> {
        let key = self.find(&test.key).await?;
        let call = self.session.api.call(Method::POST, &self.path_to(&key, "test"))?;
        let answer = call.json(&json!({ "deep": test.deep })).send().await?;
        self.session.show(&answer, one)?;
        let tested: Key = answer.read()?;
        verdict(&tested.label(), tested.health)
    }

    pub(super) async fn enable(&self, key: &KeyName) -> Result<(), Failure> {
        let key = self.find(key).await?;
        self.change(&key, &json!({ "is_active": true })).await
    }

    pub(super) async fn disable(&self, key: &KeyName) -> Result<(), Failure> {
        let key = self.find(key).await?;
        self.tell_dependents(&key).await?;
        self.change(&key, &json!({ "is_active": false })).await
    }

    pub(super) async fn rename(&self, rename: &RenameKey) -> Result<(), Failure> {
        let key = self.find(&rename.key).await?;
        self.change(&key, &json!({ "name": rename.name })).await
    }

    pub(super) async fn make_default(&self, key: &KeyName) -> Result<(), Failure> {
        let key = self.find(key).await?;
        self.change(&key, &json!({ "is_default": true })).await
    }

    pub(super) async fn delete(&self, delete: &DeleteKey) -> Result<(), Failure> {
        let api = &self.session.api;
        let in_use = delete.key.look_up(api, &self.project, false).await?;
        let key = match in_use {
            Some(key) => key,
            // What was deleted already can still be erased.
            None if delete.purge => delete.key.find(api, &self.project, true).await?,
            None => self.find(&delete.key).await?,
        };
        if key.deleted_at.is_none() {
            self.tell_dependents(&key).await?;
        }
        let mut call = api.call(Method::DELETE, &self.path_of(&key))?.seen(key.version);
        if delete.purge {
            call = call.query(&[("purge", "true")]);
        }
        call.send().await?;
        let label = plain(&key.label());
        self.session.tell(&if delete.purge {
            format!("Erased {label} for ever.")
        } else {
            format!("Deleted {label}. To bring it back: latchkey keys restore {}", key.id)
        });
        Ok(())
    }

    pub(super) async fn restore(&self, key: &KeyName) -> Result<(), Failure> {
        let key = key.find(&self.session.api, &self.project, true).await?;
        self.act(&key, "restore").await
    }

    pub(super) async fn end_overlap(&self, key: &KeyName) -> Result<(), Failure> {
        let key = self.find(key).await?;
        self.act(&key, "end-overlap").await
    }

    async fn change(&self, key: &Key, change: &Value) -> Result<(), Failure> {
        let call = self.session.api.call(Method::PATCH, &self.path_of(key))?;
        let answer = call.seen(key.version).json(change).send().await?;
        self.session.show(&answer, one)
    }

    async fn act(&self, key: &Key, what: &str) -> Result<(), Failure> {
        let answer = self
            .session
            .api
            .call(Method::POST, &self.path_to(key, what))?
            .send()
            .await?;
        self.session.show(&answer, one)
    }

    /// Says what used a key of late, before it goes.
    async fn tell_dependents(&self, key: &Key) -> Result<(), Failure> {
        if self.session.json {
            return Ok(());
        }
        let answer = self.session.api.get(&self.path_to(key, "dependents"), &[]).await?;
        self.session.tell(&answer.read::<Dependents>()?.told());
        Ok(())
    }
}

impl Dependents {
    fn told(&self) -> String {
        let last = match &self.last_call_at {
            None => return "No call has used it.".to_owned(),
            Some(at) => moment(Some(at)),
        };
        format!(
            "Within the last hour it served {} of {}; the last one at {last}.",
            counted(self.calls_last_hour, "call"),
            counted(self.tokens_last_hour, "token")
        )
    }
}

fn counted(number: u64, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        number => format!("{number} {what}s"),
    }
}

fn one(key: Key) -> Table {
    key::table(vec![key])
}

/// Whether the key may be used, by what its test came to.
fn verdict(label: &str, health: Health) -> Result<(), Failure> {
    let message = health.message.unwrap_or_default();
    let (exit, what) = match (health.status.as_str(), health.reason.as_deref()) {
        (_, Some("unreachable")) => (Exit::Unreachable, "the provider gave no usable answer"),
        ("healthy", _) => return Ok(()),
        _ => (Exit::ProviderRefused, "the provider does not take this key"),
    };
    Err(Failure::new(exit, plain(&format!("{label}: {what}: {message}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_good_verdict_is_a_success() {
        let exit = |status: &str, reason: Option<&str>| {
            let health = Health {
                status: status.to_owned(),
                reason: reason.map(str::to_owned),
                message: reason.map(|_| "No.".to_owned()),
            };
            verdict("openai/Main", health).err().map(|failure| failure.exit)
        };
        assert_eq!(exit("healthy", None), None);
        assert_eq!(exit("healthy", Some("rate_limited")), None);
        assert_eq!(exit("unhealthy", Some("invalid")), Some(Exit::ProviderRefused));
        assert_eq!(exit("unhealthy", Some("exhausted")), Some(Exit::ProviderRefused));
        assert_eq!(exit("unknown", Some("unreachable")), Some(Exit::Unreachable));
    }

    #[test]
    fn what_used_a_key_is_told() {
        let told = |tokens_last_hour, calls_last_hour, last: Option<&str>| {
            let last_call_at = last.map(str::to_owned);
            Dependents {
                tokens_last_hour,
                calls_last_hour,
                last_call_at,
            }
            .told()
        };
        assert_eq!(told(0, 0, None), "No call has used it.");
        assert_eq!(
            told(1, 14, Some("2026-11-21T14:02:07.310Z")),
            "Within the last hour it served 14 calls of 1 token; the last one at 2026-11-21T14:02:07Z."
        );
    }
}
