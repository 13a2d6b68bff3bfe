//! A token that was rotated out stops at its time, at the gateway too, where tokens are remembered.

use super::{make, owner, project, rotate, text};
use crate::harness::{Instance, TestApp};
use latchkey::domain::Overlap;
use latchkey::sandbox::{Behaviour, Sandbox};
use serde_json::json;
use sqlx::PgPool;
use std::time::Duration;
use tokio::time::Instant;

const CHAT: &str = "/gateway/openai/v1/chat/completions";
/// The aim is 250 ms; a busy machine may take longer.
const BOUND: Duration = Duration::from_secs(1);

async fn calls(instance: &Instance, token: &str) -> u16 {
    let body = json!({ "model": "some-model", "messages": [] });
    let answer = instance.call("POST", CHAT).bearer(token).json(body).send().await;
    answer.status.as_u16()
}

async fn with_a_key(pool: PgPool) -> TestApp {
    let app = TestApp::start(pool).await;
    let admin = app.token(&["*"]).await;
    app.call("PUT", "/api/v1/projects/main/byok-keys/openai")
        .bearer(&admin)
        .json(json!({ "api_key": Sandbox::key("openai", Behaviour::Valid) }))
        .send()
        .await
        .expect(200);
    app
}

#[sqlx::test(migrations = false)]
async fn at_the_end_of_the_overlap_without_any_change(pool: PgPool) {
    let app = with_a_key(pool).await;
    let other = app.second_instance().await;
    let old = make(&app, &["use:gateway"], 90).await;
    assert_eq!(calls(&other, text(&old)).await, 200);
    let rotated = rotate(&app, old.token.id, Overlap::Hour).await.unwrap();
    let new = text(&rotated.minted);
    eventually(async || calls(&other, text(&old)).await == 200 && calls(&other, new).await == 200).await;
    // Long enough for the other server to have heard of the end: an hour passes in no time here.
    tokio::time::sleep(Duration::from_millis(500)).await;
    app.pass(Duration::from_mins(59));
    assert_eq!((calls(&other, text(&old)).await, calls(&other, new).await), (200, 200));
    app.pass(Duration::from_mins(1));
    assert_eq!((calls(&other, text(&old)).await, calls(&other, new).await), (401, 200));
}

#[sqlx::test(migrations = false)]
async fn at_once_when_it_is_revoked(pool: PgPool) {
    let app = with_a_key(pool).await;
    let other = app.second_instance().await;
    for overlap in [Overlap::Now, Overlap::Week] {
        let old = make(&app, &["use:gateway"], 0).await;
        assert_eq!(calls(&other, text(&old)).await, 200);
        let rotated = rotate(&app, old.token.id, overlap).await.unwrap();
        if overlap != Overlap::Now {
            assert_eq!(calls(&other, text(&old)).await, 200);
            let ended = app
                .services
                .tokens
                .end_overlap(owner(&app), Some(&project(&app)), old.token.id)
                .await;
            assert!(ended.unwrap().revoked_at.is_some());
        }
        let begun = Instant::now();
        eventually(async || calls(&other, text(&old)).await == 401).await;
        assert!(begun.elapsed() < BOUND, "{:?}", begun.elapsed());
        assert_eq!(calls(&other, text(&rotated.minted)).await, 200);
    }
}

async fn eventually(mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < Duration::from_secs(10), "it never came about");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
