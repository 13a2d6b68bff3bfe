//! `POST …/images/generations`, `…/images/edits` and `…/images/variations`

use super::CREATED;
use crate::sandbox::answer::Answer;
use crate::sandbox::double::Refusal;
use crate::sandbox::multipart::Form;
use crate::sandbox::request::Request;
use crate::sandbox::said::count;
use serde_json::{Value, json};

/// A PNG of one black pixel.
pub(in crate::sandbox) const PIXEL: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==";
/// What one picture costs.
const TOKENS_OF_IMAGE: u64 = 272;

/// As many pixels as were asked for, in JSON or in a form with pictures to change.
pub(in crate::sandbox) fn answer(request: &Request) -> Result<Answer, Refusal> {
    if request.is_form() {
        let form = Form::of(request)?;
        request.model(form.text("model").as_deref())?;
        // A variation has no prompt.
        let prompt = form.text("prompt").unwrap_or_default();
        return Ok(pictures(1, count(&prompt.into())));
    }
    let asked = request.asked()?;
    let prompt = count(asked.field("prompt")?);
    Ok(pictures(asked.body["n"].as_u64().unwrap_or(1).clamp(1, 10), prompt))
}

fn pictures(wanted: u64, prompt: u64) -> Answer {
    let data: Vec<Value> = (0..wanted).map(|_| json!({"b64_json": PIXEL})).collect();
    let output = wanted * TOKENS_OF_IMAGE;
    Answer::json(&json!({
        "created": CREATED,
        "data": data,
        "output_format": "png",
        "quality": "low",
        "size": "1024x1024",
        "usage": {
            "input_tokens": prompt,
            "input_tokens_details": {"text_tokens": prompt, "image_tokens": 0},
            "output_tokens": output,
            "output_tokens_details": {"text_tokens": 0, "image_tokens": output},
            "total_tokens": prompt + output,
        },
    }))
}
