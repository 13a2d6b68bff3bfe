//! `POST …/audio/speech` and `…/audio/transcriptions`

use crate::sandbox::answer::{Answer, Stream};
use crate::sandbox::double::Refusal;
use crate::sandbox::multipart::Form;
use crate::sandbox::request::Request;
use crate::sandbox::said::{Said, Tokens};
use crate::sandbox::sse::{self, EVENT_STREAM};
use serde_json::{Value, json};

/// The head of an MP3 frame; what follows it is silence.
const FRAME_HEAD: [u8; 4] = [0xff, 0xfb, 0x90, 0x00];
const FRAME_BYTES: usize = 417;

/// A frame of silence for each word, sent one by one.
pub(in crate::sandbox) fn speech(request: &Request) -> Result<Answer, Refusal> {
    let asked = request.asked()?;
    let said = Said::to(request, asked.field("input")?, &Value::Null, None);
    let mut frame = FRAME_HEAD.to_vec();
    frame.resize(FRAME_BYTES, 0);
    let words = said.words.into_iter().map(move |_| frame.clone().into());
    let stream = Stream {
        head: Vec::new(),
        words: Box::new(words),
        tail: Vec::new(),
        // There is no place for words in sound.
        error: |_, _| bytes::Bytes::new(),
    };
    Ok(Answer::stream("audio/mpeg", stream))
}

/// Says how much was heard: `You said: 5 bytes of hello.wav`.
pub(in crate::sandbox) fn transcription(request: &Request) -> Result<Answer, Refusal> {
    if !request.is_form() {
        return in_json(request);
    }
    let form = Form::of(request)?;
    request.model(form.text("model").as_deref())?;
    let file = form.file("file").ok_or(Refusal::Missing { field: "file" })?;
    let heard = format!("{} bytes of {}", file.bytes, file.name);
    let said = Said::to(request, &heard.into(), &Value::Null, None);
    if form.text("stream").as_deref() == Some("true") {
        return Ok(Answer::stream(EVENT_STREAM, streamed(said)));
    }
    match form.text("response_format").as_deref() {
        Some("text") => Ok(Answer::bytes("text/plain; charset=utf-8", said.text())),
        _ => Ok(Answer::json(&json!({"text": said.text(), "usage": usage(said.tokens)}))),
    }
}

/// Sound in base64 (OpenRouter).
fn in_json(request: &Request) -> Result<Answer, Refusal> {
    let asked = request.asked()?;
    let sound = asked.field("input_audio")?["data"].as_str().unwrap_or_default();
    let heard = format!("{} letters of sound", sound.len());
    let said = Said::to(request, &heard.into(), &Value::Null, None);
    Ok(Answer::json(&json!({"text": said.text(), "usage": usage(said.tokens)})))
}

fn streamed(said: Said) -> Stream {
    let done = json!({"type": "transcript.text.done", "text": said.text(), "usage": usage(said.tokens)});
    let words = said.words.into_iter();
    let words = words.map(|word| sse::data(&json!({"type": "transcript.text.delta", "delta": word})));
    Stream {
        head: Vec::new(),
        words: Box::new(words),
        tail: vec![sse::data(&done)],
        error: |refusal, _| sse::data(refusal),
    }
}

fn usage(tokens: Tokens) -> Value {
    json!({
        "type": "tokens",
        "input_tokens": tokens.input,
        "input_token_details": {"text_tokens": 0, "audio_tokens": tokens.input},
        "output_tokens": tokens.output,
        "total_tokens": tokens.sum(),
    })
}
