//! What is sent to a provider to find out whether a key works.

use super::Provider;
use crate::domain::Endpoint;
use reqwest::Method;
use serde_json::Value;

/// Where a key is to be tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The logical endpoint that the key is bound to.
    pub endpoint: Endpoint,
    /// Azure's `api-version`, where the customer chose one.
    pub api_version: Option<String>,
}

impl Target {
    /// The provider's own origin; `None` where each customer names an endpoint.
    #[must_use]
    pub fn of_catalogue(provider: &dyn Provider) -> Option<Self> {
        let endpoint = Endpoint::of_catalogue(provider.origin()?);
        Some(Self {
            endpoint,
            api_version: None,
        })
    }
}

/// How a provider wants the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// `Authorization: Bearer <key>`
    Bearer,
    /// A header that holds the key alone.
    Header(&'static str),
}

/// One call, without the key and without the origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeRequest {
    /// The method.
    pub method: Method,
    /// The path with its query, from the origin on.
    pub path: String,
    /// How the key is sent.
    pub credential: Credential,
    /// Further headers: names in lower case, values.
    pub headers: &'static [(&'static str, &'static str)],
    /// The JSON body of a POST.
    pub body: Option<Value>,
}

impl ProbeRequest {
    /// A read.
    #[must_use]
    pub fn get(path: impl Into<String>, credential: Credential) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            credential,
            headers: &[],
            body: None,
        }
    }

    /// A call with a JSON body.
    #[must_use]
    pub fn post(path: impl Into<String>, credential: Credential, body: Value) -> Self {
        let method = Method::POST;
        Self {
            method,
            path: path.into(),
            credential,
            headers: &[],
            body: Some(body),
        }
    }

    /// The same call with further headers.
    #[must_use]
    pub fn with_headers(mut self, headers: &'static [(&'static str, &'static str)]) -> Self {
        self.headers = headers;
        self
    }
}
