//! The audit trail over REST.

use super::{fields, openai_key, put_openai};
use crate::harness::TestApp;
use latchkey::sandbox::Behaviour;
use serde_json::Value;
use sqlx::PgPool;

const EVENTS: &str = "/api/v1/audit-events";

#[sqlx::test(migrations = false)]
async fn what_happened_is_told_newest_first(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let (admin, auditor) = (app.token(&["*"]).await, app.token(&["read:audit"]).await);
    let secret = openai_key(Behaviour::Valid);
    put_openai(&app, &admin, &secret).await.expect(200);
    put_openai(&app, &admin, &format!("{secret}-new")).await.expect(200);
    let get = |query: String| {
        let call = app.call("GET", &format!("{EVENTS}?{query}")).bearer(&auditor);
        async move { call.send().await }
    };
    let list = get(String::new()).await;
    assert!(!list.text().contains(&secret));
    let events = list.expect(200)["events"].as_array().unwrap().clone();
    let known = [
        "actor_id",
        "actor_kind",
        "client_address",
        "details",
        "event",
        "id",
        "occurred_at",
        "request_id",
        "sequence",
        "target_id",
        "target_kind",
    ];
    assert_eq!(fields(&events[0]), known);
    assert_eq!(
        (&events[0]["event"], &events[1]["event"]),
        (&"key.replaced".into(), &"key.added".into())
    );
    let sequences: Vec<_> = events.iter().map(|event| event["sequence"].as_i64().unwrap()).collect();
    let highest = i64::try_from(sequences.len()).unwrap();
    assert_eq!(sequences, (1..=highest).rev().collect::<Vec<_>>());

    let about = |value: &Value| value.as_str().unwrap().to_owned();
    let count = |list: Value| list["events"].as_array().unwrap().len();
    assert_eq!(count(get("event=key.added".to_owned()).await.expect(200)), 1);
    let of_key = get(format!("target={}", about(&events[0]["target_id"])))
        .await
        .expect(200);
    assert_eq!(count(of_key), 2);
    let by_token = get(format!("actor={}", about(&events[0]["actor_id"])))
        .await
        .expect(200);
    assert_eq!(count(by_token), 2);
    assert_eq!(count(get("to=2020-01-01T00:00:00Z".to_owned()).await.expect(200)), 0);
    assert_eq!(
        count(get("from=2020-01-01T00:00:00Z".to_owned()).await.expect(200)),
        events.len()
    );
    get("actor=me".to_owned()).await.problem(400, "invalid_input");

    let reader = app.token(&["read:byok", "read:usage"]).await;
    app.call("GET", EVENTS)
        .bearer(&reader)
        .send()
        .await
        .problem(403, "insufficient_scope");
    // The trail is the whole organization's.
    let of_project = app.project_token(&["read:audit"]).await;
    app.call("GET", EVENTS)
        .bearer(&of_project)
        .send()
        .await
        .problem(403, "insufficient_scope");
    let foreign = app.foreign_token().await;
    let theirs = app.call("GET", EVENTS).bearer(&foreign).send().await.expect(200);
    assert!(!theirs.to_string().contains("key.replaced"));
}
