//! Latchkey's own errors: stable codes, in the shape that each provider's SDK reads.

use super::{CHAT, NATIVES, assert_refused, bring, bring_to, chat, chat_call, key, project, set};
use crate::harness::{Setup, TestApp};
use latchkey::domain::GatewayLimits;
use latchkey::sandbox::Behaviour;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::time::Duration;

#[sqlx::test(migrations = false)]
async fn an_error_is_in_the_providers_own_shape(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    for native in NATIVES {
        for (bearer, status, code) in [(&*token, 403, "no_key"), ("lk_api_wrong", 401, "unauthenticated")] {
            let call = native.call(&app, native.path).bearer(bearer);
            let answer = call.json((native.body)()).send().await;
            assert_refused(&answer, status, code);
            let body = answer.expect(status);
            let message = match native.slug {
                "anthropic" => {
                    assert_eq!(body["type"], "error");
                    &body["error"]["message"]
                }
                "gemini" => {
                    assert_eq!(body["error"]["code"], status);
                    &body["error"]["message"]
                }
                "cohere" => &body["message"],
                "mistral" => {
                    assert_eq!(body["object"], "error");
                    &body["message"]
                }
                "xai" => &body["error"],
                _ => {
                    assert_eq!(body["error"]["param"], Value::Null);
                    &body["error"]["message"]
                }
            };
            let message = message.as_str().unwrap();
            let says = if code == "no_key" {
                "/projects/main/keys"
            } else {
                "lk_api_"
            };
            assert!(message.contains(says), "{}: {message}", native.slug);
        }
    }
}

/// A path in OpenAI's or Anthropic's shape is called with that one's SDK, whoever's path it is.
#[sqlx::test(migrations = false)]
async fn an_error_is_in_the_shape_of_the_path(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    for path in [
        "/gateway/anthropic/v1/chat/completions",
        "/gateway/gemini/v1beta/openai/chat/completions",
    ] {
        let refused = app.call("POST", path).bearer(&token).json(chat()).send().await;
        assert_eq!(refused.expect(403)["error"]["code"], "no_key", "{path}");
    }
    let path = "/gateway/xai/v1/messages";
    let refused = app.call("POST", path).bearer(&token).json(chat()).send().await;
    assert_eq!(refused.expect(403)["type"], "error");
}

#[sqlx::test(migrations = false)]
async fn who_may_not_call_is_told_why_and_nothing_more(pool: PgPool) {
    let app = TestApp::start(pool).await;
    bring(&app, "openai", &key("openai", Behaviour::Valid, "own")).await;
    let whole = app.token(&["use:gateway"]).await;
    assert_refused(&chat_call(&app, &whole).send().await, 400, "project_needed");
    for (project, status) in [("main", 200), ("none", 404), ("../main", 404), ("", 404)] {
        let answer = chat_call(&app, &whole)
            .header("x-latchkey-project", project)
            .send()
            .await;
        assert_eq!(answer.status.as_u16(), status, "{project:?}: {}", answer.text());
    }
    let id = app.own.project.id.to_string();
    let named = chat_call(&app, &whole).header("x-latchkey-project", &id).send().await;
    assert_eq!(named.status.as_u16(), 200);

    // A token of one project stays there, and another organization's projects do not exist.
    let other = project(&app, "Other").await;
    let own = app.project_token(&["use:gateway"]).await;
    let foreign = app.foreign.project.id.to_string();
    for elsewhere in [other.id.to_string(), other.slug.to_string(), foreign] {
        let strayed = chat_call(&app, &own)
            .header("x-latchkey-project", &elsewhere)
            .send()
            .await;
        assert_refused(&strayed, 404, "not_found");
    }
    let stranger = app.foreign_token().await;
    for theirs in [id, other.id.to_string()] {
        let strayed = chat_call(&app, &stranger)
            .header("x-latchkey-project", &theirs)
            .send()
            .await;
        assert_refused(&strayed, 404, "not_found");
    }

    let reader = app.project_token(&["read:byok", "write:byok"]).await;
    assert_refused(&chat_call(&app, &reader).send().await, 403, "insufficient_scope");
    let expiring = app.expiring_token(1).await;
    let call = || chat_call(&app, &expiring).header("x-latchkey-project", "main");
    assert_eq!(call().send().await.status.as_u16(), 200);
    app.pass(Duration::from_hours(25));
    assert_refused(&call().send().await, 401, "unauthenticated");
    for bearer in [
        "",
        "lk_api_",
        "sk-proj-not-ours",
        &own[..own.len() - 1],
        &own.replace("lk_api", "lk_setup"),
    ] {
        assert_refused(&chat_call(&app, bearer).send().await, 401, "unauthenticated");
    }
    assert_refused(
        &app.call("POST", CHAT).json(chat()).send().await,
        401,
        "unauthenticated",
    );
}

#[sqlx::test(migrations = false)]
async fn notes_that_are_none_are_refused(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "openai", &key("openai", Behaviour::Valid, "own")).await;
    for (name, value) in [
        ("x-latchkey-session", "s".repeat(129)),
        ("x-latchkey-labels", "no-pair".to_owned()),
        (
            "x-latchkey-labels",
            "a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1,i=1,j=1,k=1,l=1,m=1,n=1,o=1,p=1,q=1".to_owned(),
        ),
    ] {
        let answer = chat_call(&app, &token).header(name, &value).send().await;
        assert_refused(&answer, 400, "invalid_request");
    }
}

#[sqlx::test(migrations = false)]
async fn a_body_larger_than_the_limit_is_refused(pool: PgPool) {
    let limits = GatewayLimits {
        body: 2 << 20,
        ..GatewayLimits::default()
    };
    let app = TestApp::start_with(
        pool,
        Setup {
            limits,
            ..Setup::default()
        },
    )
    .await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "openai", &key("openai", Behaviour::Valid, "own")).await;
    let mut body = chat();
    body["model"] = json!("openai/some-model");
    body["padding"] = json!("x".repeat(3 << 20));
    for path in [CHAT, "/v1/chat/completions"] {
        let call = || app.call("POST", path).bearer(&token).json(body.clone());
        assert_refused(&call().send().await, 413, "request_too_large");
        assert_refused(&call().chunked().send().await, 413, "request_too_large");
    }
    assert!(app.sandbox.calls().is_empty());
}

#[sqlx::test(migrations = false)]
async fn a_provider_that_says_nothing_or_breaks_off_is_an_error_of_its_own(pool: PgPool) {
    let limits = GatewayLimits {
        first_byte: Duration::from_millis(300),
        idle: Duration::from_millis(300),
        ..GatewayLimits::default()
    };
    let app = TestApp::start_with(
        pool,
        Setup {
            limits,
            ..Setup::default()
        },
    )
    .await;
    app.allow_platform_keys().await;
    let token = app.token(&["use:gateway"]).await;
    for (behaviour, status, code) in [
        (Behaviour::Hanging, 504, "upstream_timeout"),
        (Behaviour::Redirect, 502, "upstream_unreachable"),
    ] {
        let name = behaviour.word();
        let project = project(&app, name).await;
        let id = bring_to(&app, &project, "openai", &key("openai", behaviour, "own")).await;
        set(
            &app,
            id,
            "is_active = true, checked_at = now(), health_reason = null, health_message = null",
        )
        .await;
        let answer = chat_call(&app, &token).header("x-latchkey-project", name).send().await;
        assert_refused(&answer, status, code);
        assert_eq!(
            answer.header("x-latchkey-key-source"),
            "byok",
            "nobody knows what the provider did: no second call"
        );
    }
    assert_eq!(app.sandbox.redirect_hits(), 0);
}
