//! What every provider's double can do.

use super::answer::Answer;
use super::request::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use serde_json::Value;

/// What sort of call a path takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// The free call that a probe makes.
    Probe,
    /// Any other call that no model answers.
    Free,
    /// One that wants no key.
    Public,
    /// A call of a model.
    Model,
}

/// Answers a request whose key is good.
pub(super) type Handler = fn(&Request) -> Result<Answer, Refusal>;

/// Where a request leads.
#[derive(Clone, Copy)]
pub(super) struct Route {
    pub(super) kind: Kind,
    pub(super) handler: Handler,
}

impl Route {
    #[expect(clippy::unnecessary_wraps, reason = "the arms of the doubles' tables of paths")]
    const fn of(kind: Kind, handler: Handler) -> Option<Self> {
        Some(Self { kind, handler })
    }

    pub(super) const fn probe(handler: Handler) -> Option<Self> {
        Self::of(Kind::Probe, handler)
    }

    pub(super) const fn free(handler: Handler) -> Option<Self> {
        Self::of(Kind::Free, handler)
    }

    pub(super) const fn public(handler: Handler) -> Option<Self> {
        Self::of(Kind::Public, handler)
    }

    pub(super) const fn model(handler: Handler) -> Option<Self> {
        Self::of(Kind::Model, handler)
    }
}

/// Why a call is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Refusal {
    /// The key is no key, and is quoted so.
    Refused { quoted: String },
    /// The same, where the key stands in the message although it should not.
    Echoed { key: String },
    /// The provider shut the key.
    Blocked,
    /// Credit or quota is spent.
    Exhausted,
    /// A permission is missing.
    Restricted,
    /// Too many calls.
    Limited,
    /// The list was given, the model is not.
    ModelWithheld,
    /// There is no such path.
    NoSuchPath,
    /// The body is no JSON object.
    NotJson,
    /// A field is missing in the body, or a header.
    Missing { field: &'static str },
    /// There is no such model.
    NoSuchModel { model: String },
    /// The body is too large.
    TooLarge,
    /// The provider has too much to do.
    Overloaded,
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

    /// Where a request leads; `None` where the provider has no such path.
    fn route(&self, request: &Request) -> Option<Route>;

    /// The key as this provider expects it; `None` when it is missing or sent otherwise.
    fn credential(&self, request: &Request) -> Option<String> {
        request.bearer()
    }

    /// What a call whose key is good must have besides.
    fn check(&self, _: &Request) -> Result<(), Refusal> {
        Ok(())
    }

    /// The provider's refusal.
    fn refuse(&self, refusal: &Refusal, request: &Request, kind: Kind) -> Reply;

    /// The header that tells whose account a key belongs to.
    fn account(&self) -> Option<(&'static str, &'static str)> {
        Some(("openai-organization", "sandbox-org"))
    }
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
    &super::groq::Groq,
    &super::deepseek::DeepSeek,
    &super::together::Together,
    &super::fireworks::Fireworks,
    &super::cohere::Cohere,
];
