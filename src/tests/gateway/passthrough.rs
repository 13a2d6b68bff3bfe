//! Method, path, query, body and answer: as the provider would have got and given them without Latchkey.

use super::{CHAT, NATIVES, Native, PROMPT, SAID, bring, decide, eventually, key, undecided};
use crate::harness::{Received, Socket, TestApp};
use latchkey::sandbox::{Behaviour, SeenCall};
use latchkey::service::projects::GatewaySettingsChange;
use serde_json::{Value, json};
use sqlx::PgPool;

#[sqlx::test(migrations = false)]
async fn every_providers_calls_pass_untouched(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    for native in NATIVES {
        let secret = key(native.slug, Behaviour::Valid, "own");
        let id = bring(&app, native.slug, &secret).await;
        // Spelled as nobody would write it anew: blanks, the order of members, one that nobody knows.
        let body = format!("{{ \"zz\" : [1,  2.50e1], {}", &(native.body)().to_string()[1..]);
        let mark = if native.path.contains('?') { '&' } else { '?' };
        let path = format!("{}{mark}x=%20y&&flag", native.path);
        app.sandbox.clear_calls();
        let answer = native
            .call(&app, &path)
            .bearer(&token)
            .header("content-type", "application/json")
            .header("x-providers-own", "passes")
            .body(body.clone())
            .send()
            .await;
        assert_eq!(answer.status.as_u16(), 200, "{}: {}", native.slug, answer.text());
        assert_eq!(answer.header("x-latchkey-key-source"), "byok");
        assert_eq!(answer.header("x-latchkey-key-id"), id.to_string());

        let seen = only_call(&app);
        assert_eq!((seen.slug, seen.method.as_str()), (native.slug, "POST"));
        assert_eq!(seen.path_and_query, path.replace("&&", "&"));
        assert_eq!(seen.key, secret, "{}", native.slug);
        assert_eq!(seen.body, body.as_bytes(), "{}", native.slug);
        assert_eq!(seen.headers["x-providers-own"], "passes");
        assert_eq!(seen.headers["content-length"], body.len().to_string());

        let direct = direct(&app, native.slug, &path, &secret, &body).await;
        assert_eq!(answer.text(), direct.text());
        assert_eq!(answer.header("content-type"), direct.header("content-type").unwrap());
    }
}

#[sqlx::test(migrations = false)]
async fn every_providers_streams_pass_untouched(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    for native in NATIVES {
        let secret = key(native.slug, Behaviour::Valid, "own");
        bring(&app, native.slug, &secret).await;
        let mut body = native.streamed_body();
        if is_chat(native) {
            body["stream_options"] = json!({"include_usage": true});
        }
        let body = body.to_string();
        app.sandbox.clear_calls();
        let answer = native
            .call(&app, native.streamed_path)
            .bearer(&token)
            .header("content-type", "application/json")
            .body(body.clone())
            .send()
            .await;
        assert_eq!(only_call(&app).body, body.as_bytes(), "{}", native.slug);
        let direct = direct(&app, native.slug, native.streamed_path, &secret, &body).await;
        assert_eq!(answer.text(), direct.text(), "{}", native.slug);
        assert_eq!(answer.header("content-type"), direct.header("content-type").unwrap());
        assert!(answer.text().contains("colour"), "{}: {}", native.slug, answer.text());
    }
}

/// Who asks for no usage gets a stream without it, and the provider is asked for it all the same.
#[sqlx::test(migrations = false)]
async fn usage_is_asked_for_and_its_chunk_withheld(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    let secret = key("openai", Behaviour::Valid, "own");
    bring(&app, "openai", &secret).await;
    let stream = |options: Value| {
        let mut body = NATIVES[0].streamed_body();
        if !options.is_null() {
            body["stream_options"] = options;
        }
        let call = app.call("POST", CHAT).bearer(&token);
        (call.json(body.clone()), body.to_string())
    };

    let (unasked, body) = stream(Value::Null);
    app.sandbox.clear_calls();
    let unasked = unasked.send().await.text();
    let seen = only_call(&app);
    let sent: Value = serde_json::from_slice(&seen.body).unwrap();
    assert_eq!(sent["stream_options"], json!({"include_usage": true}));
    let sent_text = String::from_utf8(seen.body.to_vec()).unwrap();
    let added = "\"stream_options\":{\"include_usage\":true}";
    let without = sent_text
        .replace(&format!("{added},"), "")
        .replace(&format!(",{added}"), "");
    assert_eq!(without, body, "all else stays as it was written");
    let asked = direct(&app, "openai", "/v1/chat/completions", &secret, &sent.to_string()).await;
    let usage = asked
        .text()
        .split_inclusive("\n\n")
        .find(|event| event.contains("\"choices\":[]"))
        .unwrap()
        .to_owned();
    assert_eq!(
        unasked,
        asked.text().replace(&usage, ""),
        "the one chunk is missing, and nothing else"
    );
    assert!(unasked.ends_with("data: [DONE]\n\n"));

    for refused in [json!({"include_usage": false}), json!({"include_usage": true})] {
        let (call, body) = stream(refused.clone());
        app.sandbox.clear_calls();
        let answer = call.send().await.text();
        assert_eq!(
            only_call(&app).body,
            body.as_bytes(),
            "who says something is left alone"
        );
        assert_eq!(answer.contains("prompt_tokens"), refused["include_usage"] == true);
    }

    let without = GatewaySettingsChange {
        adds_stream_usage: false,
        ..undecided()
    };
    decide(&app, &app.own.project, without).await;
    eventually(async || {
        let (call, body) = stream(Value::Null);
        app.sandbox.clear_calls();
        call.send().await;
        (only_call(&app).body == body.as_bytes()).then_some(())
    })
    .await;
}

#[sqlx::test(migrations = false)]
async fn bodies_that_are_no_json_and_large_ones_pass(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "openai", &key("openai", Behaviour::Valid, "own")).await;
    let form = "--edge\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--edge\r\n\
                content-disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF\0\u{1}\r\n--edge--\r\n";
    let answer = app
        .call("POST", "/gateway/openai/v1/audio/transcriptions")
        .bearer(&token)
        .header("content-type", "multipart/form-data; boundary=edge")
        .body(form)
        .send()
        .await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    assert_eq!(app.sandbox.calls().pop().unwrap().body, form.as_bytes());

    // Within and beyond what is kept to be sent again, with and without a length said.
    let server = app.listen().await;
    for (padding, says_length) in [(3 << 20, true), (3 << 20, false), (9, false)] {
        let mut body = super::chat();
        body["padding"] = json!("x".repeat(padding));
        let body = body.to_string();
        let (half, rest) = body.split_at(body.len() / 2);
        let (how, body_sent) = if says_length {
            (format!("content-length: {}", body.len()), body.clone())
        } else {
            let chunks = [half, rest, ""].map(|chunk| format!("{:x}\r\n{chunk}\r\n", chunk.len()));
            ("transfer-encoding: chunked".to_owned(), chunks.concat())
        };
        let mut socket = Socket::connect(server.address).await;
        let head = format!("POST {CHAT} HTTP/1.1\r\nhost: latchkey\r\nauthorization: Bearer {token}\r\n{how}");
        socket
            .send(format!("{head}\r\ncontent-type: application/json\r\n\r\n{body_sent}"))
            .await;
        let answer = socket.answer().await.unwrap();
        assert!(
            answer.status == 200 && answer.text().contains(SAID),
            "{}",
            answer.text()
        );
        let seen = app.sandbox.calls().pop().unwrap();
        assert_eq!(seen.body, body.as_bytes());
        // What is kept has a length, and what passes has the one that it came with.
        let is_kept = padding < 1 << 20;
        assert_eq!(seen.headers.contains_key("content-length"), says_length || is_kept);
    }
}

#[sqlx::test(migrations = false)]
async fn an_error_of_the_providers_stays_the_providers(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    for native in NATIVES {
        let secret = key(native.slug, Behaviour::Valid, "own");
        bring(&app, native.slug, &secret).await;
        let path = native
            .path
            .replace("some-model", "no-such-model")
            .replace("gemini-flash-latest", "no-such-model");
        let mut body = (native.body)();
        if native.slug != "gemini" {
            body["model"] = json!("no-such-model");
        }
        let answer = native.call(&app, &path).bearer(&token).json(body.clone()).send().await;
        let direct = direct(&app, native.slug, &path, &secret, &body.to_string()).await;
        assert!(answer.status.is_client_error());
        assert_eq!(
            (answer.status.as_u16(), answer.text()),
            (direct.status, direct.text()),
            "{}",
            native.slug
        );
        assert_eq!(answer.header("x-latchkey-key-source"), "byok");
        assert_eq!(answer.header("x-latchkey-error"), "");
        assert!(!answer.text().contains(PROMPT));
    }
}

/// Whether `stream_options` is a thing there.
fn is_chat(native: &Native) -> bool {
    !matches!(native.slug, "anthropic" | "gemini" | "cohere" | "mistral")
}

/// The call that reached a provider.
fn only_call(app: &TestApp) -> SeenCall {
    let mut calls = app.sandbox.calls();
    assert_eq!(calls.len(), 1, "{calls:?}");
    calls.remove(0)
}

/// The same call without Latchkey.
async fn direct(app: &TestApp, provider: &str, path: &str, secret: &str, body: &str) -> Received {
    let prefix = if provider == "azure_openai" {
        String::new()
    } else {
        format!("/providers/{provider}")
    };
    let credential = match provider {
        "anthropic" => format!("anthropic-version: 2023-06-01\r\nx-api-key: {secret}"),
        "gemini" => format!("x-goog-api-key: {secret}"),
        "azure_openai" => format!("api-key: {secret}"),
        _ => format!("authorization: Bearer {secret}"),
    };
    let mut socket = Socket::connect(app.sandbox.address()).await;
    let length = body.len();
    socket
        .send(format!(
            "POST {prefix}{path} HTTP/1.1\r\nhost: sandbox\r\n{credential}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n{body}"
        ))
        .await;
    socket.answer().await.unwrap()
}
