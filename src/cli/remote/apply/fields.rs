//! The fields of the file, taken one by one; what is wrong with one is told by its place, without its value.

use crate::cli::remote::failure::Failure;
use serde_json::{Map, Value};
use std::fmt;

/// What people call a secret, who write it where it must not stand.
const SECRETS: &[&str] = &["secret", "api_key", "apikey", "key", "token", "value", "password"];

/// Where in the file something stands.
#[derive(Clone, Debug)]
pub(super) struct Place(String);

impl Place {
    pub(super) fn root() -> Self {
        Self(String::new())
    }

    /// People count from 1.
    pub(super) fn entry(index: usize) -> Self {
        Self(format!("key {}", index + 1))
    }

    pub(super) fn field(&self, name: &str) -> Self {
        match self.0.as_str() {
            "" => Self(name.to_owned()),
            place => Self(format!("{place}, {name}")),
        }
    }

    pub(super) fn wrong(&self, message: impl fmt::Display) -> Failure {
        match self.0.as_str() {
            "" => Failure::usage(message.to_string()),
            place => Failure::usage(format!("{place}: {message}")),
        }
    }
}

/// The fields of a mapping, taken one by one.
pub(super) struct Fields {
    values: Map<String, Value>,
    pub(super) place: Place,
}

impl Fields {
    pub(super) fn of(value: Value, place: Place) -> Result<Self, Failure> {
        match value {
            Value::Object(values) => Ok(Self { values, place }),
            _ => Err(place.wrong("write fields and their values here")),
        }
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.values.remove(name).filter(|value| !value.is_null())
    }

    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Failure> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(self.place.field(name).wrong("write a text, in quotation marks")),
        }
    }

    pub(super) fn required(&mut self, name: &str) -> Result<String, Failure> {
        let text = self.text(name)?.map(|text| text.trim().to_owned());
        let text = text.filter(|text| !text.is_empty());
        text.ok_or_else(|| self.place.wrong(format!("{name} is missing")))
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<Option<bool>, Failure> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(_) => Err(self.place.field(name).wrong("write true or false")),
        }
    }

    pub(super) fn refuse_secrets(&self) -> Result<(), Failure> {
        let is_secret = |name: &&String| SECRETS.contains(&name.to_lowercase().as_str());
        match self.values.keys().find(is_secret) {
            None => Ok(()),
            Some(name) => Err(self.place.field(name).wrong(
                "a secret must not stand in the file; name its secret_file or its secret_env. If it was committed or \
                 shared already, replace the key at its provider",
            )),
        }
    }

    pub(super) fn end(&self, known: &[&str]) -> Result<(), Failure> {
        match self.values.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some(_) => Err(self.place.wrong(format!(
                "there is a field that nothing reads; those known are {}",
                known.join(", ")
            ))),
        }
    }
}
