//! What a model of the sandbox says, and how many tokens that is: a word is a token.

use super::request::Request;
use serde_json::Value;

/// Characters of what was asked that the answer repeats.
const REPEATED: usize = 200;
/// Words of a long answer.
const LONG: usize = 200;
/// Tokens that reasoning models think, whatever is asked.
const REASONING: u64 = 2;

/// An answer's text and tokens.
pub(super) struct Said {
    /// All but the first begin with a blank, so that they are the text when joined.
    pub(super) words: Vec<String>,
    /// Whether the caller's limit cut it short.
    pub(super) is_cut: bool,
    pub(super) tokens: Tokens,
}

/// What an answer cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Tokens {
    /// All that was asked.
    pub(super) input: u64,
    /// The part of `input` that came out of a cache: a quarter.
    pub(super) cached: u64,
    /// The answer's words.
    pub(super) output: u64,
    /// What a reasoning model thought; not in `output`.
    pub(super) reasoning: u64,
}

impl Said {
    /// The answer to a conversation: `You said: <the last words of the user>`. `instructions` only count;
    /// `limit` is the most words wanted.
    pub(super) fn to(request: &Request, conversation: &Value, instructions: &Value, limit: Option<u64>) -> Self {
        let mut words = words_of(&format!("You said: {}", last_of_user(conversation)));
        if request.wants_long {
            let all = words.len();
            words = (0..LONG).map(|at| words[at % all].clone()).collect();
        }
        let limit = limit
            .and_then(|limit| usize::try_from(limit).ok())
            .unwrap_or(usize::MAX);
        let is_cut = words.len() > limit;
        words.truncate(limit.max(1));
        let input = count(conversation) + count(instructions);
        let words: Vec<String> = words
            .into_iter()
            .enumerate()
            .map(|(at, word)| if at == 0 { word } else { format!(" {word}") })
            .collect();
        let output = words.len() as u64;
        Self {
            words,
            is_cut,
            tokens: Tokens::of(input, output),
        }
    }

    pub(super) fn text(&self) -> String {
        self.words.concat()
    }
}

impl Tokens {
    /// With the cached and reasoning tokens that belong to so many.
    pub(super) fn of(input: u64, output: u64) -> Self {
        Self {
            input,
            cached: input / 4,
            output,
            reasoning: REASONING,
        }
    }

    /// Everything but what was thought.
    pub(super) fn sum(self) -> u64 {
        self.input + self.output
    }
}

/// How many words stand in a JSON value's texts.
pub(super) fn count(value: &Value) -> u64 {
    let words = texts(value).into_iter().map(|text| text.split_whitespace().count());
    words.sum::<usize>() as u64
}

/// The texts in the fields where the APIs have them, in order.
pub(super) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(values) => values.iter().flat_map(texts).collect(),
        Value::Object(fields) => {
            let known = ["text", "content", "parts"];
            known
                .iter()
                .filter_map(|name| fields.get(*name))
                .flat_map(texts)
                .collect()
        }
        _ => Vec::new(),
    }
}

fn last_of_user(conversation: &Value) -> String {
    let last = match conversation {
        Value::Array(turns) => turns.iter().rev().find(|turn| is_of_user(turn)),
        one => Some(one),
    };
    let said = last.map(texts).unwrap_or_default().join(" ");
    said.chars().take(REPEATED).collect()
}

/// A turn without a role is the user's (Gemini).
fn is_of_user(turn: &Value) -> bool {
    turn["role"].as_str().is_none_or(|role| role == "user")
}

fn words_of(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

/// The first of these fields that is a number.
pub(super) fn limit(body: &Value, fields: &[&str]) -> Option<u64> {
    fields.iter().find_map(|field| body[*field].as_u64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderMap, Method};
    use bytes::Bytes;
    use serde_json::json;

    fn said(conversation: &Value, limit: Option<u64>, wants_long: bool) -> Said {
        let request = Request {
            method: Method::POST,
            path: String::new(),
            query: None,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            wants_long,
        };
        Said::to(&request, conversation, &Value::Null, limit)
    }

    #[test]
    fn the_last_words_of_the_user_are_repeated_and_everything_is_counted() {
        let conversation = json!([
            {"role": "user", "content": "one two"},
            {"role": "user", "content": [{"type": "text", "text": "Grüße  an"}, {"type": "text", "text": "dich"}]},
            {"role": "assistant", "content": "three"},
        ]);
        let said = said(&conversation, None, false);
        assert_eq!(said.text(), "You said: Grüße an dich");
        assert_eq!(said.words, ["You", " said:", " Grüße", " an", " dich"]);
        assert_eq!(
            said.tokens,
            Tokens {
                input: 6,
                cached: 1,
                output: 5,
                reasoning: 2
            }
        );
    }

    #[test]
    fn a_long_question_is_repeated_in_part() {
        let said = said(&"ä".repeat(1000).into(), None, false);
        assert_eq!(said.text(), format!("You said: {}", "ä".repeat(200)));
    }

    #[test]
    fn a_limit_cuts_the_answer_but_never_to_nothing() {
        for (limit, text, is_cut) in [(0, "You", true), (2, "You said:", true), (3, "You said: Hello", false)] {
            let said = said(&"Hello".into(), Some(limit), false);
            assert_eq!((said.text().as_str(), said.is_cut), (text, is_cut), "{limit}");
        }
    }

    #[test]
    fn a_long_answer_has_200_words() {
        assert_eq!(said(&"Hello".into(), None, true).tokens.output, 200);
        assert_eq!(said(&"Hello".into(), Some(10), true).tokens.output, 10);
    }
}
