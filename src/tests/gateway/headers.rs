//! Where a token may stand, what of a caller never reaches a provider, and what of a provider never a caller.

use super::{CHAT, NATIVES, bring, chat, key};
use crate::harness::{Call, TestApp};
use axum::http::HeaderMap;
use latchkey::sandbox::Behaviour;
use sqlx::PgPool;

/// Headers that tell who calls, from where, or how the connection is held. None may go on.
const CALLERS_OWN: &[(&str, &str)] = &[
    ("cookie", "session=canary"),
    ("forwarded", "for=192.0.2.60;canary"),
    ("x-forwarded-for", "192.0.2.60, canary"),
    ("x-forwarded-host", "canary.example"),
    ("x-forwarded-proto", "canary"),
    ("x-real-ip", "192.0.2.61"),
    ("true-client-ip", "192.0.2.62"),
    ("cf-connecting-ip", "192.0.2.63"),
    ("via", "1.1 canary"),
    ("proxy-authorization", "Basic canary"),
    ("x-auth-token", "canary"),
    ("ocp-apim-subscription-key", "canary"),
    ("x-goog-user-project", "canary"),
    ("connection", "x-canary-hop"),
    ("x-canary-hop", "canary"),
    ("keep-alive", "timeout=5"),
    ("te", "trailers"),
    ("trailer", "x-canary"),
    ("upgrade", "canary"),
    ("expect", "canary"),
    ("x-latchkey-session", "canary"),
    ("x-latchkey-labels", "repo=canary"),
    ("accept-encoding", "gzip, br"),
];

#[sqlx::test(migrations = false)]
async fn a_token_is_taken_wherever_an_sdk_puts_its_key_and_goes_no_further(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    let places: &[&dyn Fn(Call) -> Call] = &[
        &|call| call.bearer(&token),
        &|call| call.header("authorization", &format!("bearer {token}")),
        &|call| call.header("x-api-key", &token),
        &|call| call.header("x-goog-api-key", &token),
        &|call| call.header("api-key", &token),
        // SDKs want some key; a placeholder beside the token is no token.
        &|call| call.bearer("not-used").header("x-api-key", &token),
        &|call| call.header("x-api-key", "sk-placeholder").header("api-key", &token),
    ];
    for native in NATIVES {
        let secret = key(native.slug, Behaviour::Valid, "own");
        bring(&app, native.slug, &secret).await;
        for place in places {
            let call = native.call(&app, native.path).json((native.body)());
            assert_served(&app, place(call), &secret).await;
        }
        let mark = if native.path.contains('?') { '&' } else { '?' };
        for name in ["key", "KEY", "k%65y", "access_token"] {
            let call = native.call(&app, &format!("{}{mark}{name}={token}&stays=1", native.path));
            assert_served(&app, call.json((native.body)()), &secret).await;
            let seen = app.sandbox.calls().pop().unwrap();
            assert!(
                seen.path_and_query.ends_with(&format!("{mark}stays=1")),
                "{}",
                seen.path_and_query
            );
        }
    }
}

/// The call is served with the project's key, and nothing of the token reached the provider.
async fn assert_served(app: &TestApp, call: Call, secret: &str) {
    app.sandbox.clear_calls();
    let answer = call.send().await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    let seen = app.sandbox.calls().pop().unwrap();
    assert_eq!(seen.key, secret);
    let everything = format!("{}{:?}", seen.path_and_query, seen.headers);
    for trace in ["lk_", "not-used", "placeholder"] {
        assert!(!everything.contains(trace), "{everything}");
    }
    let carried = credentials(&seen.headers);
    assert_eq!(carried, 1, "the key stands in one place: {:?}", seen.headers);
}

fn credentials(headers: &HeaderMap) -> usize {
    let places = ["authorization", "x-api-key", "x-goog-api-key", "api-key"];
    places.iter().map(|name| headers.get_all(*name).iter().count()).sum()
}

#[sqlx::test(migrations = false)]
async fn nothing_of_the_caller_goes_on(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.allow_platform_keys().await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "openai", &key("openai", Behaviour::Valid, "own")).await;
    for (slug, with_platform_key) in [("openai", false), ("mistral", true)] {
        let mut call = app
            .call("POST", &format!("/gateway/{slug}/v1/chat/completions"))
            .bearer(&token)
            .json(chat());
        for (name, value) in CALLERS_OWN {
            call = call.header(name, value);
        }
        let call = call
            .header("openai-organization", "org-1")
            .header("openai-project", "proj_1");
        app.sandbox.clear_calls();
        let answer = call.send().await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
        let headers = app.sandbox.calls().pop().unwrap().headers;
        for (name, _) in CALLERS_OWN {
            assert!(!headers.contains_key(*name), "{name} went on");
        }
        let all = format!("{headers:?}");
        assert!(!all.contains("canary") && !all.contains("192.0.2."), "{all}");
        for chooses_account in ["openai-organization", "openai-project"] {
            assert_eq!(
                headers.contains_key(chooses_account),
                !with_platform_key,
                "{chooses_account}"
            );
        }
    }
}

#[sqlx::test(migrations = false)]
async fn an_answer_carries_what_is_the_customers_and_nothing_that_rules_latchkeys_address(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.allow_platform_keys().await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "openai", &key("openai", Behaviour::Valid, "own")).await;

    let own = app.call("POST", CHAT).bearer(&token).json(chat()).send().await;
    assert_eq!(own.header("x-latchkey-key-source"), "byok");
    assert_eq!(own.header("openai-organization"), "sandbox-org");
    assert_eq!(own.header("x-ratelimit-remaining-requests"), "99");
    assert!(own.header("x-request-id").starts_with("req_sandbox_"));

    // The same of the operator's account is the operator's business.
    let path = "/gateway/mistral/v1/chat/completions";
    let platform = app.call("POST", path).bearer(&token).json(chat()).send().await;
    assert_eq!(platform.header("x-latchkey-key-source"), "platform");
    assert_eq!(platform.header("x-latchkey-fallback-reason"), "no_key");
    for hidden in [
        "x-latchkey-key-id",
        "openai-organization",
        "x-ratelimit-remaining-requests",
    ] {
        assert_eq!(platform.header(hidden), "", "{hidden}");
    }

    let refused = app
        .call("POST", CHAT)
        .bearer("lk_api_nonsense")
        .json(chat())
        .send()
        .await;
    for answer in [&own, &platform, &refused] {
        assert_eq!(answer.header("set-cookie"), "");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("content-security-policy"), "sandbox; default-src 'none'");
        assert_eq!(answer.header("x-latchkey-request-id").len(), 36);
    }
    let ids: Vec<_> = [&own, &platform, &refused]
        .map(|answer| answer.header("x-latchkey-request-id").to_owned())
        .into();
    assert!(ids.is_sorted() && ids[0] != ids[1] && ids[1] != ids[2], "{ids:?}");
}
