//! What reaches a double.

use super::double::Refusal;
use axum::http::{HeaderMap, Method};
use bytes::Bytes;
use serde_json::Value;
use std::borrow::Cow;

/// A model of this name (or with this in its name) exists nowhere.
const NO_SUCH_MODEL: &str = "no-such-model";
const DEPLOYMENTS: &str = "/openai/deployments/";

/// A request, read to its end.
pub(super) struct Request {
    pub(super) method: Method,
    /// From the provider's origin on, percent-decoded, without the query.
    pub(super) path: String,
    /// As it was sent.
    pub(super) query: Option<String>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Whether the key wants a long answer.
    pub(super) wants_long: bool,
}

/// The JSON of a model call, and the model it names.
pub(super) struct Asked {
    pub(super) body: Value,
    pub(super) model: String,
}

impl Request {
    /// Method and path, to be matched.
    pub(super) fn call(&self) -> (&str, &str) {
        (self.method.as_str(), &self.path)
    }

    /// A parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<Cow<'_, str>> {
        let query = self.query.as_deref()?.as_bytes();
        let mut parameters = url::form_urlencoded::parse(query);
        parameters.find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// A header's text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The key of `Authorization: Bearer <key>`.
    pub(super) fn bearer(&self) -> Option<String> {
        let key = self.header("authorization")?.strip_prefix("Bearer ")?;
        Some(key.to_owned())
    }

    /// The body, which must be a JSON object.
    pub(super) fn json(&self) -> Result<Value, Refusal> {
        let body: Value = serde_json::from_slice(&self.body).map_err(|_| Refusal::NotJson)?;
        if body.is_object() {
            Ok(body)
        } else {
            Err(Refusal::NotJson)
        }
    }

    /// The body of a call that names its model there.
    pub(super) fn asked(&self) -> Result<Asked, Refusal> {
        let body = self.json()?;
        // Mistral's agents stand in a model's place.
        let named = body["model"].as_str().or(body["agent_id"].as_str());
        let model = self.model(named)?;
        Ok(Asked { body, model })
    }

    /// The model asked for: the one in the body, but on Azure's older paths the deployment.
    pub(super) fn model(&self, named: Option<&str>) -> Result<String, Refusal> {
        let model = self.deployment().or(named).filter(|model| !model.is_empty());
        known_model(model.ok_or(Refusal::Missing { field: "model" })?)
    }

    /// Whether the body is a form with files.
    pub(super) fn is_form(&self) -> bool {
        let kind = self.header("content-type").unwrap_or_default();
        kind.starts_with("multipart/form-data")
    }

    /// Azure's deployment, where the path names one.
    pub(super) fn deployment(&self) -> Option<&str> {
        self.path.strip_prefix(DEPLOYMENTS)?.split('/').next()
    }
}

impl Asked {
    /// Whether the answer is to be streamed.
    pub(super) fn wants_stream(&self) -> bool {
        self.body["stream"] == true
    }

    /// A field that may not be missing.
    pub(super) fn field(&self, field: &'static str) -> Result<&Value, Refusal> {
        self.body.get(field).ok_or(Refusal::Missing { field })
    }
}

/// Every model exists but one.
pub(super) fn known_model(model: &str) -> Result<String, Refusal> {
    let model = model.to_owned();
    if model.contains(NO_SUCH_MODEL) {
        return Err(Refusal::NoSuchModel { model });
    }
    Ok(model)
}
