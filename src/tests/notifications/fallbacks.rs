//! That the platform key took over is told once an episode.

use super::{titles, told};
use crate::harness::TestApp;
use crate::jobs::{bring, until};
use latchkey::domain::NotificationKind;
use latchkey::sandbox::{Behaviour, Sandbox};
use serde_json::json;
use sqlx::PgPool;
use std::time::Duration;

const TITLE: &str = "Calls of Main to OpenAI use the platform key";

async fn call(app: &TestApp, token: &str) {
    let body = json!({ "model": "gpt-4o-mini", "messages": [{ "role": "user", "content": "Hello" }] });
    let call = app.call("POST", "/gateway/openai/v1/chat/completions").bearer(token);
    let answer = call.json(body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.headers["x-latchkey-key-source"], "platform");
}

#[sqlx::test(migrations = false)]
async fn the_platform_key_that_took_over_is_told_once(pool: PgPool) {
    let app = TestApp::start(pool).await;
    app.allow_platform_keys().await;
    let token = app.project_token(&["use:gateway"]).await;
    // Without a key of the project's own it was meant so.
    call(&app, &token).await;
    bring(&app, "openai", Behaviour::Valid).await;
    app.sandbox.revoke(&Sandbox::key("openai", Behaviour::Valid));
    for _ in 0..3 {
        call(&app, &token).await;
    }
    until(|| titles(&app), |titles| titles.iter().any(|title| title == TITLE)).await;
    let attention = app.services.overview.attention(&app.own.owner).await.unwrap();
    assert!(attention.iter().any(|one| one.title == TITLE), "{attention:?}");
    let count = || async {
        let all = told(&app, &app.own.owner).await;
        let fell_back = all
            .into_iter()
            .filter(|told| told.notification.kind == NotificationKind::KeyFellBack);
        fell_back.map(|told| told.notification.items).sum::<i64>()
    };
    assert_eq!(count().await, 1);
    // It lasts: every few minutes a call falls back, and nobody is told again.
    for _ in 0..3 {
        app.pass(Duration::from_mins(20));
        call(&app, &token).await;
    }
    // After a quiet time it is news.
    app.pass(Duration::from_mins(61));
    call(&app, &token).await;
    until(count, |count| *count == 2).await;
}
