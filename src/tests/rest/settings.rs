//! A project's settings.

use crate::harness::TestApp;
use serde_json::{Value, json};
use sqlx::PgPool;

const SETTINGS: &str = "/api/v1/projects/main/settings";

#[sqlx::test(migrations = false)]
async fn what_is_left_out_stays(pool: PgPool) {
    let app = TestApp::start(pool).await;
    let token = app.token(&["read:byok", "write:settings"]).await;
    let call = |method: &str| app.call(method, SETTINGS).bearer(&token).header("if-match", "*");
    let patch = |body: Value| call("PATCH").json(body).send();
    let seen = call("GET").send().await.expect(200);
    assert_eq!(
        (&seen["on_missing"], &seen["on_failure"]),
        (&json!("default"), &json!("default"))
    );
    assert_eq!(seen["policy"], json!({ "on_missing": "fail", "on_failure": "fail" }));
    let changed = patch(json!({ "on_missing": "platform" })).await.expect(200);
    assert_eq!(
        (&changed["on_missing"], &changed["on_failure"]),
        (&json!("platform"), &json!("default"))
    );
    let changed = patch(json!({ "opens_all_paths": true, "adds_stream_usage": false }))
        .await
        .expect(200);
    assert_eq!(
        (&changed["on_missing"], &changed["opens_all_paths"]),
        (&json!("platform"), &json!(true))
    );
    let changed = patch(json!({ "on_missing": "default" })).await.expect(200);
    assert_eq!(changed, call("GET").send().await.expect(200));
    assert_eq!(
        (&changed["on_missing"], &changed["adds_stream_usage"]),
        (&json!("default"), &json!(false))
    );
    patch(json!({ "on_missing": "never" }))
        .await
        .problem(400, "invalid_input");
}
