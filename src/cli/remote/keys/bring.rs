//! Bringing secrets: set, add, rotate.

use super::key::{self, Saved};
use super::{AddKey, Here, KeyName, RotateKey, Secret, SetKey};
use crate::cli::remote::api::Answer;
use crate::cli::remote::failure::Failure;
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Map, Value};

impl Here<'_> {
    pub(super) async fn set(&self, set: &SetKey) -> Result<(), Failure> {
        let api = &self.session.api;
        let current = match &set.key {
            id @ KeyName::Id(_) => Some(self.find(id).await?),
            name => name.look_up(api, &self.project, false).await?,
        };
        let mut body = body(&set.secret)?;
        let answer = match (current, &set.key) {
            (Some(current), _) => {
                let call = api.call(Method::PUT, &self.path_of(&current))?.seen(current.version);
                call.json(&body.into()).send().await?
            }
            (None, KeyName::Id(_)) => return Ok(()),
            (None, KeyName::Default(provider)) => {
                put(&mut body, "provider", provider.as_str());
                put(&mut body, "is_default", true);
                api.call(Method::POST, &self.path())?.json(&body.into()).send().await?
            }
            (None, KeyName::Named { provider, name }) => {
                put(&mut body, "provider", provider.as_str());
                put(&mut body, "name", name.as_str());
                api.call(Method::POST, &self.path())?.json(&body.into()).send().await?
            }
        };
        self.show_saved(&answer)
    }

    pub(super) async fn add(&self, add: &AddKey) -> Result<(), Failure> {
        let mut body = body(&add.secret)?;
        put(&mut body, "provider", add.provider.as_str());
        put(&mut body, "name", add.name.as_str());
        put(&mut body, "is_default", add.default);
        put(&mut body, "allow_unverified", add.allow_unverified);
        let call = self.session.api.call(Method::POST, &self.path())?;
        self.show_saved(&call.json(&body.into()).send().await?)
    }

    pub(super) async fn rotate(&self, rotate: &RotateKey) -> Result<(), Failure> {
        let current = self.find(&rotate.key).await?;
        let mut body = body(&rotate.secret)?;
        put(&mut body, "overlap", rotate.overlap.as_str());
        if let Some(name) = &rotate.name {
            put(&mut body, "name", name.as_str());
        }
        let path = self.path_to(&current, "rotate");
        let call = self.session.api.call(Method::POST, &path)?;
        self.show_saved(&call.json(&body.into()).send().await?)
    }

    /// Prints a key that was just brought, and what there is to say of its secret.
    fn show_saved(&self, answer: &Answer) -> Result<(), Failure> {
        let saved: Saved = answer.read()?;
        self.session.show(answer, |saved: Saved| key::table(vec![saved.key]))?;
        if let Some(other) = &saved.looks_like {
            self.session.tell(&format!("It looks like a {other} key."));
        }
        for twin in &saved.twins {
            let label = key::label(&twin.provider, &twin.name);
            let told = format!(
                "The same secret is stored as {label} in the project {} too.",
                twin.project_name
            );
            self.session.tell(&told);
        }
        Ok(())
    }
}

/// The secret and what belongs to it, as the API takes them.
fn body(secret: &Secret) -> Result<Map<String, Value>, Failure> {
    let mut body = Map::new();
    put(&mut body, "secret", secret.source.read()?.expose_secret());
    for (field, value) in [("endpoint", &secret.endpoint), ("api_version", &secret.api_version)] {
        if let Some(value) = value {
            put(&mut body, field, value.as_str());
        }
    }
    Ok(body)
}

fn put(body: &mut Map<String, Value>, field: &str, value: impl Into<Value>) {
    body.insert(field.to_owned(), value.into());
}
