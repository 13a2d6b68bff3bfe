//! A call's body, ready to be sent: what is read of it, the few edits it gets, and what of it the shared platform key
//! may carry.

use super::intake::{Intake, Passed, is_json, is_multipart};
use super::outgoing::Outgoing;
use super::refusal::Refusal;
use crate::providers::upstream::RequestBody;
use crate::providers::usage::{Edits, RequestError, RequestFacts, names_account_state};
use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Bodies up to this are kept to be sent again (design, "Resolve").
pub(super) const SENT_AGAIN: usize = 1024 * 1024;

/// A body, ready to be sent.
pub(super) struct Load {
    content: Content,
    /// The model that it asks for.
    pub(super) model: Option<String>,
    /// Whether usage is asked for on the caller's behalf, and its chunk withheld.
    pub(super) adds_usage: bool,
}

enum Content {
    Whole(Bytes),
    Passing {
        body: Option<RequestBody>,
        passed: Arc<Passed>,
    },
}

impl Load {
    /// Reads what must be known of a body. One that cannot be read passes untouched, and is not the platform key's.
    pub(super) fn of(intake: Intake, outgoing: &Outgoing<'_>, asks_for_usage: bool) -> Self {
        let whole = match intake {
            Intake::Whole(whole) => whole,
            Intake::Passing { body, passed } => {
                return Self {
                    content: Content::Passing {
                        body: Some(body),
                        passed,
                    },
                    model: outgoing.model.clone(),
                    adds_usage: false,
                };
            }
        };
        let facts = reads_body(outgoing).then(|| RequestFacts::read(&whole).ok()).flatten();
        let asks = asks_for_usage
            && outgoing
                .operation
                .is_some_and(|operation| operation.asks_for_stream_usage);
        let adds_usage = facts
            .as_ref()
            .is_some_and(|facts| asks && facts.streams && facts.asks_for_usage.is_none());
        let named = facts.and_then(|facts| facts.model).map(std::borrow::Cow::into_owned);
        Self {
            model: outgoing.model.clone().or(named).or_else(|| outgoing.model_in_path()),
            adds_usage,
            content: Content::Whole(whole),
        }
    }

    /// The body to send; one that passes can be had once.
    pub(super) fn body(&mut self, outgoing: &Outgoing<'_>, with_platform_key: bool) -> RequestBody {
        match &mut self.content {
            Content::Passing { body, .. } => body.take().unwrap_or(RequestBody::Whole(None)),
            Content::Whole(whole) => {
                let edits = Edits {
                    model: outgoing.model.as_deref(),
                    stream_usage: self.adds_usage,
                    no_store: with_platform_key && outgoing.operation.is_some_and(|operation| operation.keeps_answers),
                };
                let edited = (edits != Edits::default())
                    .then(|| RequestFacts::read(whole).ok().map(|facts| facts.edited(whole, edits)))
                    .flatten();
                edited.map_or_else(|| whole.clone(), Bytes::from).into()
            }
        }
    }

    /// How many bytes the caller sent so far.
    pub(super) fn length(&self) -> u64 {
        match &self.content {
            Content::Whole(whole) => whole.len() as u64,
            Content::Passing { passed, .. } => passed.bytes.load(Ordering::Relaxed),
        }
    }

    /// Whether it was cut off because it is too large.
    pub(super) fn is_too_large(&self) -> bool {
        matches!(&self.content, Content::Passing { passed, .. } if passed.too_large.load(Ordering::Relaxed))
    }

    /// Whether it can be sent once more.
    pub(super) fn can_be_sent_again(&self) -> bool {
        matches!(&self.content, Content::Whole(whole) if whole.len() <= SENT_AGAIN)
    }

    /// Whether the shared platform key may carry it: nothing in it may reach into what the account keeps.
    pub(super) fn suits_platform(&self, outgoing: &Outgoing<'_>) -> Result<(), Refusal> {
        let Content::Whole(whole) = &self.content else {
            return Err(unreadable("it is too large"));
        };
        if is_multipart(outgoing.headers) {
            return Ok(());
        }
        if !is_json(outgoing.headers) {
            return Err(unreadable("it is not declared as application/json"));
        }
        let facts = RequestFacts::read(whole).map_err(|error| unreadable(&error.to_string()))?;
        if facts
            .model
            .as_deref()
            .or(outgoing.model.as_deref())
            .is_some_and(is_of_an_account)
        {
            return Err(reaches_into_account("a model of an account's own"));
        }
        match names_account_state(whole) {
            Ok(None) => Ok(()),
            Ok(Some(member)) => Err(reaches_into_account(member)),
            Err(error) => Err(unreadable(&error.to_string())),
        }
    }
}

/// OpenAI's and Fireworks' fine-tuned models.
fn is_of_an_account(model: &str) -> bool {
    let model = model.trim_start_matches("openai/").trim_start_matches("fireworks/");
    model.starts_with("ft:") || model.starts_with("accounts/") && !model.starts_with("accounts/fireworks/")
}

fn reaches_into_account(what: &str) -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        "platform_key_refused",
        format!(
            "The call names {what}, which reaches into what a provider's account keeps. The operator's platform key is \
             shared and does not carry such calls: bring a key of your own."
        ),
    )
}

fn unreadable(why: &str) -> Refusal {
    Refusal::invalid(format!(
        "The call's body must be readable to be sent with the operator's platform key: {why}."
    ))
}

/// Whether anything of a body is of interest.
fn reads_body(outgoing: &Outgoing<'_>) -> bool {
    outgoing.method == Method::POST && outgoing.operation.is_some() && is_json(outgoing.headers)
}

/// The model and the rest of an OpenAI-shaped body that names a model as `provider/model`.
pub(super) fn provider_and_model(headers: &HeaderMap, body: &[u8]) -> Result<(String, String), Refusal> {
    if !is_json(headers) {
        return Err(Refusal::invalid("Send the body as application/json."));
    }
    let facts = RequestFacts::read(body).map_err(|error: RequestError| Refusal::invalid(format!("{error}.")))?;
    let named = facts.model.as_deref().and_then(|model| model.split_once('/'));
    named
        .filter(|(provider, model)| !provider.is_empty() && !model.is_empty())
        .map(|(provider, model)| (provider.to_owned(), model.to_owned()))
        .ok_or_else(|| Refusal::invalid("Name the model with its provider: openai/gpt-4o-mini, for example."))
}
