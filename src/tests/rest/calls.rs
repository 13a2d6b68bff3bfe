//! Calls over REST.

use super::openai_key;
use crate::harness::{Answer, TestApp};
use latchkey::sandbox::Behaviour;
use serde_json::{Value, json};
use sqlx::PgPool;
use std::time::Duration;

const CALLS: &str = "/api/v1/projects/main/calls";

/// A deployment in which some models were called, and a token that may do everything.
async fn called(pool: PgPool, times: u32) -> (TestApp, String) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["*"]).await;
    super::put_openai(&app, &token, &openai_key(Behaviour::Valid))
        .await
        .expect(200);
    for number in 0..times {
        let call = app.call("POST", "/gateway/openai/v1/chat/completions").bearer(&token);
        let answer = call
            .header("x-latchkey-project", "main")
            .header("x-latchkey-labels", &format!("number={number}"))
            .json(json!({ "model": "gpt-4o-mini", "messages": [{ "role": "user", "content": "Name one colour." }] }))
            .send()
            .await;
        assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    }
    app.services.ledger.flush_and_stop(Duration::from_secs(30)).await;
    (app, token)
}

async fn get(app: &TestApp, token: &str, path: &str) -> Answer {
    app.call("GET", path).bearer(token).send().await
}

#[sqlx::test(migrations = false)]
async fn calls_are_listed_newest_first_and_filtered(pool: PgPool) {
    let (app, token) = called(pool, 5).await;
    let list = get(&app, &token, CALLS).await;
    assert!(!list.text().contains("colour"), "no prompt and no answer is kept");
    let list = list.expect(200);
    let calls = list["calls"].as_array().unwrap();
    let labels: Vec<_> = calls
        .iter()
        .map(|call| call["labels"]["number"].as_str().unwrap())
        .collect();
    assert_eq!(labels, ["4", "3", "2", "1", "0"]);
    assert_eq!(calls[0]["key_source"], "byok");
    assert_eq!(calls[0]["tokens"]["input"], 3);
    let one = format!("{CALLS}/{}", calls[2]["id"].as_str().unwrap());
    assert_eq!(get(&app, &token, &one).await.expect(200), calls[2]);
    get(&app, &token, &format!("{CALLS}/no-id"))
        .await
        .problem(404, "not_found");

    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = get(&app, &token, &format!("{CALLS}?limit=2{cursor}")).await.expect(200);
        paged.extend(page["calls"].as_array().unwrap().clone());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(&paged, calls);

    let found = |query: &'static str| {
        let (app, token) = (&app, &token);
        async move {
            let list = get(app, token, &format!("{CALLS}?{query}")).await.expect(200);
            list["calls"].as_array().unwrap().len()
        }
    };
    for (query, count) in [
        ("provider=openai&model=gpt-4o-mini&source=byok&status=ok", 5),
        ("status=200", 5),
        ("status=failed", 0),
        ("source=platform", 0),
        ("label=number%3D3", 1),
        ("from=2020-01-01T00:00:00Z&to=2021-01-01T00:00:00Z", 0),
    ] {
        assert_eq!(found(query).await, count, "{query}");
    }
    for (query, field) in [
        ("label=number", "label"),
        ("from=yesterday", "from"),
        ("status=good", "status"),
        ("source=mine", "source"),
        ("token=mine", "token"),
    ] {
        let refused = get(&app, &token, &format!("{CALLS}?{query}")).await;
        refused.problem(400, "invalid_input");
        assert_eq!(refused.wrong_fields(), [field], "{query}");
    }
}

#[sqlx::test(migrations = false)]
async fn calls_are_exported(pool: PgPool) {
    let (app, token) = called(pool, 3).await;
    let file = get(&app, &token, "/api/v1/projects/main/calls.csv?label=number%3D1").await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        file.header("content-disposition"),
        "attachment; filename=\"main-activity.csv\""
    );
    let text = file.text();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with("request_id,time,provider,"));
    assert!(lines[1].ends_with(",number=1"), "{}", lines[1]);
    let all: Value = get(&app, &token, CALLS).await.expect(200);
    assert_eq!(all["calls"].as_array().unwrap().len(), 3);
    get(&app, &token, "/api/v1/projects/main/calls.csv?limit=1")
        .await
        .problem(400, "invalid_input");
}
