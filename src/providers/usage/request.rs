//! What the gateway must know of a request's JSON body, and the few edits it makes to it.
//!
//! A body is never written anew: an edit replaces or inserts the bytes of one member, and all others stay as
//! they came.

#[cfg(test)]
mod tests;

use super::members::find_members;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::ops::Range;

/// Why a request's body cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// It is not JSON.
    #[error("the request's body is not valid JSON")]
    NotJson,
    /// It is JSON, but no object.
    #[error("the request's body must be a JSON object")]
    NotAnObject,
    /// A member that the gateway reads stands there twice, so that gateway and provider could disagree.
    #[error("the request's body names {0:?} twice; name it once")]
    Duplicate(&'static str),
    /// It is nested too deep to be looked through.
    #[error("the request's body is nested too deep")]
    TooDeep,
}

/// What the gateway must know of a JSON request body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestFacts<'body> {
    /// The model asked for; `None` when none is named, or by anything but a text.
    pub model: Option<Cow<'body, str>>,
    /// Whether it asks for a stream.
    pub streams: bool,
    /// `stream_options.include_usage`; `None` when absent or `null`.
    pub asks_for_usage: Option<bool>,
    /// Directly behind the opening brace.
    start: usize,
    /// Whether it has no member at all.
    is_empty: bool,
    /// Where the model's value stands.
    model_at: Option<Range<usize>>,
    /// Where the value of `store` stands.
    store_at: Option<Range<usize>>,
    /// How a stream is made to report usage.
    usage_edit: UsageEdit,
}

/// What to change in a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Edits<'edit> {
    /// Another model name.
    pub model: Option<&'edit str>,
    /// `stream_options.include_usage: true`.
    pub stream_usage: bool,
    /// `store: false`.
    pub no_store: bool,
}

/// Where `include_usage: true` is written.
#[derive(Clone, Debug, PartialEq, Eq)]
enum UsageEdit {
    /// There are no options yet.
    NewOptions,
    /// The options are `null`.
    Options(Range<usize>),
    /// There are options without it; here they begin. `true`: there are none in the braces.
    Member(usize, bool),
    /// It is there, with another value.
    Value(Range<usize>),
    /// The options are no object: the provider shall refuse them.
    Never,
}

impl<'body> RequestFacts<'body> {
    /// Reads the top level of a body, in one pass.
    ///
    /// # Errors
    ///
    /// When it is no JSON object, or names one of the members read here twice.
    pub fn read(body: &'body [u8]) -> Result<Self, RequestError> {
        let top = find_members(body, &["model", "stream", "stream_options", "store"])?;
        let [model, stream, stream_options, store] = top.values;
        let start = body.iter().position(|byte| *byte == b'{').map_or(0, |brace| brace + 1);
        let span = |value: &'body RawValue| span_in(body, value.get());
        let (asks_for_usage, usage_edit) = match stream_options {
            None => (None, UsageEdit::NewOptions),
            Some(options) => read_stream_options(options, span(options))?,
        };
        Ok(Self {
            model: model
                .and_then(|model| serde_json::from_str::<Text<'body>>(model.get()).ok())
                .map(|model| model.0),
            streams: stream.is_some_and(|stream| stream.get() == "true"),
            asks_for_usage,
            start,
            is_empty: top.is_empty,
            model_at: model.map(span),
            store_at: store.map(span),
            usage_edit,
        })
    }

    /// The body with these edits, all else byte-identical. `body` is the one that was read.
    #[must_use]
    pub fn edited(&self, body: &[u8], edits: Edits<'_>) -> Vec<u8> {
        let mut changes = Changes {
            new_members: Vec::new(),
            replaced: Vec::new(),
        };
        if let Some(model) = edits.model {
            changes.set(
                "model",
                self.model_at.as_ref(),
                serde_json::Value::from(model).to_string(),
            );
        }
        if edits.no_store {
            changes.set("store", self.store_at.as_ref(), "false".to_owned());
        }
        if edits.stream_usage {
            self.ask_for_usage(&mut changes);
        }
        changes.apply(body, self.start, self.is_empty)
    }

    /// The body with `stream_options.include_usage: true`.
    #[must_use]
    pub fn with_stream_usage(&self, body: &[u8]) -> Vec<u8> {
        self.edited(
            body,
            Edits {
                stream_usage: true,
                ..Edits::default()
            },
        )
    }

    /// The body with another model name.
    #[must_use]
    pub fn with_model(&self, body: &[u8], model: &str) -> Vec<u8> {
        self.edited(
            body,
            Edits {
                model: Some(model),
                ..Edits::default()
            },
        )
    }

    /// The body with `store: false`.
    #[must_use]
    pub fn without_storing(&self, body: &[u8]) -> Vec<u8> {
        self.edited(
            body,
            Edits {
                no_store: true,
                ..Edits::default()
            },
        )
    }

    fn ask_for_usage(&self, changes: &mut Changes) {
        let options = || r#"{"include_usage":true}"#.to_owned();
        match &self.usage_edit {
            UsageEdit::NewOptions => changes.set("stream_options", None, options()),
            UsageEdit::Options(at) => changes.replaced.push((at.clone(), options())),
            UsageEdit::Member(at, is_empty) => {
                let comma = if *is_empty { "" } else { "," };
                changes
                    .replaced
                    .push((*at..*at, format!(r#""include_usage":true{comma}"#)));
            }
            UsageEdit::Value(at) => changes.replaced.push((at.clone(), "true".to_owned())),
            UsageEdit::Never => {}
        }
    }
}

/// Changes to a body.
struct Changes {
    new_members: Vec<String>,
    replaced: Vec<(Range<usize>, String)>,
}

impl Changes {
    fn set(&mut self, name: &str, at: Option<&Range<usize>>, value: String) {
        match at {
            Some(at) => self.replaced.push((at.clone(), value)),
            None => self.new_members.push(format!("\"{name}\":{value}")),
        }
    }

    fn apply(mut self, body: &[u8], start: usize, is_empty: bool) -> Vec<u8> {
        if !self.new_members.is_empty() {
            let comma = if is_empty { "" } else { "," };
            self.replaced.push((start..start, self.new_members.join(",") + comma));
        }
        self.replaced.sort_by_key(|(at, _)| at.start);
        let added: usize = self.replaced.iter().map(|(_, text)| text.len()).sum();
        let mut edited = Vec::with_capacity(body.len() + added);
        let mut from = 0;
        for (at, text) in &self.replaced {
            edited.extend_from_slice(&body[from..at.start]);
            edited.extend_from_slice(text.as_bytes());
            from = at.end;
        }
        edited.extend_from_slice(&body[from..]);
        edited
    }
}

/// `options` stands at `at` in the body.
fn read_stream_options(options: &RawValue, at: Range<usize>) -> Result<(Option<bool>, UsageEdit), RequestError> {
    let json = options.get();
    if json == "null" {
        return Ok((None, UsageEdit::Options(at)));
    }
    if !json.starts_with('{') {
        return Ok((None, UsageEdit::Never));
    }
    let read = find_members(json.as_bytes(), &["include_usage"])?;
    let [include_usage] = read.values;
    Ok(match include_usage {
        None => (None, UsageEdit::Member(at.start + 1, read.is_empty)),
        Some(value) => {
            let within = span_in(json.as_bytes(), value.get());
            let edit = UsageEdit::Value(at.start + within.start..at.start + within.end);
            (serde_json::from_str(value.get()).ok(), edit)
        }
    })
}

/// Where a part of a text, which borrows from it, stands in it.
fn span_in(whole: &[u8], part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

#[derive(Deserialize)]
struct Text<'json>(#[serde(borrow)] Cow<'json, str>);
