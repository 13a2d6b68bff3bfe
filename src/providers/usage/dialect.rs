//! What the shapes of usage have in common.

use super::{Metered, anthropic, cohere, gemini, openai_chat, openai_responses};
use crate::providers::UsageShape;

/// One way of reporting usage. Broken or foreign JSON is skipped in silence: an answer is never refused for
/// what a meter cannot read.
pub(super) trait Dialect: Sync {
    /// The members at the top of a whole answer that are worth reading.
    fn members(&self) -> &'static [&'static str];

    /// Reads one of [`Dialect::members`]; `value` is its JSON.
    fn member(&self, name: &str, value: &[u8], read: &mut Metered);

    /// Reads an event's data.
    fn event(&self, data: &[u8], read: &mut Metered) -> Event;

    /// Whether a stream's end is its only end mark.
    fn ends_without_mark(&self) -> bool {
        false
    }
}

/// What an event is to the client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Event {
    /// Part of the answer.
    Answer,
    /// The chunk that `stream_options.include_usage` adds: usage, and no choice.
    UsageOnly,
}

/// The dialect of a shape.
pub(super) fn dialect(shape: UsageShape) -> Option<&'static dyn Dialect> {
    match shape {
        UsageShape::OpenAiChat => Some(&openai_chat::OpenAiChat),
        UsageShape::OpenAiResponses => Some(&openai_responses::OpenAiResponses),
        UsageShape::Anthropic => Some(&anthropic::Anthropic),
        UsageShape::Gemini => Some(&gemini::Gemini),
        UsageShape::Cohere => Some(&cohere::Cohere),
        UsageShape::Nothing => None,
    }
}

/// Takes over a model's name where one is given.
pub(super) fn read_model(value: &[u8], read: &mut Metered) {
    if let Ok(name) = serde_json::from_slice::<String>(value)
        && !name.is_empty()
    {
        read.model = Some(name);
    }
}
