//! The panic switch: from its next call on nothing passes that a lock covers, on any server, with any key.

use super::{CHAT, NATIVES, SAID, assert_refused, bring, bring_to, chat, key, project, report};
use crate::harness::{Answer, Call, Instance, Socket, TestApp};
use latchkey::domain::{CallLock, ProjectId};
use latchkey::sandbox::Behaviour;
use latchkey::service::locks::NewLock;
use latchkey::service::projects::{Project, ProjectRef};
use serde_json::{Value, json};
use sqlx::PgPool;
use std::time::Duration;
use tokio::time::Instant;

const MISTRAL: &str = "/gateway/mistral/v1/chat/completions";
/// "On every instance within a second."
const BOUND: Duration = Duration::from_secs(1);

async fn lock(app: &TestApp, project: Option<ProjectId>, provider: Option<&str>) -> CallLock {
    let new = NewLock {
        project: project.map(ProjectRef::Id),
        provider: provider.map(str::to_owned),
        reason: "found in a log".to_owned(),
        locked_by_name: "owner".to_owned(),
    };
    app.services.locks.lock(&app.own.owner, new).await.unwrap()
}

async fn unlock(app: &TestApp, lock: &CallLock) {
    let unlocked = app.services.locks.unlock(&app.own.owner, lock.id, "replaced").await;
    unlocked.unwrap();
}

/// A call of a model in a project with a token of the whole organization.
async fn call(app: &TestApp, token: &str, project: &Project, path: &str) -> Answer {
    let call = app.call("POST", path).bearer(token);
    let call = call.header("x-latchkey-project", project.slug.as_str());
    call.json(chat()).send().await
}

/// Asserts a refusal for which nothing was sent to any provider.
async fn assert_locked(app: &TestApp, call: Call) -> Answer {
    app.sandbox.clear_calls();
    let answer = call.send().await;
    assert_refused(&answer, 423, "locked");
    assert!(app.sandbox.calls().is_empty(), "{:?}", app.sandbox.calls());
    answer
}

#[sqlx::test(migrations = false)]
async fn a_lock_covers_what_it_says_and_nothing_else(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.allow_platform_keys().await;
    let other = project(&app, "Other").await;
    let main = &app.own.project;
    let token = app.token(&["use:gateway"]).await;
    // OpenAI is called with keys of their own, Mistral with the platform's.
    bring(&app, "openai", &key("openai", Behaviour::Valid, "main")).await;
    bring_to(&app, &other, "openai", &key("openai", Behaviour::Valid, "other")).await;
    // What is called: project and path, in this order below.
    let calls = [(main, CHAT), (main, MISTRAL), (&other, CHAT), (&other, MISTRAL)];
    let statuses = async || {
        let mut statuses = Vec::new();
        for (project, path) in calls {
            statuses.push(call(&app, &token, project, path).await.status.as_u16());
        }
        statuses
    };
    assert_eq!(statuses().await, [200; 4]);
    for (project, provider, covered) in [
        (Some(main.id), Some("openai"), [423, 200, 200, 200]),
        (Some(main.id), None, [423, 423, 200, 200]),
        (None, Some("openai"), [423, 200, 423, 200]),
        (None, None, [423, 423, 423, 423]),
    ] {
        let made = lock(&app, project, provider).await;
        assert_eq!(
            statuses().await,
            covered,
            "the very next calls: {project:?} {provider:?}"
        );
        unlock(&app, &made).await;
        assert_eq!(statuses().await, [200; 4], "and again: {project:?} {provider:?}");
    }
    // Two locks: both have to go.
    let (all, one) = (
        lock(&app, None, None).await,
        lock(&app, Some(main.id), Some("openai")).await,
    );
    unlock(&app, &all).await;
    assert_eq!(statuses().await, [423, 200, 200, 200]);
    unlock(&app, &one).await;
    assert_eq!(statuses().await, [200; 4]);
    // Another organization's calls are its own.
    let _locked = lock(&app, None, None).await;
    let stranger = app.foreign_token().await;
    let theirs = call(&app, &stranger, &app.foreign.project, CHAT).await;
    assert_eq!(theirs.header("x-latchkey-error"), "no_key", "{}", theirs.text());
}

#[sqlx::test(migrations = false)]
async fn a_locked_call_is_refused_in_its_providers_own_shape(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.allow_platform_keys().await;
    let token = app.project_token(&["use:gateway"]).await;
    let _locked = lock(&app, Some(app.own.project.id), None).await;
    for native in NATIVES {
        let call = native.call(&app, native.path).bearer(&token).json((native.body)());
        let body = assert_locked(&app, call).await.expect(423);
        let message = match native.slug {
            "cohere" | "mistral" => &body["message"],
            "xai" => &body["error"],
            _ => &body["error"]["message"],
        };
        let message = message.as_str().unwrap();
        for words in ["locked", "found in a log", "/projects/main/"] {
            assert!(message.contains(words), "{}: {message}", native.slug);
        }
    }
    let mut body = chat();
    body["model"] = json!("openai/gpt-4o-mini");
    let named = app.call("POST", "/v1/chat/completions").bearer(&token).json(body);
    assert_locked(&app, named).await;
}

/// Neither a key that the call names nor the platform key gets past it.
#[sqlx::test(migrations = false)]
async fn no_key_gets_past_a_lock(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.allow_platform_keys().await;
    let token = app.project_token(&["use:gateway"]).await;
    let id = bring(&app, "openai", &key("openai", Behaviour::Valid, "own")).await;
    let _locked = lock(&app, None, Some("openai")).await;
    let named = app.call("POST", CHAT).bearer(&token).json(chat());
    assert_locked(&app, named.header("x-latchkey-key", &id.to_string())).await;
    assert_locked(&app, app.call("POST", CHAT).bearer(&token).json(chat())).await;
    // Without a key of its own, where the platform key would serve.
    app.services
        .keys
        .delete(
            &app.own.owner,
            &ProjectRef::Id(app.own.project.id),
            &latchkey::service::keys::KeySelector::Id(id),
        )
        .await
        .unwrap();
    assert_locked(&app, app.call("POST", CHAT).bearer(&token).json(chat())).await;
}

#[sqlx::test(migrations = false)]
async fn a_lock_is_in_force_on_every_server_within_a_second(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "openai", &key("openai", Behaviour::Valid, "own")).await;
    let second = app.second_instance().await;
    let status = async |server: &Instance| {
        let call = server.call("POST", CHAT).bearer(&token);
        call.json(chat()).send().await.status.as_u16()
    };
    super::eventually(async || (status(&second).await == 200).then_some(())).await;
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        let made = lock(&app, None, Some("openai")).await;
        slowest = slowest.max(until(async || status(&second).await == 423).await);
        unlock(&app, &made).await;
        slowest = slowest.max(until(async || status(&second).await == 200).await);
    }
    report(&format!(
        "a lock, or its end, was in force on another server after at most {slowest:?}"
    ));
}

/// How long it took until it was so.
async fn until(is_so: impl AsyncFn() -> bool) -> Duration {
    let begun = Instant::now();
    loop {
        if is_so().await {
            return begun.elapsed();
        }
        assert!(begun.elapsed() < BOUND, "it is not in force after {BOUND:?}");
        // A refusal needs nobody else: the server's own tasks get their turn here.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[sqlx::test(migrations = false)]
async fn a_call_under_way_ends_as_it_began(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.project_token(&["use:gateway"]).await;
    bring(&app, "openai", &key("openai", Behaviour::Valid, "own")).await;
    let server = app.listen().await;
    let mut socket = Socket::connect(server.address).await;
    let mut body = chat();
    body["stream"] = json!(true);
    socket.post(CHAT, &token, &body).await;
    assert_eq!(socket.head().await.unwrap().status, 200);
    let _locked = lock(&app, None, None).await;
    assert_locked(&app, app.call("POST", CHAT).bearer(&token).json(chat())).await;
    let rest = socket.rest().await.expect("the stream was broken off");
    let chunks = rest.split("\n\n").filter_map(|event| event.strip_prefix("data: "));
    let words = chunks.clone().filter_map(|chunk| {
        let chunk: Value = serde_json::from_str(chunk).ok()?;
        Some(chunk["choices"][0]["delta"]["content"].as_str()?.to_owned())
    });
    assert_eq!(words.collect::<String>(), SAID);
    assert_eq!(chunks.last(), Some("[DONE]"));
}
