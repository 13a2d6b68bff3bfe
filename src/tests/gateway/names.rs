//! OpenAI's calls under `/v1`, with models named `provider/model`.

use super::{PROMPT, SAID, assert_refused, bring, chat, key, messages};
use crate::harness::{Answer, TestApp};
use latchkey::providers::{self, OpenAiCall};
use latchkey::sandbox::Behaviour;
use serde_json::{Value, json};
use sqlx::PgPool;

/// Path, what it asks, and where an answer has the text.
fn calls() -> [(OpenAiCall, &'static str, Value); 3] {
    [
        (
            OpenAiCall::ChatCompletions,
            "/v1/chat/completions",
            json!({"messages": messages()}),
        ),
        (OpenAiCall::Responses, "/v1/responses", json!({"input": PROMPT})),
        (OpenAiCall::Embeddings, "/v1/embeddings", json!({"input": [PROMPT]})),
    ]
}

#[sqlx::test(migrations = false)]
async fn each_provider_that_speaks_the_shape_is_called_at_its_own_path(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    for provider in providers::catalogue() {
        let slug = provider.slug();
        let secret = key(slug, Behaviour::Valid, "own");
        bring(&app, slug, &secret).await;
        for (call, path, mut body) in calls() {
            body["model"] = json!(format!("{slug}/some/model"));
            let sent = body.to_string();
            app.sandbox.clear_calls();
            let answer = app
                .call("POST", path)
                .bearer(&token)
                .header("content-type", "application/json")
                .body(sent.clone())
                .send()
                .await;
            let Some(native) = provider.openai_path(call) else {
                assert_not_spoken(&answer, slug);
                assert!(app.sandbox.calls().is_empty());
                continue;
            };
            assert_eq!(answer.status.as_u16(), 200, "{slug}{native}: {}", answer.text());
            let seen = app.sandbox.calls().pop().unwrap();
            assert_eq!(
                (seen.slug, seen.path_and_query.as_str(), seen.key.as_str()),
                (slug, native, &*secret)
            );
            let named = format!("{slug}/some/model");
            assert_eq!(
                seen.body,
                sent.replace(&named, "some/model").as_bytes(),
                "the name changes, and nothing else"
            );
            if call == OpenAiCall::ChatCompletions {
                assert_eq!(answer.expect(200)["choices"][0]["message"]["content"], SAID);
            }
        }
    }
}

fn assert_not_spoken(answer: &Answer, slug: &str) {
    assert_refused(answer, 400, "not_spoken_by_provider");
    assert!(
        answer.text().contains(&format!("/gateway/{slug}/")),
        "it names a native path: {}",
        answer.text()
    );
}

#[sqlx::test(migrations = false)]
async fn a_stream_is_one_here_too(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "openai", &key("openai", Behaviour::Valid, "own")).await;
    let body = json!({"model": "openai/gpt", "messages": messages(), "stream": true});
    let answer = app
        .call("POST", "/v1/chat/completions")
        .bearer(&token)
        .json(body)
        .send()
        .await;
    assert!(answer.header("content-type").starts_with("text/event-stream"));
    assert!(answer.text().ends_with("data: [DONE]\n\n"), "{}", answer.text());
    assert!(!answer.text().contains("prompt_tokens"));
    assert!(answer.text().contains("\"model\":\"gpt\""));
}

#[sqlx::test(migrations = false)]
async fn what_names_no_model_is_refused_before_anybody_is_called(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "openai", &key("openai", Behaviour::Valid, "own")).await;
    let path = "/v1/chat/completions";
    let refused = async |body: String, kind: &str| {
        let call = app.call("POST", path).bearer(&token).header("content-type", kind);
        call.body(body).send().await
    };
    for model in [
        json!("gpt-4o-mini"),
        json!("/gpt-4o"),
        json!("openai/"),
        json!(""),
        json!(7),
        Value::Null,
    ] {
        let mut body = chat();
        body["model"] = model;
        assert_refused(
            &refused(body.to_string(), "application/json").await,
            400,
            "invalid_request",
        );
    }
    for body in ["", "{", "[]", "\"openai/gpt-4o\"", "{\"model\": \"openai/gpt-4o\""] {
        assert_refused(
            &refused(body.to_owned(), "application/json").await,
            400,
            "invalid_request",
        );
    }
    let twice = "{\"model\": \"openai/gpt-4o\", \"model\": \"xai/grok\", \"messages\": []}";
    let twice = refused(twice.to_owned(), "application/json").await;
    assert!(twice.status.is_client_error(), "two names are none: {}", twice.text());
    let named = chat().to_string().replace("some-model", "openai/gpt-4o");
    assert_refused(&refused(named.clone(), "text/plain").await, 400, "invalid_request");
    let stranger = named.replace("openai/", "nobody/");
    assert_refused(&refused(stranger, "application/json").await, 404, "not_found");

    assert_refused(
        &app.call("GET", path).bearer(&token).send().await,
        405,
        "method_not_allowed",
    );
    let models = app
        .call("POST", "/v1/models")
        .bearer(&token)
        .json(json!({}))
        .send()
        .await;
    assert_refused(&models, 405, "method_not_allowed");
    let wrong = app.call("POST", path).bearer("lk_api_wrong").json(chat()).send().await;
    assert_refused(&wrong, 401, "unauthenticated");
    assert!(app.sandbox.calls().is_empty());
}

#[sqlx::test(migrations = false)]
async fn the_models_of_every_key_are_listed_with_their_provider(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.allow_platform_keys().await;
    let token = app.project_token(&["use:gateway"]).await;
    let names = async || {
        let list = app.call("GET", "/v1/models").bearer(&token).send().await.expect(200);
        assert_eq!(list["object"], "list");
        let models = list["data"].as_array().unwrap().clone();
        let names = models.iter().map(|model| model["id"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    // The operator's key lists nothing: it never reads.
    assert_eq!(names().await, Vec::<String>::new());
    for slug in ["openai", "gemini", "groq"] {
        bring(&app, slug, &key(slug, Behaviour::Valid, "own")).await;
    }
    // A provider that is down is left out.
    bring(&app, "xai", &key("xai", Behaviour::Valid, "own")).await;
    app.sandbox.revoke(&key("xai", Behaviour::Valid, "own"));
    let named = super::eventually(async || {
        let names = names().await;
        let providers: std::collections::BTreeSet<_> =
            names.iter().map(|name| name.split('/').next().unwrap()).collect();
        (providers.len() == 3).then(|| names.clone())
    })
    .await;
    assert!(named.contains(&"openai/gpt-4o-mini".to_owned()), "{named:?}");
    assert!(named.iter().any(|name| name.starts_with("gemini/gemini-")), "{named:?}");
    assert!(!named.iter().any(|name| name.contains("models/")), "{named:?}");
    let sorted_by_provider: Vec<_> = named.iter().map(|name| name.split('/').next().unwrap()).collect();
    assert!(sorted_by_provider.is_sorted_by_key(|provider| sorted_by_provider.iter().position(|one| one == provider)));
}
