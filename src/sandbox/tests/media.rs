//! Embeddings, models, pictures, sound: what is not text that is spoken.

use super::{Caller, Event, events, joined};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn texts_are_embedded_as_numbers_and_in_base64() {
    let caller = Caller::start().await;
    for (slug, path) in [
        ("openai", "/v1/embeddings"),
        (
            "azure_openai",
            "/openai/deployments/some-model/embeddings?api-version=2024-10-21",
        ),
        ("gemini", "/v1beta/openai/embeddings"),
        ("xai", "/v1/embeddings"),
        ("openrouter", "/api/v1/embeddings"),
        ("mistral", "/v1/embeddings"),
        ("groq", "/openai/v1/embeddings"),
        ("together", "/v1/embeddings"),
        ("fireworks", "/inference/v1/embeddings"),
        ("cohere", "/compatibility/v1/embeddings"),
    ] {
        let body = json!({"model": "some-model", "input": ["Hello there", "you"], "dimensions": 4});
        let numbers = caller.post(slug, path, &body).await;
        assert_eq!(numbers["model"], "some-model", "{slug}");
        assert_eq!(
            numbers["usage"],
            json!({"prompt_tokens": 3, "total_tokens": 3}),
            "{slug}"
        );
        let vector: Vec<f32> = serde_json::from_value(numbers["data"][1]["embedding"].clone()).unwrap();
        assert_eq!(vector.len(), 4, "{slug}");

        let mut body = body;
        body["encoding_format"] = "base64".into();
        let encoded = caller.post(slug, path, &body).await;
        let bytes = STANDARD
            .decode(encoded["data"][1]["embedding"].as_str().unwrap())
            .unwrap();
        let decoded: Vec<f32> = bytes
            .chunks_exact(4)
            .map(|four| f32::from_le_bytes(four.try_into().unwrap()))
            .collect();
        assert_eq!(decoded, vector, "{slug}");
    }
}

#[tokio::test]
async fn an_input_of_tokens_is_one_text() {
    let caller = Caller::start().await;
    let body = json!({"model": "text-embedding-3-small", "input": [1, 2, 3]});
    let answer = caller.post("openai", "/v1/embeddings", &body).await;
    assert_eq!(answer["data"].as_array().unwrap().len(), 1);
    assert_eq!(answer["usage"]["prompt_tokens"], 3);
}

#[tokio::test]
async fn models_are_listed_and_told_of() {
    let caller = Caller::start().await;
    for (slug, path) in [
        ("openai", "/v1/models"),
        ("azure_openai", "/openai/v1/models"),
        ("xai", "/v1/models"),
        ("mistral", "/v1/models"),
        ("groq", "/openai/v1/models"),
        ("fireworks", "/inference/v1/models"),
    ] {
        let list = caller.get(slug, path).await;
        assert_eq!(list["object"], "list", "{slug}");
        let first = &list["data"][0];
        let one = caller
            .get(slug, &format!("{path}/{}", first["id"].as_str().unwrap()))
            .await;
        assert_eq!(one, *first, "{slug}");
    }
    assert_eq!(
        caller.get("deepseek", "/models").await["data"][0]["id"],
        "deepseek-chat"
    );
    let bare = caller.get("together", "/v1/models").await;
    assert!(bare.is_array(), "Together's list has no object around it");
    let encoded = bare[0]["id"].as_str().unwrap().replace('/', "%2F");
    let one = caller.get("together", &format!("/v1/models/{encoded}")).await;
    assert_eq!(one["id"], bare[0]["id"]);
}

#[tokio::test]
async fn pictures_are_made_and_changed() {
    let caller = Caller::start().await;
    for (slug, path) in [
        ("openai", "/v1/images/generations"),
        ("azure_openai", "/openai/v1/images/generations"),
        ("gemini", "/v1beta/openai/images/generations"),
        ("xai", "/v1/images/generations"),
        ("together", "/v1/images/generations"),
        ("xai", "/v1/images/edits"),
    ] {
        let body = json!({"model": "gpt-image-1", "prompt": "a black pixel", "n": 2});
        let answer = caller.post(slug, path, &body).await;
        assert_eq!(answer["data"].as_array().unwrap().len(), 2, "{slug}");
        let picture = STANDARD
            .decode(answer["data"][0]["b64_json"].as_str().unwrap())
            .unwrap();
        assert!(picture.starts_with(b"\x89PNG"), "{slug}");
        assert_eq!(answer["usage"]["total_tokens"], 3 + 2 * 272, "{slug}");
    }
    let fields = [("model", "gpt-image-1"), ("prompt", "make it white")];
    let answer = upload(&caller, "openai", "/v1/images/edits", &fields).await;
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["usage"]["input_tokens"], 3);
}

#[tokio::test]
async fn a_text_is_spoken() {
    let caller = Caller::start().await;
    for (slug, path) in [
        ("openai", "/v1/audio/speech"),
        (
            "azure_openai",
            "/openai/deployments/tts/audio/speech?api-version=2024-10-21",
        ),
        ("groq", "/openai/v1/audio/speech"),
        ("together", "/v1/audio/speech"),
    ] {
        let body = json!({"model": "tts-1", "voice": "alloy", "input": "Hello"});
        let answer = caller.send(slug, path, &body).await;
        assert_eq!(answer.headers()["content-type"], "audio/mpeg", "{slug}");
        let sound = answer.bytes().await.unwrap();
        assert_eq!(sound.len(), 3 * 417, "{slug}");
        assert!(sound.starts_with(b"\xff\xfb"), "{slug}");
    }
}

/// Sends a form with a file of five bytes.
async fn upload(caller: &Caller, slug: &str, path: &str, fields: &[(&str, &str)]) -> String {
    let parts = fields.iter().map(|(name, value)| {
        format!("--sandbox\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    });
    let mut body: String = parts.collect();
    body += "--sandbox\r\nContent-Disposition: form-data; name=\"file\"; filename=\"hello.wav\"\r\n";
    body += "Content-Type: audio/wav\r\n\r\nRIFF.\r\n--sandbox--\r\n";
    let request = caller.request(Method::POST, slug, path).body(body);
    let request = request.header("content-type", "multipart/form-data; boundary=sandbox");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{slug} {path}");
    answer.text().await.unwrap()
}

const HEARD: &str = "You said: 5 bytes of hello.wav";

#[tokio::test]
async fn sound_is_written_down() {
    let caller = Caller::start().await;
    for (slug, path) in [
        ("openai", "/v1/audio/transcriptions"),
        ("openai", "/v1/audio/translations"),
        ("azure_openai", "/openai/v1/audio/transcriptions"),
        ("mistral", "/v1/audio/transcriptions"),
        ("groq", "/openai/v1/audio/transcriptions"),
        ("together", "/v1/audio/transcriptions"),
    ] {
        let answer = upload(&caller, slug, path, &[("model", "whisper-1")]).await;
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["text"], HEARD, "{slug}");
        assert_eq!(answer["usage"]["output_tokens"], 6, "{slug}");
    }
    let path = "/v1/audio/transcriptions";
    let text = upload(
        &caller,
        "openai",
        path,
        &[("model", "whisper-1"), ("response_format", "text")],
    )
    .await;
    assert_eq!(text, HEARD);
    let text = upload(&caller, "openai", path, &[("model", "whisper-1"), ("stream", "true")]).await;
    let events: Vec<Event> = events(&text);
    assert_eq!(joined(&events, "/delta"), HEARD);
    assert_eq!(events.last().unwrap().value()["text"], HEARD);
}

#[tokio::test]
async fn a_form_without_a_file_is_refused() {
    let caller = Caller::start().await;
    let path = "/v1/audio/transcriptions";
    let part = "--sandbox\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--sandbox--\r\n";
    for kind in ["multipart/form-data; boundary=sandbox", "application/json"] {
        let request = caller
            .request(Method::POST, "openai", path)
            .header("content-type", kind);
        assert_eq!(request.body(part).send().await.unwrap().status(), 400, "{kind}");
    }
}

#[tokio::test]
async fn texts_are_moderated() {
    let caller = Caller::start().await;
    for (slug, path) in [
        ("openai", "/v1/moderations"),
        ("mistral", "/v1/moderations"),
        ("mistral", "/v1/chat/classifications"),
    ] {
        let answer = caller.post(slug, path, &json!({"input": ["Hello", "there"]})).await;
        assert_eq!(answer["model"], "omni-moderation-latest", "{slug}");
        assert_eq!(answer["results"].as_array().unwrap().len(), 2, "{slug}");
        assert_eq!(answer["results"][1]["categories"]["violence/graphic"], false, "{slug}");
    }
}

#[tokio::test]
async fn tokens_are_counted_and_told() {
    let caller = Caller::start().await;
    let body = json!({"model": "gpt-4o", "instructions": "Greet", "input": "Hello there"});
    let counted = caller.post("openai", "/v1/responses/input_tokens", &body).await;
    assert_eq!(counted["input_tokens"], 3);
    let compacted = caller.post("openai", "/v1/responses/compact", &body).await;
    assert_eq!(compacted["output"][0]["type"], "compaction");
    let body = json!({"model": "grok-4", "text": "Hello there"});
    let tokens = caller.post("xai", "/v1/tokenize-text", &body).await;
    assert_eq!(tokens["token_ids"][1]["string_token"], "there");
}

#[tokio::test]
async fn fireworks_draws_a_picture_at_once() {
    let caller = Caller::start().await;
    let path = "/inference/v1/workflows/accounts/fireworks/models/flux-1/text_to_image";
    let answer = caller
        .send("fireworks", path, &json!({"prompt": "a black pixel"}))
        .await;
    assert_eq!(answer.headers()["content-type"], "image/png");
    assert!(answer.bytes().await.unwrap().starts_with(b"\x89PNG"));
}

#[tokio::test]
async fn openrouter_hears_sound_in_json() {
    let caller = Caller::start().await;
    let body = json!({"model": "openai/whisper-1", "input_audio": {"data": "UklGRg==", "format": "wav"}});
    let answer = caller.post("openrouter", "/api/v1/audio/transcriptions", &body).await;
    assert_eq!(answer["text"], "You said: 8 letters of sound");
}

#[tokio::test]
async fn documents_are_ranked() {
    let caller = Caller::start().await;
    for (slug, path) in [("together", "/v1/rerank"), ("fireworks", "/inference/v1/rerank")] {
        let body = json!({"model": "some-model", "query": "Hello", "documents": ["a", "b c"]});
        let answer = caller.post(slug, path, &body).await;
        assert_eq!(answer["results"].as_array().unwrap().len(), 2, "{slug}");
        assert_eq!(answer["usage"]["prompt_tokens"], 4, "{slug}");
    }
}

#[tokio::test]
async fn fireworks_tells_of_cached_tokens_in_a_header() {
    let caller = Caller::start().await;
    let content = "one two three four five six seven eight";
    let body = json!({"model": "some-model", "messages": [{"role": "user", "content": content}]});
    let answer = caller.send("fireworks", "/inference/v1/chat/completions", &body).await;
    assert_eq!(answer.headers()["fireworks-cached-prompt-tokens"], "2");
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["usage"]["prompt_tokens_details"]["cached_tokens"], 2);
}
