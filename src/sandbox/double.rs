//! What every provider's double can do.

use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Json, Response};
use serde_json::Value;

/// What is asked of a provider.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Call {
    /// The free call that a probe makes.
    List,
    /// A call of a model.
    Model,
}

/// What a double is to answer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Situation<'key> {
    /// As if all were well.
    Valid,
    /// The key is refused, and quoted so.
    Refused { quoted: &'key str },
    /// The same, where the key stands in the message although it should not.
    Echoed { key: &'key str },
    /// The provider shut the key.
    Blocked,
    /// Credit or quota is spent.
    Exhausted,
    /// A permission is missing.
    Restricted,
    /// Too many calls.
    Limited,
    /// The list was given, the model is not.
    ModelRefused,
    /// There is no such path.
    NoSuchPath,
}

/// A status and a JSON body.
pub(super) struct Reply(pub(super) u16, pub(super) Value);

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(self.1)).into_response()
    }
}

/// One provider's double: its paths, its credential, its words.
pub(super) trait Double: Sync {
    /// The provider's slug.
    fn slug(&self) -> &'static str;

    /// What a path asks for; `None` where the provider has no such path.
    fn call(&self, method: &Method, path: &str) -> Option<Call>;

    /// The key as this provider expects it; `None` when it is missing or sent otherwise.
    fn credential<'headers>(&self, headers: &'headers HeaderMap) -> Option<&'headers str>;

    /// The provider's answer.
    fn reply(&self, situation: Situation<'_>, call: Call) -> Reply;
}

/// Every double.
pub(super) const EVERY: &[&dyn Double] = &[
    &super::openai::OpenAi,
    &super::anthropic::Anthropic,
    &super::gemini::Gemini,
    &super::xai::Xai,
    &super::openrouter::OpenRouter,
    &super::mistral::Mistral,
    &super::azure_openai::AzureOpenAi,
];

/// The key of `Authorization: Bearer <key>`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    header(headers, "authorization")?.strip_prefix("Bearer ")
}

/// A header's text.
pub(super) fn header<'headers>(headers: &'headers HeaderMap, name: &str) -> Option<&'headers str> {
    headers.get(name)?.to_str().ok()
}
